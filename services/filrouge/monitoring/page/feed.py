"""Tells all who watch what changed: one look at the registry for all of them together.

Each watcher gets the newest frame of what it watches, and skips those that came while it was slow.
All of it runs in the server's event loop but the looks, which wait for the database.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import DBAPIError

OVERVIEW: Final = ""
"""The topic of the overview; that of a run is its trace id."""

MOST_WATCHERS: Final = 200  # each holds a connection; an office has fewer open tabs
_LOOK_S: Final = 1.0
_SHARE: Final = 4  # a look that took long is not repeated before four times as long
_ALIVE_S: Final = 10.0  # `assets/live.js` takes three times as long for a lost connection
_RETRY_MS: Final = 2_000


class FullError(Exception):
    """As many watch as may."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What there is to see of a topic, as JSON. The same content bears the same id everywhere."""

    id: str
    data: str

    @staticmethod
    def of(data: str) -> Frame:
        """The frame of some data."""
        return Frame(sha256(data.encode()).hexdigest()[:16], data)


@dataclass(slots=True)
class Feed:
    """Frames for those who watch.

    Attributes:
        see: gives the frame of each topic that changed since it was asked last, or that was not
            asked for then. Called in a thread, once at a time, and only while somebody watches.
        most: how many may watch.
        look_s: the shortest time between two looks.
        alive_s: after this silence a watcher is told that nothing is new.
    """

    see: Callable[[Set[str]], Mapping[str, Frame]]
    most: int = MOST_WATCHERS
    look_s: float = _LOOK_S
    alive_s: float = _ALIVE_S
    _watched: Counter[str] = field(default_factory=Counter)
    _frames: dict[str, Frame] = field(default_factory=dict)
    _trouble: str = ""
    _looked: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: asyncio.Task[None] | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _ended: bool = False

    @contextmanager
    def watch(self, topic: str) -> Iterator[None]:
        """Has the topic looked at while the block runs.

        Raises:
            FullError: as many watch as may, or the service is about to stop.
        """
        if self._ended or self._watched.total() >= self.most:
            raise FullError
        self._watched[topic] += 1
        if self._looking is None or self._looking.done():
            self._loop = asyncio.get_running_loop()
            self._looking = asyncio.create_task(self._look_again_and_again())
            self._looking.add_done_callback(lambda _: self._tell())
        try:
            yield
        finally:
            self._watched[topic] -= 1
            if not self._watched[topic]:
                del self._watched[topic]

    async def events(self, topic: str, seen: str) -> AsyncIterator[ServerSentEvent]:
        """What a watcher is sent, until the feed ends; within the block of `watch`.

        Args:
            topic: what is watched.
            seen: the id of the frame that the watcher has; of another it is sent the whole.
        """
        told_trouble = ""
        yield ServerSentEvent(event="alive", data="", retry=_RETRY_MS)
        told_s = time.monotonic()
        while self._is_alive():
            looked = self._looked
            frame = self._frames.get(topic)
            silent_s = time.monotonic() - told_s
            if self._trouble != told_trouble:
                told_trouble = self._trouble
                yield ServerSentEvent(event="trouble", data=told_trouble)
            elif frame is not None and frame.id != seen:
                seen = frame.id
                yield ServerSentEvent(event="frame", raw_data=frame.data, id=frame.id)
            elif silent_s >= self.alive_s:
                yield ServerSentEvent(event="alive", data="")
            else:
                await _wait(looked, self.alive_s - silent_s)
                continue
            told_s = time.monotonic()

    def end(self) -> None:
        """Ends all that watch; may be called from a signal handler, and again."""
        self._ended = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and with it all that watched
                self._loop.call_soon_threadsafe(self._tell)

    def _is_alive(self) -> bool:
        """Whether somebody looks; whoever comes again when nobody does has it begun anew."""
        return not self._ended and self._looking is not None and not self._looking.done()

    def _tell(self) -> None:
        """Wakes all that wait for the next look."""
        self._looked.set()
        self._looked = asyncio.Event()

    async def _look_again_and_again(self) -> None:
        while self._watched and not self._ended:
            began_s = time.monotonic()
            topics = frozenset(self._watched)
            try:
                found = await asyncio.to_thread(self.see, topics)
            except DBAPIError:
                self._trouble = "The registry does not answer. What stands here is as it was then."
            else:
                self._trouble = ""
                # Just those that were asked for: `see` tells of another anew when it is next.
                kept = {topic: self._frames[topic] for topic in topics & self._frames.keys()}
                self._frames = {**kept, **found}
            self._tell()
            took_s = time.monotonic() - began_s
            await _wait(self._looked, max(self.look_s, _SHARE * took_s))


async def _wait(event: asyncio.Event, within_s: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within_s)
