"""`python -m filrouge_sim`."""

from filrouge_sim.cli import app

app(prog_name="python -m filrouge_sim")
