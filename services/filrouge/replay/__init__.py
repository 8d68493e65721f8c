"""The embedded way: records in, telemetry out, in one process without a server."""
