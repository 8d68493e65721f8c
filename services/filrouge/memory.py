"""How the process treats memory while much is read, put together and dropped again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LARGE_BLOCK_BYTES: Final = 16 << 20
_COLLECT_AFTER: Final = (50_000, 20, 50)  # allocations, then collections of the generation before


@contextmanager
def tuned_for_batches() -> Iterator[None]:
    """Within it the process keeps freed memory for the next batch, and seldom looks for cycles.

    Records and runs hold no cycles, so looking for them is in vain and takes about 15 % of the
    time; it is not switched off, for libraries may make some. The C library (glibc) learns how much
    freed memory to keep from the largest block freed so far; as it begins, each batch would be
    given back to the system and asked for anew, 2 to 4 µs a record.
    """
    bytes(_LARGE_BLOCK_BYTES)
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
