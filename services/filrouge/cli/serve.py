"""`filrouge serve`: one of the services, in the foreground."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import Annotated, Protocol, cast

import typer

from filrouge.settings import Settings, load_settings


class Service(StrEnum):
    """A service, named as its package."""

    INGESTION = "ingestion"
    PROCESSING = "processing"
    MONITORING = "monitoring"


class _Module(Protocol):
    def serve(self, settings: Settings, /) -> None:
        """Runs until SIGTERM or SIGINT, then stops cleanly."""


def serve(
    name: Annotated[Service, typer.Argument(help="Which service.", show_choices=True)],
) -> None:
    """Run a service until SIGTERM or Ctrl-C, on which it ends what it has begun.

    ingestion takes records over HTTP and puts them on Kafka; processing turns each into telemetry;
    monitoring keeps the registry of runs. Where Kafka and the collector are is a setting; those of
    the native stack unless others are named.

    Exit status: 0 after it was asked to stop; 2 for a wrong setting; 3 when it cannot go on.
    """
    settings = load_settings()
    # Imported when it is needed, for a service needs not have what another one is made of.
    module = cast("_Module", import_module(f"filrouge.{name.value}.service"))
    module.serve(settings)
