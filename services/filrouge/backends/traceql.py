"""What Tempo's search is asked about the links of spans."""

from __future__ import annotations

from filrouge.kafka.topics import TOPIC


def links_to(trace_id: str) -> str:
    """The condition that a span links to a trace.

    Tempo compares text, and writes its own ids without leading zeros: with them, one trace in
    sixteen would never be found. `trace:id` has to be asked for likewise. Of ids that begin with a
    whole zero byte, one in 256, Tempo 2.8 may still miss some: it drops the byte when it chooses
    the pages of a block to read.
    """
    return f'link:traceID = "{trace_id.lstrip("0")}"'


def hops_of(trace_id: str) -> str:
    """The query for the hops of services that worked on a run, or on a request; by its trace."""
    return f'{{ name = "process {TOPIC}" && {links_to(trace_id)} }}'
