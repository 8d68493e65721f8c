"""A stack that the tests of this folder break, and mend again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, WIDE_BLOCKS, free_offset, throwaway


@pytest.fixture(scope="package")
def package_stack(stack_roots: Iterator[Path]) -> Iterator[Stack]:
    """All parts, up and ready. A test that breaks one leaves it mended."""
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset(), WIDE_BLOCKS)) as stack:
        stack.up()
        yield stack


@pytest.fixture
def broken_stack(package_stack: Stack) -> Stack:
    """The stack with all of these parts ready, whatever a test that failed has left."""
    package_stack.up()
    return package_stack
