"""From files to lines: whatever is compressed, framed as NDJSON or an array, or broken."""
