"""Spans of what takes time, if the operator collects them; else this costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Begin = Callable[[str], AbstractContextManager[object]]

_begin: Begin | None = None


def collect(begin: Begin | None) -> None:
    """Begin every span by this call from now on; None: no more."""
    global _begin  # noqa: PLW0603 - of a process, as its logging is
    _begin = begin


def span(name: str) -> AbstractContextManager[object]:
    """Return the context of a span. Its name holds nothing of a request."""
    return nullcontext() if _begin is None else _begin(name)
