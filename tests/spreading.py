"""Which tests go to one worker when several work at once (`pytest -n 3`), and in what order."""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_SESSION: Final = "the session's stack"
_SHARED: Final = {
    "tests/processing/": "processing",
    "tests/faults/test_services.py": "faults of services",  # with a stack of its own
    "tests/alerts/": "alerts",
    "tests/faults/": "faults",
    "tests/collector/": "collector",
    "tests/end_to_end/test_services.py": "end to end",
    "tests/end_to_end/": _SESSION,
    "tests/ingestion/test_everywhere.py": _SESSION,
    "tests/kafka/": _SESSION,
    "tests/prometheus/test_live.py": _SESSION,
    "tests/stack/test_full_stack.py": _SESSION,
    "tests/backends/": "backends",
    "tests/grafana/test_new_source.py": "grafana",
    "tests/grafana/test_numbers.py": "grafana",
    "tests/grafana/test_queries.py": "grafana",
    "tests/ingestion/test_kafka.py": "ingestion",
    "tests/monitoring/test_service.py": "monitoring",
}
"""Where files share a stack, so that one worker is to run them all; the longest first.

A file that is not named goes to one worker, whole.
"""


class StackScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker a whole file, or all the files that share a stack: each stack starts once."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # they have their order

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for start, name in _SHARED.items() if file.startswith(start)), file)


def order(item: pytest.Item) -> int:
    """What takes longest comes first: else all would wait for it at the end."""
    starts = (at for at, start in enumerate(_SHARED) if item.nodeid.startswith(start))
    waits = any(item.get_closest_marker(name) for name in ("stack", "slow", "browser"))
    return next(starts, len(_SHARED) if waits else len(_SHARED) + 1)
