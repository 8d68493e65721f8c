from __future__ import annotations

from collections.abc import Iterator

from filrouge.records.reading.line import Line
from filrouge.records.record import RunKey
from filrouge.verify.reference import Wanted, reference
from tests.records.samples import parser, schema1


def line(**fields: object) -> Line:
    return Line(schema1(fields), 1, 0, "ingestion-logs[0]")


LINES = [
    line(Entreprise="akonovia", No_Sequence="1", Objet="a"),
    line(Entreprise="boreal", No_Sequence="1", Objet="b"),
    Line(b"poison", 1, 0, "ingestion-logs[0]"),
    line(Entreprise="akonovia", No_Sequence="2", Objet="c"),
    line(Entreprise="akonovia", No_Sequence="1", Objet="d"),
]


def lines() -> Iterator[Line]:
    return iter(LINES)


def runs(*names: str) -> dict[RunKey, list[str]]:
    found = reference(lines, Wanted(names)).runs(parser())
    return {run.key: sorted(task.record.object_name for task in run.tasks()) for run in found}


def test_without_a_name_every_run_is_meant() -> None:
    assert runs() == {
        RunKey("akonovia", "1", 1): ["a", "d"],
        RunKey("akonovia", "2", 1): ["c"],
        RunKey("boreal", "1", 1): ["b"],
    }


def test_a_run_id_means_the_runs_of_all_companies() -> None:
    assert set(runs("1")) == {RunKey("akonovia", "1", 1), RunKey("boreal", "1", 1)}


def test_a_company_and_run_id_mean_one_run() -> None:
    assert runs("akonovia/1", "boreal/1") == {
        RunKey("akonovia", "1", 1): ["a", "d"],
        RunKey("boreal", "1", 1): ["b"],
    }


def test_an_unknown_run_has_no_records() -> None:
    assert runs("akonovia/9") == {}
