"""The command line."""

from filrouge.cli.main import main

__all__ = ["main"]
