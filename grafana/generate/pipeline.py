"""The pipeline itself: whether records come through, and whether all parts work."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from filrouge.ingestion import metrics as ingestion
from filrouge.monitoring import meters
from filrouge.processing import instruments as processing
from filrouge.telemetry import names
from filrouge.telemetry.names import Instrument, Metric
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from grafana.generate import limits, palette, queries
from grafana.generate.frame import framed
from grafana.generate.links import Uid, explore_alerts, to_dashboard
from grafana.generate.palette import Colour
from grafana.generate.panels import (
    UP,
    Clock,
    Column,
    Look,
    Says,
    columns,
    figure,
    grid,
    lines,
    node_graph,
    rows,
    upto,
)


def _own(name: str, unit: str, instrument: Instrument = Instrument.GAUGE) -> str:
    """What Prometheus calls a metric that a service tells of itself."""
    return prometheus_name(Metric(name, unit, instrument, "", ()))


def _label(key: str) -> str:
    return key.replace(".", "_")


_RECEIVED = _own(ingestion.RECORDS, "{record}", Instrument.COUNTER)
_WAITING = _own(ingestion.WAITING, "{record}")
_KAFKA = _own(ingestion.KAFKA, "1")
_READ = _own(meters.RECORDS, "{record}", Instrument.COUNTER)
_RUNS = _own(meters.RUNS, "{run}")
_OUTBOX = _own(meters.OUTBOX, "{run}")
_REGISTRY_LAG = _own(meters.LAG, "{message}")
_LAG = _own(processing.LAG, "{message}")
_DEPTH = _own(processing.DEPTH, "{batch}")
_EXPORT = _own(processing.EXPORT, "s", Instrument.HISTOGRAM)
_RETRIES = _own(processing.RETRIES, "{request}", Instrument.COUNTER)
_DEAD = _own(processing.DEAD_LETTERS, "{message}", Instrument.COUNTER)
_REASON = _label(processing.REASON)
_OUTCOME = label_name(names.RECORD_OUTCOME)
_PARTITION = _label(meters.PARTITION)
_STATE = _label(meters.STATE)

_SILENT = "Nothing was told: is the service up?"


def dashboard() -> Dashboard:
    """Ingestion, Kafka, processing, monitoring, collector, backends."""
    return framed(
        Uid.PIPELINE,
        "Filrouge 5 · Pipeline",
        "Whether records come through, and whether all parts of Filrouge work.",
        grid(
            (4, [(_parts_down(), 6), (_kafka(), 6), (_differences(), 6), (_dead_now(), 6)]),
            (8, [(_received(), 8), (_lag(), 8), (_processed(), 8)]),
            (8, [(_dead_letters(), 8), (_exports(), 8), (_registry(), 8)]),
            (8, [(_queues(), 8), (_dropped(), 8), (_parts(), 8)]),
            (10, [(_graph(), 24)]),
        ),
        filters=False,
        since="now-6h",
    )


_HOME = to_dashboard("Landing page", Uid.HOME)


def _parts_down() -> Panel:
    services = (
        f"absent({_KAFKA})",
        f"absent({_DEPTH})",
        f"absent({_OUTBOX})",
    )
    missing = " + ".join(f"({service} or vector(0))" for service in services)
    return figure(
        "Parts that are down",
        Says(
            "Parts that do not answer Prometheus, and services that have told nothing for five "
            "minutes. Prometheus itself and Grafana are not counted: else this would be empty.",
            "above 0.",
            "the table of parts below; `filrouge stack status`.",
            Clock.NOW,
            "No answer from Prometheus",
        ),
        Look("short", ((None, Colour.GOOD), (1, Colour.BAD)), decimals=0),
        [queries.now(f"(count(up == 0) or vector(0)) + {missing}")],
        [explore_alerts("Alerts")],
    )


def _kafka() -> Panel:
    words = palette.words(("away", Colour.BAD), ("takes records", Colour.GOOD))
    return figure(
        "Kafka",
        Says(
            "Whether Kafka takes records, as the ingestion services find once a second.",
            "away: producers are told to come again.",
            "the log of Kafka.",
            Clock.NOW,
            _SILENT,
        ),
        Look(mappings=(words,)),
        [queries.now(f"max({_KAFKA})")],
        [explore_alerts("Alerts")],
    )


def _differences() -> Panel:
    return figure(
        "Reconciliation: differences",
        Says(
            "What does not agree between what came in, what is kept and what was sent.",
            "above 0 for longer than a run takes.",
            "/v1/reconciliation of monitoring names each difference.",
            Clock.NOW,
            "Monitoring tells nothing: is it up?",
        ),
        Look("short", ((None, Colour.GOOD), (1, Colour.BAD)), decimals=0),
        [queries.now(f"max({prometheus_name(names.DIFFERENCES)})")],
        [_HOME],
    )


def _dead_now() -> Panel:
    return figure(
        "Dead letters",
        Says(
            "Messages that were no records, since the processing services that run now began. "
            "They lie on ingestion-logs.dlq, with the reason.",
            "above 0: a producer sends what cannot be read.",
            "`filrouge dlq list`.",
            Clock.NOW,
            _SILENT,
        ),
        Look("short", ((None, Colour.GOOD), (1, Colour.WARNING)), decimals=0),
        [queries.now(f"sum({_DEAD}) or 0 * max({_DEPTH})")],
        [_HOME],
    )


def _rate(title: str, says: Says, metric: str, by: str) -> Panel:
    return columns(
        title,
        says,
        Look("short", decimals=0),
        [
            queries.over_time(
                f"round(sum by ({by}) (increase({metric}[$__rate_interval]))) > 0",
                f"{{{{{by}}}}}",
                least="1m",
            )
        ],
        [_HOME],
        least_interval="1m",
    )


def _received() -> Panel:
    return _rate(
        "Records that the gateway received",
        Says(
            "Records sent to the ingestion service in each step, by what became of them. "
            "Producers that write to Kafka themselves are not in it.",
            "undelivered: Kafka took none. Invalid: a producer changed.",
            "the answers that the producer got; dead letters.",
            Clock.LIVE,
            "No record came over HTTP in this time range",
        ),
        _RECEIVED,
        _OUTCOME,
    )


def _processed() -> Panel:
    return _rate(
        "Records that monitoring read",
        Says(
            "Records read from Kafka into the registry in each step, by what became of them. "
            "Duplicate and late ones count once in all figures.",
            "invalid; a gap while runs are due.",
            "dead letters; the lag.",
            Clock.LIVE,
            "No record was read in this time range",
        ),
        _READ,
        _OUTCOME,
    )


def _lag() -> Panel:
    largest = f"max by (service_name, {_PARTITION})"
    return lines(
        "Kafka: messages waiting",
        Says(
            "Messages on the topic that a service has not committed yet, and records that the "
            "gateway could not hand over yet.",
            f"over {limits.LAG_MESSAGES:.0f} for ten minutes, or a line that never falls.",
            "the service's own log; export times beside.",
            Clock.LIVE,
            _SILENT,
        ),
        upto(limits.LAG_MESSAGES, "short"),
        [
            queries.over_time(f"sum({largest} ({_LAG}))", "processing"),
            queries.over_time(f"sum({largest} ({_REGISTRY_LAG}))", "monitoring"),
            queries.over_time(f"sum({_WAITING})", "gateway to Kafka"),
        ],
        [_HOME],
    )


def _dead_letters() -> Panel:
    return lines(
        "Dead letters, by reason",
        Says(
            "Messages that became dead letters since the services began, by reason.",
            "a step up.",
            "`filrouge dlq list --reason …`.",
            Clock.LIVE,
            "No dead letter",
        ),
        Look("short", decimals=0, least=0),
        [queries.over_time(f"sum by ({_REASON}) ({_DEAD})", f"{{{{{_REASON}}}}}")],
        [_HOME],
    )


def _exports() -> Panel:
    buckets = f"sum by (le) (increase({_EXPORT}_bucket[$__rate_interval]))"
    return lines(
        "Processing: from a batch to the collector",
        Says(
            "p95 of how long it took until the collector had a batch, and requests that it did "
            "not take in each step.",
            "seconds; any retry: the collector is busy or away.",
            "the collector's queues.",
            Clock.LIVE,
            "Nothing was processed in this time range",
        ),
        Look("s", decimals=2, least=0),
        [
            queries.over_time(f"histogram_quantile(0.95, {buckets}) >= 0", "p95"),
            queries.over_time(f"sum(increase({_RETRIES}[$__rate_interval]))", "retries"),
        ],
        [_HOME],
        points=True,
    )


def _registry() -> Panel:
    return lines(
        "Monitoring: runs in hand",
        Says(
            "Runs that are open, or stalled: more was to come and nothing does; and closings that "
            "wait to be sent to the collector.",
            "stalled above 0; closings that wait for minutes.",
            "monitoring's own page; docs/runbooks/IngestionRunStalled.md.",
            Clock.LIVE,
            _SILENT,
        ),
        Look("short", decimals=0, least=0),
        [
            queries.over_time(
                f"sum by ({_STATE}) (max by ({queries.COMPANY}, {_STATE}) ({_RUNS}))",
                f"{{{{{_STATE}}}}}",
            ),
            queries.over_time(f"max({_OUTBOX})", "closings to send"),
        ],
        [_HOME],
    )


def _queues() -> Panel:
    return lines(
        "Collector: queues, share used",
        Says(
            "How full the queue to each backend is.",
            f"{limits.QUEUE_RATIO:.0%} or more: the backend is away or slow. Full, senders are "
            "refused.",
            "that backend's row among the parts.",
            Clock.LIVE,
            "The collector is not scraped: is it up?",
        ),
        upto(limits.QUEUE_RATIO, "percentunit", most=1),
        [
            queries.over_time(
                "max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)",
                "{{exporter}}",
            )
        ],
        [_HOME],
    )


def _dropped() -> Panel:
    kinds = "otelcol_exporter_send_failed_(spans|log_records|metric_points)"
    return lines(
        "Collector: given up",
        Says(
            "Spans, log records and points that a backend refused for good, since the collector "
            "began.",
            "any: that telemetry is lost there.",
            "the collector's log says why.",
            Clock.LIVE,
            "Nothing was given up",
        ),
        Look("short", decimals=0, least=0),
        [queries.over_time(f"sum by (exporter) ({{__name__=~`{kinds}`}})", "{{exporter}}")],
        [_HOME],
    )


def _parts() -> Panel:
    state = palette.words(("down", Colour.BAD), ("up", Colour.GOOD))
    return rows(
        "Parts",
        Says(
            "Each part that Prometheus scrapes. The services push: see the figure above.",
            "down.",
            "`filrouge stack status`, and the part's log.",
            Clock.NOW,
            "Prometheus scrapes nothing",
        ),
        [
            Column("Value", "State", Look(mappings=(state,)), coloured=True, width=90),
            Column("job", "Part"),
            Column("instance", "Instance"),
        ],
        [queries.now("max by (job, instance) (up)", table=True)],
        [_HOME],
        sort=[("State", UP)],
    )


def _graph() -> Panel:
    return node_graph(
        "Services",
        Says(
            "Who calls whom, as spans tell: each circle is a service.",
            "a red rim: failed calls.",
            "a circle: its traces and metrics.",
            Clock.LIVE,
            "No call between services in this time range",
        ),
        queries.services(),
        [_HOME],
    )
