"""Telemetry as files: one export request a line, as the collector's file exporter writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filrouge.errors import DeliveryError, UsageError
from filrouge.telemetry.otlp_json import Signal


class FileSink:
    """Writes `traces.jsonl`, `logs.jsonl` and `metrics.jsonl`; older ones are replaced.

    Args:
        folder: where; it is made if need be.

    Raises:
        UsageError: the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ExitStack()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._by_signal = {
                signal: self._files.enter_context((folder / f"{signal}.jsonl").open("wb"))
                for signal in Signal
            }
        except OSError as error:
            self._files.close()
            raise UsageError(
                f"cannot write to {folder}: {error.strerror}; name another folder with --out"
            ) from error

    def write(self, signal: Signal, request: bytes) -> None:
        """Appends one request as a line.

        Raises:
            DeliveryError: it cannot be written: the disk is full, for example.
        """
        with writing_to(self._folder):
            self._by_signal[signal].write(request + b"\n")

    def close(self) -> None:
        """Closes the files.

        Raises:
            DeliveryError: what was left could not be written.
        """
        with writing_to(self._folder):
            self._files.close()

    def abandon(self) -> None:
        """Closes the files; they hold what was written so far."""
        with suppress(DeliveryError):
            self.close()


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Within it, a file of the folder that cannot be written is told in words.

    Raises:
        DeliveryError: the disk is full, for example.
    """
    try:
        yield
    except OSError as error:
        raise DeliveryError(
            f"cannot write to {folder}: {error.strerror}; "
            f"make room, or name another folder with --out"
        ) from error
