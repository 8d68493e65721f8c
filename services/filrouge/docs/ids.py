"""The rule for ids, as the module that follows it words it, with an example worked out."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from filrouge.docs.markdown import code, paragraphs, table
from filrouge.records.record import RunKey
from filrouge.runs import ids
from filrouge.runs.ids import RunIds

_KEY: Final = RunKey("akonovia", "2025-09-05-16-45", 1)
_ZONE, _SOURCE = "1-Raw", "zohoprojects"
_OBJECT: Final = ("607", "bugs", "05-09-2025 16:47:45.991557")


def ids_section() -> str:
    """The section as Markdown."""
    _, rule = (ids.__doc__ or "").split("\n\n", 1)
    object_id, object_name, started = _OBJECT
    return paragraphs(
        "## Ids",
        "Whoever has the names of a run has the ids of its trace and spans, without a search.",
        rule,
        f"For example attempt {_KEY.attempt} of run `{_KEY.run_id}` of `{_KEY.company}`, and in it "
        f"zone `{_ZONE}`, source `{_SOURCE}`, object `{object_id}` named `{object_name}`, begun "
        f"`{started}`:",
        table(["step", "value"], [*_steps(), *_ids()]),
        f"The same from the command line: `filrouge inspect {_KEY.run_id} --company "
        f"{_KEY.company} --zone {_ZONE} --source {_SOURCE} --object-id {object_id} --object-name "
        f'{object_name} --started "{started}"`.',
    )


def _steps() -> list[list[str]]:
    parts = (ids.VERSION, _KEY.company, _KEY.run_id, str(_KEY.attempt))
    hashed = {part: sha256(part.encode()).hexdigest() for part in parts}
    joined = sha256("".join(hashed.values()).encode()).hexdigest()
    steps = [[code(f'hex("{part}")'), code(digest)] for part, digest in hashed.items()]
    return [*steps, ["SHA-256 of these four, joined", code(joined)]]


def _ids() -> list[list[str]]:
    of_run = RunIds(_KEY)
    part_trace_id, part_span_id = of_run.part(_ZONE, _SOURCE, 0)
    found = {
        "its first 16 bytes: the trace id": of_run.trace_id,
        "span id of the run": of_run.run(),
        "… of the stage": of_run.stage(_ZONE),
        "… of the source": of_run.source(_ZONE, _SOURCE),
        "… of the task": of_run.tasks(_ZONE, _SOURCE).task(*_OBJECT),
        "trace id of the source's part 0": part_trace_id,
        "span id of that part": part_span_id,
    }
    return [[name, code(value)] for name, value in found.items()]
