"""`filrouge topics`: what Kafka must have before anything else starts."""

from __future__ import annotations

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from filrouge.kafka.client import BrokerError, client_options
from filrouge.kafka.creating import create_topics
from filrouge.settings import load_settings

_ANSWER_S = 5.0


def topics() -> None:
    """Create the topics that Kafka does not have yet.

    A broker that is still starting is waited for, as long as the setting kafka_patience_s says.
    `filrouge stack up` does this by itself; a Kafka of one's own needs it once.

    Exit status: 0 when all topics are there; 2 when Kafka is away or refuses.
    """
    settings = load_settings()
    retrying = Retrying(
        retry=retry_if_exception_type(KafkaException),
        stop=stop_after_delay(settings.kafka_patience_s),
        wait=wait_exponential_jitter(multiplier=0.2, max=5),
        reraise=True,
    )
    client = AdminClient(client_options(settings, {}))
    try:
        made = retrying(create_topics, client, _ANSWER_S)
    except KafkaException as error:
        raise BrokerError(
            f"Kafka at {settings.brokers} has not made the topics ({error.args[0].str()}); start "
            "it, or set FILROUGE_KAFKA_BROKERS to where it is"
        ) from None
    typer.echo(f"created: {', '.join(made)}" if made else "all topics are there")
