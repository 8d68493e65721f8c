"""A stack with all that processing needs, which the tests of this folder break and mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from filrouge.settings import Settings, load_settings
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, WIDE_BLOCKS, free_offset, throwaway

PARTS: Final = ("kafka", "tempo", "loki", "prometheus", "collector", "processing")


@pytest.fixture(scope="package")
def package_stack(stack_roots: Iterator[Path]) -> Iterator[Stack]:
    """The parts, up and ready. A test that breaks one leaves it mended."""
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), WIDE_BLOCKS)) as stack:
        stack.up(PARTS)
        yield stack


@pytest.fixture
def busy_stack(package_stack: Stack) -> Stack:
    """The stack with all of these parts ready, whatever a test that failed has left."""
    package_stack.up(PARTS)
    return package_stack


@pytest.fixture
def settings(busy_stack: Stack) -> Settings:
    """Those of a command that uses the stack."""
    return load_settings(stack_port_offset=busy_stack.place.offset)
