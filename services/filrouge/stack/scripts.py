"""The script that starts a part, with all that the part is told; can be run by hand as well."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from filrouge.stack import parts, ports
from filrouge.stack.parts import Part, Tools
from filrouge.stack.place import Place
from filrouge.stack.ports import HOST
from filrouge.stack.processes import PART_MARK, ROOT_MARK

SITE_PREFIX: Final = "FILROUGE_"
"""Of all variables that the configurations read."""


def site_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """What the configurations read of a person's environment: limits, retention, time zone.

    Addresses and folders are not among them, for those are the stack's own to say.
    """
    place = Place(Path(), Path(), 0)
    own = {
        *ports.environment(0),
        *parts.environment(place),
        *_folders(place, ""),
        *_marks(place, ""),
    }
    return {
        name: text
        for name, text in environ.items()
        if name.startswith(SITE_PREFIX) and name not in own
    }


def start_script(place: Place, tools: Tools, part: Part, more: Mapping[str, str]) -> str:
    """The shell script that becomes the part.

    Args:
        place: where the stack lives.
        tools: where the executables are.
        part: what is started.
        more: variables over those that the stack sets.

    Raises:
        UsageError: the part is not built.
    """
    variables = {
        **ports.environment(place.offset),
        **parts.environment(place),
        **_folders(place, part.name),
        **more,
        **_marks(place, part.name),
    }
    exports = "".join(f"export {name}={shlex.quote(text)}\n" for name, text in variables.items())
    return f"#!/bin/sh\n# Starts {part.name}.\nset -e\n{exports}{part.script(place, tools)}"


def _folders(place: Place, part: str) -> dict[str, str]:
    return {"FILROUGE_LISTEN": HOST, "FILROUGE_DATA": str(place.data(part))}


def _marks(place: Place, part: str) -> dict[str, str]:
    return {ROOT_MARK: str(place.root), PART_MARK: part}
