"""Makes the records that ingestion runs leave behind, as many as wanted and always the same.

`simulate(config)` is a pure function from a `Config` (with its seed) to a stream of finished
records, in the order in which producers would have written them.
"""

from filrouge_sim.config import Config
from filrouge_sim.delivery import Delivery
from filrouge_sim.simulation import simulate

__all__ = ["Config", "Delivery", "simulate"]
