"""The native stack: the real backends as processes on loopback, without containers."""
