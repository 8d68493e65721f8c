"""Whether the ports that a part needs are free, and who holds those that are not."""

from __future__ import annotations

from collections.abc import Iterable

from filrouge.errors import UsageError
from filrouge.stack.parts import Part
from filrouge.stack.place import Place
from filrouge.stack.processes import holder, is_free


def check_ports(place: Place, parts: Iterable[Part]) -> None:
    """Returns when every port of these parts is free.

    Raises:
        UsageError: some are not; all of them are told, with their holders.
    """
    taken = [
        f"  {port.at(place.offset)} ({port.name.lower()}) for {part.name}: "
        f"held by {holder(port.at(place.offset))}"
        for part in parts
        for port in part.ports
        if not is_free(port.at(place.offset))
    ]
    if taken:
        raise UsageError(
            "ports that the stack needs are taken:\n" + "\n".join(taken) + "\nStop who holds them, "
            "or move all of the stack's ports with --port-offset N (and name another folder with "
            "--data DIR to run beside another stack)."
        )
