"""Rules and Alertmanager for a stack of a test's own: quick, and heard by a webhook."""

from __future__ import annotations

from pathlib import Path

import yaml

from scripts.rules import quickened, write
from tests.conftest import CHECKOUT

ALERTMANAGER = CHECKOUT / "alertmanager" / "alertmanager.yaml"


def alerting(folder: Path, webhook: str, speed: float = 1) -> dict[str, str]:
    """What a stack is to be told so that its alerts come to a webhook.

    Args:
        folder: is given the rules and the configuration.
        webhook: the address that every receiver posts to; what is resolved too.
        speed: how many times as short all windows, holds and waits are.

    Returns:
        Variables for `new_stack`.
    """
    write(folder / "rules", speed)
    config = folder / "alertmanager.yaml"
    config.write_text(heard(ALERTMANAGER.read_text(), webhook, speed))
    return {
        "FILROUGE_RULES": str(folder / "rules"),
        "FILROUGE_ALERTMANAGER_CONFIG": str(config),
    }


def heard(text: str, webhook: str, speed: float = 1) -> str:
    """A configuration in which every receiver posts to the webhook."""
    config = yaml.safe_load(quickened(text, speed))
    for receiver in config["receivers"]:
        receiver["webhook_configs"] = [{"url": webhook, "send_resolved": True}]
    return yaml.safe_dump(config)
