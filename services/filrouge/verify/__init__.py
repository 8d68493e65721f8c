"""Is every record in every place exactly once? Counted and compared, run by run."""
