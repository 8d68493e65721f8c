"""What grafana/provisioning gives Grafana."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parents[2] / "grafana" / "provisioning"


def data_sources() -> dict[str, dict[str, Any]]:
    """The data sources by uid, as their file has them: a dollar sign of Grafana's own is `$$`."""
    read = yaml.safe_load((FOLDER / "datasources" / "filrouge.yaml").read_text())
    return {each["uid"]: each for each in read["datasources"]}
