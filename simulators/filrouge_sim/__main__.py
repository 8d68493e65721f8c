"""`python -m filrouge_sim`."""

from filrouge_sim.cli import main

main()
