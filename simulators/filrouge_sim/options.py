"""Options that commands share, and the panels of the help in which options stand."""

from typing import Annotated, Final

import typer

__all__ = [
    "FILE",
    "KAFKA",
    "Anchor",
    "Companies",
    "Company",
    "Every",
    "Runs",
    "ScenarioName",
    "Schema",
    "Seed",
    "Session",
    "Speed",
    "Tasks",
    "TimezoneName",
]

BOTH: Final = "Options"
FILE: Final = "Options of a file"
KAFKA: Final = "Options of a scenario"

Runs = Annotated[
    int | None,
    typer.Option(
        help="File: runs in all, dealt to the companies in turn. Scenario: runs of each company; "
        "0: for ever; as many as the scenario takes unless given.",
        show_default=False,
        rich_help_panel=BOTH,
    ),
]
Companies = Annotated[int, typer.Option(help="Companies side by side.", rich_help_panel=BOTH)]
Company = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The first company, to which trouble comes; akonovia unless given.",
        show_default=False,
        rich_help_panel=KAFKA,
    ),
]
Tasks = Annotated[int, typer.Option(help="Objects in each zone of a run.", rich_help_panel=BOTH)]
Schema = Annotated[
    int | None,
    typer.Option(
        help="1: flat records. 2: CloudEvents. A file has 1, a scenario 2 unless given.",
        show_default=False,
        rich_help_panel=BOTH,
    ),
]
Every = Annotated[
    str,
    typer.Option(
        metavar="INTERVAL",
        help="From one run of a company to the next, by the clock of their records.",
        rich_help_panel=BOTH,
    ),
]
TimezoneName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Where the local times of schema 1 and of sequences are. A file: America/Toronto; a "
        "scenario: the setting timezone, by which they are read again, unless given.",
        show_default=False,
        rich_help_panel=BOTH,
    ),
]
Seed = Annotated[int, typer.Option(help="Another seed, other runs.", rich_help_panel=BOTH)]
ScenarioName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Produce to Kafka, and what is to happen.",
        show_default=False,
        rich_help_panel=KAFKA,
    ),
]
Speed = Annotated[
    float,
    typer.Option(
        help="How many times faster than real time. Records lie in the past: the clock of a run "
        "reaches the real one at its end.",
        rich_help_panel=KAFKA,
    ),
]
Anchor = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="When the first run is due, for records that are the same each time; a time of the "
        "past. Now unless given.",
        show_default=False,
        rich_help_panel=KAFKA,
    ),
]
Session = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Which microservices belong together; they hand over to no others.",
    ),
]
