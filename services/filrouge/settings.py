"""Every setting, with its default and a sentence; `docs/settings.md` is generated from here.

Precedence: a command's option, then the environment (`FILROUGE_…`), then a file of the folder that
FILROUGE_SECRETS names, then `filrouge.toml` in the working directory (or the file that
FILROUGE_CONFIG names), then the default.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from filrouge.errors import UsageError
from filrouge.stack.ports import HOST, MAX_OFFSET, Port

CONFIG_VARIABLE = "FILROUGE_CONFIG"
SECRETS_VARIABLE = "FILROUGE_SECRETS"
DEFAULT_CONFIG = Path("filrouge.toml")


def known_timezone(name: str) -> str:
    """The name, when it is in the time-zone database.

    Raises:
        ValueError: it is not.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone; expected a name such as America/Toronto or UTC"
        ) from None
    return name


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is no address; expected one such as http://127.0.0.1:3000")
    return url.rstrip("/")


def _rate(text: str) -> str:
    from limits import parse  # noqa: PLC0415 - only services need it

    try:
        parse(text)
    except ValueError:
        raise ValueError(f"{text!r} is no rate; expected one such as 600/minute") from None
    return text


class Settings(BaseSettings):
    """What a site decides once."""

    model_config = SettingsConfigDict(env_prefix="FILROUGE_", extra="forbid")

    timezone: Annotated[str, AfterValidator(known_timezone)] = Field(
        "UTC", description="The zone of schema 1's local times."
    )
    services: dict[str, str] = Field(
        {
            "1-Raw": "ingestion",
            "2-Standard": "standardization",
            "3-Application": "application",
        },
        description="The microservice of each zone; records of other zones are taken and remarked.",
    )
    grafana_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None, description="Where Grafana is, for links to traces, logs and metrics. None: no links."
    )
    grafana_tempo_uid: str = Field(
        "tempo", description="The uid of Grafana's data source for Tempo."
    )
    grafana_loki_uid: str = Field("loki", description="The uid of its data source for Loki.")
    grafana_prometheus_uid: str = Field(
        "prometheus", description="The uid of its data source for Prometheus."
    )
    otlp_patience_s: float = Field(
        60.0,
        gt=0,
        description="Seconds for which one request to a collector that is away is tried again.",
    )
    otlp_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None,
        description="The collector to which services send their telemetry, by OTLP over HTTP. "
        "None: the native stack's.",
    )
    kafka_brokers: str | None = Field(
        None, description="Kafka's brokers: `host:port,host:port`. None: the native stack's."
    )
    kafka_options: dict[str, str] = Field(
        {},
        repr=False,  # passwords are among them
        description="More options for librdkafka, such as `security.protocol` and `sasl.password`.",
    )
    processing_port: int | None = Field(
        None,
        ge=0,
        le=65_535,
        description="The port of the processing service's `/healthz` and `/readyz`, for a second "
        "instance on one machine. None: its port of the native stack.",
    )
    kafka_patience_s: float = Field(
        120.0, gt=0, description="Seconds for which a record is tried again when Kafka is away."
    )
    database_url: str = Field(
        "sqlite:///.filrouge/registry.db",
        repr=False,  # a password may be in it
        description="Where monitoring keeps its registry: `sqlite:///path/to/file.db`, or "
        "`postgresql+psycopg://user:password@host/database`.",
    )
    run_grace_s: float = Field(
        10.0,
        gt=0,
        description="Seconds of silence after which a run closes whose producer has closed it, "
        "and after which late records of a closed run are sent.",
    )
    run_silence_s: float = Field(
        900.0,
        gt=0,
        description="Seconds of silence after which a run closes by itself. Longer than the "
        "longest task, for a task is heard of when it ends; a run that closes too soon has late "
        "records.",
    )
    run_stalled_s: float = Field(
        3600.0,
        gt=0,
        description="Seconds of silence after which a run closes whose producer said that more "
        "was to come; it is stalled from `run_silence_s` on.",
    )
    history_s: float = Field(
        21_600.0,
        gt=0,
        description="Seconds of age at which a record is history when it comes: kept and sent like "
        "any other, but no failure of today. Longer than Kafka or a producer may be away.",
    )
    burst_window_s: float = Field(
        600.0,
        gt=0,
        description="Seconds within which failures of one object are counted together.",
    )
    expectations: Path | None = Field(
        None,
        description="The TOML file that says which sources are expected, when, and with what "
        "(docs/expectations.md). None: all that is known is learnt from.",
    )
    tempo_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None, description="Where Tempo answers. None: the native stack's."
    )
    loki_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None, description="Where Loki answers. None: the native stack's."
    )
    prometheus_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None, description="Where Prometheus answers. None: the native stack's."
    )

    listen: str = Field(HOST, description="The address on which services listen.")
    ingestion_keys: Path | None = Field(
        None,
        description="The file of API keys for the ingestion service, as `filrouge key` prints "
        "them. None: no key is needed, and it listens on loopback only.",
    )
    ingestion_body_bytes: int = Field(
        8 << 20, ge=1 << 20, description="Bytes of one request's body, also when decompressed."
    )
    ingestion_request_records: int = Field(
        10_000, ge=1, description="Records in one request to the ingestion service."
    )
    ingestion_request_rate: Annotated[str, AfterValidator(_rate)] = Field(
        "6000/minute", description="Requests that one company may make of one ingestion process."
    )
    ingestion_record_rate: Annotated[str, AfterValidator(_rate)] = Field(
        "600000/minute", description="Records that one company may send to one ingestion process."
    )
    ingestion_read_s: float = Field(
        30.0, gt=0, description="Seconds within which a request's body must have come."
    )
    ingestion_patience_s: float = Field(
        20.0, ge=1, description="Seconds within which Kafka must acknowledge a request; then 503."
    )
    ingestion_memory_bytes: int = Field(
        128 << 20,
        ge=1 << 20,
        description="Bytes of all requests in hand, and of records that wait for Kafka; then 503.",
    )
    ingestion_queue_records: int = Field(
        100_000, ge=1, description="Records that may wait for Kafka at a time; then 503."
    )

    stack_data: Path = Field(
        Path(".stack"),
        description="The folder that holds all of the native stack, seen from the checkout.",
    )
    stack_port_offset: int = Field(
        0,
        ge=0,
        le=MAX_OFFSET,
        description="Added to every port of the native stack, so that two can run side by side.",
    )

    @property
    def brokers(self) -> str:
        """Kafka's brokers, those of the native stack if no others are named."""
        return self.kafka_brokers or f"{HOST}:{Port.KAFKA.at(self.stack_port_offset)}"

    @property
    def collector(self) -> str:
        """The collector's address for OTLP over HTTP, the native stack's if none is named."""
        return self.otlp_url or f"http://{HOST}:{Port.OTLP_HTTP.at(self.stack_port_offset)}"

    @property
    def processing_address(self) -> tuple[str, int]:
        """Where the processing service listens."""
        port = self.processing_port
        return self.listen, Port.PROCESSING.at(self.stack_port_offset) if port is None else port

    def backend(self, port: Port) -> str:
        """The address of Tempo, Loki or Prometheus, by its port in the native stack."""
        named = {
            Port.TEMPO_HTTP: self.tempo_url,
            Port.LOKI_HTTP: self.loki_url,
            Port.PROMETHEUS: self.prometheus_url,
        }[port]
        return named or f"http://{HOST}:{port.at(self.stack_port_offset)}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not one of our sources
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor this
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, environment, secrets, file, in this order."""
        file = TomlConfigSettingsSource(settings_cls, config_file())
        folder = secrets_folder()
        if folder is None:
            return init_settings, env_settings, file
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder), file


def load_settings(**options: Any) -> Settings:
    """The settings in force; options that are None are left to the other sources.

    Raises:
        UsageError: a value is wrong; all faults are told at once.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = [
            f"  {'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise UsageError("settings are wrong:\n" + "\n".join(faults)) from error
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise UsageError(f"cannot read {config_file()}: {error}") from error
    except ValueError as error:  # an environment variable that should hold JSON does not
        raise UsageError(f"settings are wrong: {error}; mappings are written as JSON") from error


def config_file() -> Path:
    """The file of settings that is read if it is there.

    Raises:
        UsageError: the environment names one that is not.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    if named and not Path(named).is_file():
        raise UsageError(f"{CONFIG_VARIABLE} names {named}, which is not there")
    return Path(named) if named else DEFAULT_CONFIG


def secrets_folder() -> Path | None:
    """The folder that holds settings which are secret, each in a file named as its variable.

    Containers have it: `/run/secrets/filrouge_database_url`. Case does not count.

    Raises:
        UsageError: the environment names one that is not there.
    """
    named = os.environ.get(SECRETS_VARIABLE)
    if named and not Path(named).is_dir():
        raise UsageError(f"{SECRETS_VARIABLE} names {named}, which is no folder")
    return Path(named) if named else None
