"""How a service is seen itself: its traces, metrics and logs, under its own name."""

from filrouge.observability.observe import Observed, observe

__all__ = ["Observed", "observe"]
