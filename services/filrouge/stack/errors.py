"""What can go wrong with a stack that was rightly asked for."""

from __future__ import annotations

from filrouge.errors import FilrougeError


class StackError(FilrougeError):
    """A part cannot be started, is not ready in time, or does not stop: exit status 3."""


class NotRunningError(StackError):
    """No supervisord answers."""
