"""Where reading goes on: kept with the records, so that both are there or neither is."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from filrouge.kafka.topics import TOPIC
from filrouge.monitoring.registry.database import insert
from filrouge.monitoring.registry.tables import OffsetRow


def position(engine: Engine, partition: int, low: int, high: int) -> int:
    """The offset to go on from.

    A partition that is new is read from its beginning. So is one whose end lies before what was
    read: the topic was made anew. Messages that were deleted before they could be read are counted.

    Args:
        engine: the registry's.
        partition: of the topic.
        low: its first offset that is still there.
        high: the offset of its next message.
    """
    with Session(engine) as session, session.begin():
        new = {"topic": TOPIC, "partition": partition, "first": low, "next": low}
        counts = dict.fromkeys(("accepted", "duplicate", "late", "invalid", "missed"), 0)
        session.execute(
            insert(engine, OffsetRow.__table__).on_conflict_do_nothing(), [{**new, **counts}]
        )
        query = select(OffsetRow).filter_by(topic=TOPIC, partition=partition).with_for_update()
        row = session.scalars(query).one()
        if row.next > high:
            row.first = row.next = low
        elif row.next < low:
            row.missed += low - row.next
            row.next = low
        return row.next
