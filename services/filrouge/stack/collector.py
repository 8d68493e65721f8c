"""The collector as a part of the stack: the layers it is started with."""

from __future__ import annotations

from typing import Final

from filrouge.stack.place import Place

_LAYERS: Final = "layers.txt"
_OVERRIDE: Final = "native.yaml"


def flags(place: Place) -> list[str]:
    """A `--config` for each layer in the order in which they are merged, and for our override."""
    folder = place.checkout / "otel-config"
    names = [*(folder / _LAYERS).read_text().split(), _OVERRIDE]
    return [f"--config={folder / name}" for name in names]
