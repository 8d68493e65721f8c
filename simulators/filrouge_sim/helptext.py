"""What `filrouge-sim --help` says: the lists in it come from the tables that decide."""

from textwrap import fill

from filrouge_sim.faults import FAULTS
from filrouge_sim.scenarios.catalogue import SCENARIOS

__all__ = ["HELP"]

FAULT_LINES = "\n".join(f"  [cyan]{name:14}[/cyan] {act.__doc__}" for name, act in FAULTS.items())


def _scenario_line(name: str, text: str, seen: str) -> str:
    indent = " " * 17
    happens = fill(text, 78, initial_indent=indent, subsequent_indent=indent).lstrip()
    then = fill(f"→ {seen}", 78, initial_indent=indent, subsequent_indent=f"{indent}  ")
    return f"  [cyan]{name:14}[/cyan] {happens}\n[dim]{then}[/dim]"


SCENARIO_LINES = "\n".join(
    _scenario_line(name, each.happens, each.seen) for name, each in SCENARIOS.items()
)

# Lines and columns of the lists are kept as they stand.
HELP = f"""
Simulated ingestion runs: as a file of records, or as the microservices that produce them.

[bold]As a file[/bold]: one JSON object a line, in the order in which producers would have written
them. The same options always give the same bytes; without options it is the project's sample,
logs.json.
  filrouge-sim > logs.json                             [dim]one run, 72 records[/dim]
  filrouge-sim --runs 1000 --out runs.ndjson           [dim]ten days of a company[/dim]
  filrouge-sim --runs 30 --companies 3 --schema 2      [dim]CloudEvents, ten each[/dim]
  filrouge-sim --zones 1-Raw,2-Standard,3-Application  [dim]through all zones[/dim]
  filrouge-sim --runs 50 --faults duplicate=0.02,late  [dim]trouble on the way[/dim]

[bold]On Kafka[/bold]: --scenario NAME runs three microservices, which hand each source of a run
over to the next and send their records as they go. Kafka and the collector are those of filrouge's
settings (the native stack, or FILROUGE_KAFKA_BROKERS and FILROUGE_OTLP_URL). Each run's
COMPANY/RUN_ID is written on standard output as it begins.
  filrouge-sim --scenario quiet                        [dim]one run, in real time[/dim]
  filrouge-sim --scenario failure --speed 60           [dim]four runs, a second a minute[/dim]
  filrouge-sim --scenario quiet --speed 60 --runs 0    [dim]for ever, a run every 15 s[/dim]
  filrouge-sim ingestion --scenario quiet --runs 0     [dim]one microservice, for containers;[/dim]
  filrouge-sim standardization                         [dim]the others learn all from what is[/dim]
  filrouge-sim application                             [dim]handed over to them[/dim]

[bold]Scenarios[/bold], of which each brings one kind of trouble, to the first company; all others
are quiet. → is what monitoring and the alerts make of it.
{SCENARIO_LINES}

[bold]Faults[/bold] of a file
{FAULT_LINES}
"""
