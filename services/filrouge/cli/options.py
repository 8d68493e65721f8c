"""What several commands share."""

from __future__ import annotations

from enum import StrEnum

from filrouge.report.grafana import Grafana
from filrouge.settings import Settings


class OutputFormat(StrEnum):
    """How a command answers."""

    TEXT = "text"
    JSON = "json"


def grafana(settings: Settings) -> Grafana | None:
    """The configured Grafana; None when there is none."""
    url = settings.grafana_url
    return Grafana(url, settings.grafana_tempo_uid) if url else None
