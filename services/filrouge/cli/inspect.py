"""`filrouge inspect`: from names straight to ids, without asking any server."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from filrouge.backends.traceql import hops_of
from filrouge.cli.options import OutputFormat, grafana
from filrouge.errors import UsageError
from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from filrouge.settings import load_settings
from filrouge.telemetry import names

_NEEDS = {
    "source": "zone",
    "object_id": "source",
    "object_name": "object_id",
    "started": "object_name",
}
"""Which name makes no sense without which other."""


def inspect(  # noqa: PLR0913 - an argument each for what the command line takes
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="The run, such as No_Sequence.")],
    company: Annotated[str, typer.Option(help="The company whose run it is.")],
    attempt: Annotated[int, typer.Option(min=1, help="Which try of the whole run.")] = 1,
    zone: Annotated[str | None, typer.Option(help="Also the stage's span, such as 1-Raw.")] = None,
    source: Annotated[str | None, typer.Option(help="Also the source's span.")] = None,
    object_id: Annotated[str | None, typer.Option(help="Also a task's span: its object.")] = None,
    object_name: Annotated[str | None, typer.Option(help="… and the object's name")] = None,
    started: Annotated[
        str | None, typer.Option(help="… and its start, just as the record writes it.")
    ] = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="For people or programs.")] = (
        OutputFormat.TEXT
    ),
) -> None:
    """Work out trace and span ids from the names of a run, source and object.

    Ids are a function of names, so this asks no server and needs no data. Without an object's
    start its span id cannot be known (the same object run again is another span); the query
    finds it. The query for hops finds how the run's records came through the services: ask it at
    the time when they came.
    """
    given = {
        "zone": zone,
        "source": source,
        "object_id": object_id,
        "object_name": object_name,
        "started": started,
    }
    _check(given)
    found = _ids(RunKey(company, run_id, attempt), given)
    link = grafana(load_settings())
    if link:
        found["grafana"] = link.explore_trace(found["trace_id"])
    if output is OutputFormat.JSON:
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(found)


def _check(given: dict[str, str | None]) -> None:
    for name, needed in _NEEDS.items():
        if given[name] is not None and given[needed] is None:
            raise UsageError(f"--{_option(name)} needs --{_option(needed)} too")


def _ids(key: RunKey, given: dict[str, str | None]) -> dict[str, str]:
    ids = RunIds(key)
    zone, source, object_id = given["zone"], given["source"], given["object_id"]
    object_name, started = given["object_name"], given["started"]
    found = {"trace_id": ids.trace_id, "run_span_id": ids.run()}
    if zone is not None:
        found["stage_span_id"] = ids.stage(zone)
    if zone is not None and source is not None:
        found["source_span_id"] = ids.source(zone, source)
        if object_id is not None and object_name is not None and started is not None:
            found["task_span_id"] = ids.tasks(zone, source).task(object_id, object_name, started)
    found["traceql"] = _traceql(key, given)
    found["traceql_hops"] = hops_of(ids.trace_id)
    return found


def _traceql(key: RunKey, given: dict[str, str | None]) -> str:
    """The query that finds the same in Tempo by names."""
    wanted = {
        names.COMPANY.key: key.company,
        names.RUN_ID.key: key.run_id,
        names.ZONE.key: given["zone"],
        names.SOURCE.key: given["source"],
        names.OBJECT_ID.key: given["object_id"],
        names.OBJECT_NAME.key: given["object_name"],
    }
    conditions = [
        f"span.{name} = {orjson.dumps(value).decode()}" for name, value in wanted.items() if value
    ]
    return "{ " + " && ".join(conditions) + " }"


def _show(found: dict[str, str]) -> None:
    width = max(map(len, found)) + 2
    for name, value in found.items():
        typer.echo(f"{name.replace('_', ' '):<{width}}{value}")


def _option(name: str) -> str:
    return name.replace("_", "-")
