"""Schema 1: one flat JSON object for each finished task, local times, French names."""

from collections.abc import Iterable, Iterator
from functools import cache
from zoneinfo import ZoneInfo

import orjson

from filrouge_sim.delivery import Delivery, Run, told
from filrouge_sim.plan import Step
from filrouge_sim.stamps import stamp
from filrouge_sim.tasks import Task

__all__ = ["SUCCESS", "Schema1"]

SUCCESS = "Tout roule, pas de stress!"


class Schema1:
    """Writes tasks with the local times of `timezone`.

    `Duree secondes` is the time that really passed: it differs from Fin minus Debut by an hour
    when clocks change in between.
    """

    def __init__(self, timezone: ZoneInfo) -> None:
        self._local = stamp(timezone, "%d-%m-%Y %H:%M:")
        # What is said of a step is the same in every run: encoding it once saves a quarter.
        self._step_fields = cache(_step_fields)

    def write(self, run: Run, tasks: Iterable[Task]) -> Iterator[Delivery]:
        """A record for each task, due when the task ends."""
        run_fields = _run_fields(run)
        for task in tasks:
            line = run_fields + self._step_fields(task.step) + self._task_fields(task)
            yield Delivery(task.ended_us, task.step.zone.name, run, line, told(task))

    def _task_fields(self, task: Task) -> bytes:
        """The rest of the record, to its end."""
        _, started_us, ended_us, cpu_s, memory_delta_bytes, failure = task
        fields = {
            "Etat": "FAILED" if failure else "SUCCESS",
            "Debut": self._local(started_us),
            "Fin": self._local(ended_us),
            "Duree secondes": (ended_us - started_us) / 1e6,
            "Description": failure.message if failure else SUCCESS,
            "cpu_time (sec)": str(cpu_s),
            "memory_used (bytes)": memory_delta_bytes,
        }
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)[1:]


def _run_fields(run: Run) -> bytes:
    """The beginning of a record, up to the comma after it."""
    fields = {
        "No_Sequence": run.run_id,
        "Date_Sequence": run.run_id[:10],
        "Heure_Sequence": run.run_id[11:13],
        "Minute_Sequence": run.run_id[14:16],
        "Entreprise": run.company,
    }
    return orjson.dumps(fields)[:-1] + b","


def _step_fields(step: Step) -> bytes:
    """The middle of a record, up to the comma after it."""
    fields = {
        "Zone": step.zone.name,
        "Source": step.source.name,
        "Objet_Id": step.object_id,
        "Objet": step.name,
        "Transformation": step.transformation,
        "Parametres": "&".join(f"{name}={value}" for name, value in step.parameters.items()),
    }
    return orjson.dumps(fields)[1:-1] + b","
