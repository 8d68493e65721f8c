"""Monitoring: the registry of runs, whole runs when they close, and what sources are to bring."""
