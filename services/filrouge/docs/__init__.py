"""The pages in `docs/` that are written from the code, so that they cannot be wrong about it."""
