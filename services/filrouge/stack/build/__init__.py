"""Building the backends natively, from pinned versions, into a cache of the user."""
