"""A run in the terminal, for people."""

from filrouge.report.terminal.render import render_run, render_run_line, render_totals

__all__ = ["render_run", "render_run_line", "render_totals"]
