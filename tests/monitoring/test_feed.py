"""Who watches gets the newest frame; the registry is asked once for all of them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Set
from contextlib import ExitStack

import pytest
from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import OperationalError

from filrouge.monitoring.page.feed import OVERVIEW, Feed, Frame, FullError

PATIENCE_S = 60


class Source:
    """Content of topics, and how often it was asked for."""

    def __init__(self) -> None:
        self.content = {OVERVIEW: "1"}
        self.asked = 0
        self.broken = False
        self._told: dict[str, str] = {}

    def see(self, topics: Set[str]) -> Mapping[str, Frame]:
        self.asked += 1
        if self.broken:
            raise OperationalError("SELECT", None, sqlite3.OperationalError("away"))
        now = {topic: self.content[topic] for topic in topics if topic in self.content}
        changed = {topic for topic in now if self._told.get(topic) != now[topic]}
        self._told = now
        return {topic: Frame.of(now[topic]) for topic in changed}


class Watcher:
    """A client of the feed, which keeps what it was told."""

    def __init__(self, feed: Feed, topic: str = OVERVIEW, seen: str = "") -> None:
        self._events = feed.events(topic, seen)

    async def next(self, kind: str) -> ServerSentEvent:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                event = await anext(self._events)
                if event.event == kind:
                    return event


def feed_of(source: Source, most: int = 200) -> Feed:
    return Feed(source.see, most=most, look_s=0.01, alive_s=0.1)


def test_every_watcher_gets_what_changed_from_one_look() -> None:
    async def scenario() -> None:
        source = Source()
        feed = feed_of(source)
        with ExitStack() as watching:
            for _ in range(50):
                watching.enter_context(feed.watch(OVERVIEW))
            watchers = [Watcher(feed) for _ in range(50)]
            first = [await each.next("frame") for each in watchers]
            asked = source.asked
            source.content[OVERVIEW] = "2"
            second = await asyncio.gather(*(each.next("frame") for each in watchers))

        assert {each.raw_data for each in first} == {"1"}
        assert {each.raw_data for each in second} == {"2"}
        assert source.asked - asked < 50

    asyncio.run(scenario())


def test_who_comes_again_is_sent_only_what_it_has_not_seen() -> None:
    async def scenario() -> None:
        source = Source()
        feed = feed_of(source)
        with feed.watch(OVERVIEW):
            frame = await Watcher(feed).next("frame")
            again = Watcher(feed, seen=frame.id or "")
            for _ in range(2):
                await again.next("alive")
            source.content[OVERVIEW] = "2"
            assert (await again.next("frame")).raw_data == "2"

    asyncio.run(scenario())


def test_a_topic_that_was_left_is_told_anew() -> None:
    async def scenario() -> None:
        feed = feed_of(Source())
        for _ in range(3):
            with feed.watch(OVERVIEW):
                assert (await Watcher(feed).next("frame")).raw_data == "1"

    asyncio.run(scenario())


def test_nobody_watches_and_nothing_is_asked() -> None:
    async def scenario() -> None:
        source = Source()
        feed = feed_of(source)
        with feed.watch(OVERVIEW):
            await Watcher(feed).next("frame")
        async with asyncio.timeout(PATIENCE_S):
            while len(asyncio.all_tasks()) > 1:  # the looks end by themselves
                await asyncio.sleep(0.01)
        asked = source.asked
        await asyncio.sleep(0.1)
        assert source.asked == asked

    asyncio.run(scenario())


def test_an_absent_registry_is_told_of_and_overcome() -> None:
    async def scenario() -> None:
        source = Source()
        feed = feed_of(source)
        with feed.watch(OVERVIEW):
            watcher = Watcher(feed)
            await watcher.next("frame")
            source.broken = True
            assert "does not answer" in (await watcher.next("trouble")).data
            source.broken, source.content[OVERVIEW] = False, "2"
            assert (await watcher.next("trouble")).data == ""
            assert (await watcher.next("frame")).raw_data == "2"

    asyncio.run(scenario())


def test_only_so_many_may_watch() -> None:
    async def scenario() -> None:
        feed = feed_of(Source(), most=1)
        with feed.watch(OVERVIEW), pytest.raises(FullError):
            feed.watch("a" * 32).__enter__()
        with feed.watch(OVERVIEW):  # room again
            pass

    asyncio.run(scenario())


def test_the_end_ends_all_who_watch() -> None:
    async def scenario() -> None:
        feed = feed_of(Source())
        feed.alive_s = PATIENCE_S
        with feed.watch(OVERVIEW):

            async def watch() -> None:
                async for event in feed.events(OVERVIEW, ""):
                    if event.event == "frame":
                        asyncio.get_running_loop().call_later(0.05, feed.end)

            async with asyncio.timeout(PATIENCE_S / 2):
                await watch()
        with pytest.raises(FullError):
            feed.watch(OVERVIEW).__enter__()

    asyncio.run(scenario())
