"""Work over the rows of many workspaces, of which none can stop the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

import structlog

T = TypeVar("T")
R = TypeVar("R")

log = structlog.get_logger(__name__)


async def each_alone(
    rows: Iterable[T], work: Callable[[T], Awaitable[R]], *, task: str, ids: Callable[[T], Mapping[str, object]]
) -> list[R]:
    """Do the work for one row after the other; return the results. A failure is logged with the row's ids alone."""
    done: list[R] = []
    for row in rows:
        try:
            done.append(await work(row))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one row, the others have their turn
            # Without the error's text, which may hold what the row holds.
            log.warning("left out one of many", task=task, why=type(error).__name__, **ids(row))
    return done
