"""`report.html`: one file without network that a person attaches to an incident."""

from filrouge.report.html.report import Limits, Report

__all__ = ["Limits", "Report"]
