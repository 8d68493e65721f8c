"""What monitoring answers over HTTP."""
