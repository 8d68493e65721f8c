"""The registry: what was read, kept in a database. What it means is decided elsewhere."""
