"""The ingestion service as a process: from settings to a server, until it is asked to stop."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from contextlib import closing
from typing import Final
from zoneinfo import ZoneInfo

import uvicorn
from limits import parse
from structlog.stdlib import BoundLogger

from filrouge.errors import UsageError
from filrouge.http import Server, listen
from filrouge.ingestion.app import create_app
from filrouge.ingestion.gateway import Gateway
from filrouge.ingestion.keys import Keys, read_keys
from filrouge.ingestion.protocol import PatientProtocol
from filrouge.ingestion.sink import Sink
from filrouge.observability import observe
from filrouge.observability.messaging import Messaging
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings
from filrouge.stack.ports import Port

_CONNECTIONS: Final = 1000
"""Above it uvicorn answers 503 by itself. A process may open 1,024 files on many systems."""
_STOP_MARGIN_S: Final = 5


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; requests in hand are answered first.

    Raises:
        UsageError: a setting is wrong, or the port is taken.
    """
    _check(settings)
    if settings.ingestion_keys is not None:
        read_keys(settings.ingestion_keys)  # so that a fault in it is told like any other
    port = Port.INGESTION.at(settings.stack_port_offset)
    with closing(listen(settings.listen, port)) as listener, observe("ingestion", settings) as own:
        keys = _keys(settings, own.log)
        sink = Sink(settings, own.log)
        parser = RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))
        gateway = Gateway(settings, parser, sink, keys, Messaging(own, settings.brokers))
        server = Server(
            uvicorn.Config(
                create_app(gateway, own),
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                log_config=None,  # goes the way of all logs
                access_log=False,  # each request has its span
                server_header=False,
                proxy_headers=False,  # an address that the sender makes up is none
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=math.ceil(settings.ingestion_patience_s) + _STOP_MARGIN_S,
            )
        )
        own.log.info("serving", address=settings.listen, port=port, brokers=settings.brokers)
        try:
            asyncio.run(server.serve([listener]))
        finally:
            sink.close()
        own.log.info("stopped")


def _check(settings: Settings) -> None:
    """Finds what would refuse requests for ever.

    Raises:
        UsageError: two settings contradict each other.
    """
    if settings.ingestion_keys is None and not _is_loopback(settings.listen):
        raise UsageError(
            f"without a keys file the service is open, and then listens on loopback only, not on "
            f"{settings.listen}; set FILROUGE_INGESTION_KEYS to a file (filrouge key COMPANY "
            "prints its entries)"
        )
    rate = parse(settings.ingestion_record_rate)
    if rate.amount < settings.ingestion_request_records:
        raise UsageError(
            f"ingestion_record_rate ({rate}) is less than one request may hold "
            f"(ingestion_request_records, {settings.ingestion_request_records}); such a request "
            "would never pass. Raise the one or lower the other"
        )
    if settings.ingestion_memory_bytes < settings.ingestion_body_bytes:
        raise UsageError(
            f"ingestion_memory_bytes ({settings.ingestion_memory_bytes}) is less than one body "
            f"may have (ingestion_body_bytes, {settings.ingestion_body_bytes})"
        )
    if settings.ingestion_queue_records < settings.ingestion_request_records:
        raise UsageError(
            f"ingestion_queue_records ({settings.ingestion_queue_records}) is less than one "
            f"request may hold (ingestion_request_records, {settings.ingestion_request_records})"
        )


def _keys(settings: Settings, log: BoundLogger) -> Keys | None:
    if settings.ingestion_keys is None:
        log.warning(
            "open: without a keys file anybody on this machine can write every company's records; "
            "set FILROUGE_INGESTION_KEYS to one, filrouge key COMPANY prints its entries"
        )
        return None
    keys = Keys(settings.ingestion_keys, log)
    log.info("keys read", file=str(settings.ingestion_keys), keys=len(keys))
    return keys


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
