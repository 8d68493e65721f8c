"""What `filrouge stack build` made, for those who run it."""

from __future__ import annotations

import os
from pathlib import Path

from filrouge.errors import UsageError
from filrouge.stack.build.targets import Target, Targets, cache_folder, find_targets
from filrouge.stack.build.toolchain import find_java
from filrouge.stack.checkout import find_checkout

_WHAT_TO_DO = "run `filrouge stack build`"


class Built:
    """The built parts of one checkout."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._homes = {
            name: target for target in targets.all.values() for name in target.part.executables
        }

    def missing(self) -> tuple[str, ...]:
        """The parts that are not built yet, or not anew since their sources changed."""
        return tuple(name for name, target in self._targets.all.items() if not target.is_built)

    def executable(self, name: str) -> Path:
        """An executable: tempo, loki, prometheus, promtool, alertmanager, amtool, ….

        Raises:
            UsageError: its part is not built.
            KeyError: no part makes such a thing.
        """
        return _checked(self._homes[name]).executable(name)

    def kafka_classpath(self) -> str:
        """All of Kafka's jars, as java takes them behind `-cp`.

        Raises:
            UsageError: they were not fetched.
        """
        jars = _checked(self._targets.all["kafka"]).jars
        return os.pathsep.join(str(jar) for jar in sorted(jars.glob("*.jar")))

    def java(self) -> Path:
        """A java that runs Kafka: of JAVA_HOME, PATH, or the wheel that the build fetched.

        Raises:
            UsageError: there is none new enough.
        """
        found = find_java(self._targets.manifest.toolchain, self._targets.cache)
        if found is None:
            oldest = self._targets.manifest.toolchain.java_minimum
            raise UsageError(f"no Java {oldest} or newer on PATH; {_WHAT_TO_DO}, or install one")
        return found


def built(checkout: Path | None = None) -> Built:
    """The parts as the checkout (by default the one found) asks for them; reads small files only.

    Raises:
        UsageError: there is no checkout, or its manifest cannot be read.
    """
    return Built(find_targets(checkout or find_checkout(), cache_folder()))


def java_executable() -> Path:
    """A java that runs Kafka; see `Built.java`."""
    return built().java()


def _checked(target: Target) -> Target:
    if not target.is_built:
        raise UsageError(f"{target.label} is not built; {_WHAT_TO_DO}")
    return target
