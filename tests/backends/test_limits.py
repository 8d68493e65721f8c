"""The largest that Filrouge sends is taken whole by every backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from filrouge.records.record import RunKey
from filrouge.runs.ids import RunIds
from tests.backends.asking import Backends, eventually
from tests.backends.sending import AT_NOON, DAY, NOON, record, replay, simulated, written

TEXT_CHARACTERS = 4096
LINE_BYTES = 1_048_576
NAME_CHARACTERS = 512
MANY_TASKS = 8000


def trace_id(company: str, run_id: str) -> str:
    return RunIds(RunKey(company, run_id, 1)).trace_id


def exception(span: dict[str, Any]) -> str:
    [event] = span["events"]
    texts = {each["key"]: each["value"]["stringValue"] for each in event["attributes"]}
    return str(texts["exception.message"])


@pytest.mark.parametrize("letter", ["x", "é", "𝄞"])
def test_error_text_survives_whole(backends: Backends, tmp_path: Path, letter: str) -> None:
    run = f"text-{ord(letter)}"
    text = letter * TEXT_CHARACTERS
    failed = record(
        Entreprise="textes", No_Sequence=run, Etat="FAILED", Description=text, **AT_NOON
    )
    replay(backends.stack, written(tmp_path / "records", [failed]))

    def span_texts() -> list[str]:
        spans = backends.trace(trace_id("textes", run))
        return [exception(span) for span in spans if span["name"].startswith("task ")]

    def entry_texts() -> list[str]:
        query = f'{{ingestion_company="textes"}} | ingestion_run_id="{run}"'
        return [labels["exception_message"] for labels, _ in backends.entries(query, *DAY)]

    eventually(span_texts, [text])
    eventually(entry_texts, [text])


def test_record_of_a_mebibyte_is_one_line(backends: Backends, tmp_path: Path) -> None:
    large = record(Entreprise="grande", No_Sequence="grande", Parametres="", **AT_NOON)
    file = written(tmp_path / "records", [large])
    large["Parametres"] = "x" * (LINE_BYTES - len(file.read_bytes()) + 1)
    line = written(file, [large]).read_text().removesuffix("\n")
    assert len(line) == LINE_BYTES
    replay(backends.stack, file)

    def found() -> list[bool]:
        entries = backends.entries('{ingestion_company="grande"}', *DAY)
        return [entry == line for _, entry in entries]

    eventually(found, [True])


def test_longest_names_are_found_in_each_backend(backends: Backends, tmp_path: Path) -> None:
    name = "𝄞" * NAME_CHARACTERS  # four bytes each
    names = dict.fromkeys(
        ("Entreprise", "No_Sequence", "Zone", "Source", "Objet", "Objet_Id"), name
    )
    replay(backends.stack, written(tmp_path / "records", [record(**names, **AT_NOON)]))
    quoted = json.dumps(name, ensure_ascii=False)
    spans = f'{{ span.ingestion.company = {quoted} && span.ingestion.level = "task" }}'
    lines = f"{{ingestion_source={quoted}}} | ingestion_object_name={quoted}"
    points = (
        "count by (ingestion_source) "
        f"(last_over_time(ingestion_source_tasks{{ingestion_company={quoted}}}[1d]))"
    )

    eventually(lambda: backends.search(f"{spans} | select(name)", *DAY), (f"task {name}/{name}",))
    eventually(lambda: len(backends.entries(lines, *DAY)), 1)
    eventually(lambda: backends.value(points, DAY[1]), (f"{name}: 3",))


def test_largest_trace_is_taken_twice(backends: Backends, tmp_path: Path) -> None:
    file = simulated(tmp_path / "records", "--tasks", str(MANY_TASKS), "--start", NOON)
    lines = file.read_text().splitlines()
    records = [json.loads(line) | {"Entreprise": "nombreuse"} for line in lines]
    written(file, records)
    run = trace_id("nombreuse", records[0]["No_Sequence"])
    spans = MANY_TASKS + len({each["Source"] for each in records}) + 2
    query = '{ span.ingestion.company = "nombreuse" && span.ingestion.level = "run" }'

    for _ in range(2):
        replay(backends.stack, file)
        eventually(lambda: len(backends.trace(run)), spans)
    eventually(lambda: backends.search(f"{query} | select(name)", *DAY), ("run nombreuse",))
