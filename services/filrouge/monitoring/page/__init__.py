"""The page for people: all runs live, and one run as it grows."""
