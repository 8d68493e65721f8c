"""Writes prometheus/rules/ from alerts/, slo/ and limits.yaml there: `make rules`.

    python -m scripts.rules                        after a change
    python -m scripts.rules --speed 60 --out DIR   the same with all windows 60 times as short

The second is for tests and trials with `filrouge-sim --speed 60`: FILROUGE_RULES=DIR tells the
native stack to read that folder instead.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml

from filrouge.settings import Settings
from filrouge.stack.built import built

HOME: Final = Path(__file__).parents[1] / "prometheus"
RULES: Final = HOME / "rules"

_NAME: Final = re.compile(r"<([a-z_]+)>")
_DURATION: Final = r"(?:\d+(?:ms|[smhdwy]))+"
_WINDOWS: Final = re.compile(
    rf"(?P<before>\[|:(?=\d)|\boffset |^\s*(?:for|keep_firing_for|group_wait|\w*interval): )"
    rf"(?P<duration>{_DURATION})(?P<after>\]|(?=:\d)|\b)",
    re.MULTILINE,
)
_UNITS_MS: Final = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_SHORTEST_MS: Final = {"interval": 1000, "for": 20_000}
"""More evaluations would be much work for a test. One scrape that fails, 15 s, is no outage yet."""
_PLUGINS: Final = (
    {"id": "sloth.dev/core/sli_rules/v1", "config": {"disableOptimized": True}},
    {"id": "sloth.dev/contrib/rule_intervals/v1", "config": {"interval": {"default": "1m"}}},
)
"""Of Sloth. prometheus/slo/README.md says why."""
_NOTE: Final = "# Generated from ../{} by `make rules`; edit that and ../limits.yaml.\n"


def limits() -> dict[str, Any]:
    """Every limit of alerts and objectives by name, as prometheus/limits.yaml has them."""
    found: dict[str, Any] = yaml.safe_load((HOME / "limits.yaml").read_text())
    return found


def rendered() -> dict[str, str]:
    """All rule files by name, as they have to be.

    Raises:
        KeyError: a source names a limit that there is not.
        UsageError: Sloth is not built.
        CalledProcessError: Sloth refuses the objectives; it has said why.
    """
    values = limits() | _links(limits()["grafana"])
    files = {
        source.name: _NOTE.format(f"alerts/{source.name}") + fill(source.read_text(), values)
        for source in sorted((HOME / "alerts").glob("*.yaml"))
    }
    for source in sorted((HOME / "slo").glob("*.yaml")):
        generated = _sloth(fill(source.read_text(), values))
        files[f"objective-{source.name}"] = _NOTE.format(f"slo/{source.name}") + generated
    return files


def fill(text: str, values: Mapping[str, object]) -> str:
    """The text with each `<name>` replaced by its value.

    Raises:
        KeyError: there is no such value.
    """
    return _NAME.sub(lambda found: str(values[found[1]]), text)


def write(folder: Path, speed: float = 1) -> None:
    """Writes the rules into a folder, all windows, holds and intervals divided by `speed`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rendered().items():
        (folder / name).write_text(text if speed == 1 else quickened(text, speed))


def quickened(text: str, speed: float) -> str:
    """Rules, or a configuration of Alertmanager, in which all takes `speed` times as short.

    Windows, subqueries, offsets, `for` and intervals, but no interval below a second and no `for`
    below 20 s. Limits that are compared with a value stay, for the value is of the records' own
    time.
    """

    def shorter(found: re.Match[str]) -> str:
        before, after = found["before"], found["after"]
        least_ms = next((ms for kind, ms in _SHORTEST_MS.items() if f"{kind}:" in before), 1)
        short_ms = max(least_ms, round(_milliseconds(found["duration"]) / speed))
        return f"{before}{short_ms}ms{after}"

    return _WINDOWS.sub(shorter, text)


def _milliseconds(duration: str) -> int:
    parts = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    return sum(int(number) * _UNITS_MS[unit] for number, unit in parts)


def _links(grafana: str) -> dict[str, str]:
    """What stands before and behind a TraceQL query that Grafana's Explore is to open with."""
    uid = Settings.model_fields["grafana_tempo_uid"].default
    before = (
        f'{{"a":{{"datasource":"{uid}","queries":[{{"refId":"A","queryType":"traceql",'
        f'"datasource":{{"type":"tempo","uid":"{uid}"}},"query":"'
    )
    behind = '"}],"range":{"from":"now-6h","to":"now"}}}'
    return {
        "traces": f"{grafana}/explore?schemaVersion=1&orgId=1&panes={quote(before)}",
        "traces_end": quote(behind),
    }


def _sloth(specification: str) -> str:
    """The rules that Sloth makes of an objective."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "objective.yaml"), Path(folder, "rules.yaml")
        given.write_text(specification)
        command = [
            str(built().executable("sloth")),
            "generate",
            f"--slo-period-windows-path={HOME / 'slo' / 'windows'}",
            *(f"--slo-plugins={json.dumps(plugin)}" for plugin in _PLUGINS),
            f"--input={given}",
            f"--out={made}",
            "--no-log",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
        return made.read_text()


def _main() -> None:
    parser = argparse.ArgumentParser(description="Write the rules of Prometheus.")
    parser.add_argument("--out", type=Path, default=RULES, metavar="DIR")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast")
    given = parser.parse_args()
    write(given.out, given.speed)


if __name__ == "__main__":
    _main()
