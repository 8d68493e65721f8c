"""Every setting, with its default and a sentence; `docs/settings.md` is generated from here.

Precedence: a command's option, then the environment (`FILROUGE_…`), then `filrouge.toml` in the
working directory (or the file that FILROUGE_CONFIG names), then the default.
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
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from filrouge.errors import UsageError

CONFIG_VARIABLE = "FILROUGE_CONFIG"
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
        None, description="Where Grafana is, for links to traces. None: no links."
    )
    grafana_tempo_uid: str = Field(
        "tempo", description="The uid of Grafana's data source for Tempo."
    )
    otlp_patience_s: float = Field(
        60.0,
        gt=0,
        description="Seconds for which one request to a collector that is away is tried again.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not one of our sources
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor this
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, environment, file, in this order."""
        file = TomlConfigSettingsSource(settings_cls, _config_file())
        return init_settings, env_settings, file


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
        raise UsageError(f"cannot read {_config_file()}: {error}") from error
    except ValueError as error:  # an environment variable that should hold JSON does not
        raise UsageError(f"settings are wrong: {error}; mappings are written as JSON") from error


def _config_file() -> Path:
    named = os.environ.get(CONFIG_VARIABLE)
    if named and not Path(named).is_file():
        raise UsageError(f"{CONFIG_VARIABLE} names {named}, which is not there")
    return Path(named) if named else DEFAULT_CONFIG
