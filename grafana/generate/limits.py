"""The limits of the alerts, which are those of the panels: prometheus/limits.yaml is their home."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

_FILE: Final = Path(__file__).parents[2] / "prometheus" / "limits.yaml"
_LIMITS: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text())

FAILURE_RATIO: Final = float(_LIMITS["failure_ratio"])
SLOW_FACTOR: Final = float(_LIMITS["slow_factor"])
HEAVY_MEMORY_BYTES: Final = float(_LIMITS["heavy_memory_bytes"])
HEAVY_CPU_S: Final = float(_LIMITS["heavy_cpu_seconds"])
TASK_DURATION_S: Final = float(_LIMITS["task_duration_seconds"])
BURST_FAILURES: Final = float(_LIMITS["burst_failures"])
LAG_MESSAGES: Final = float(_LIMITS["lag_messages"])
QUEUE_RATIO: Final = float(_LIMITS["queue_ratio"])
