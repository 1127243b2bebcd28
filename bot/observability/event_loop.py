"""How long the event loop stands still: nobody is answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.observability.metrics import STALL_SECONDS

_EVERY_SECONDS = 0.1
_LEAST_SECONDS = 0.05


@asynccontextmanager
async def stalls_measured() -> AsyncIterator[None]:
    """Measure stalls of the event loop until the block ends."""
    task = asyncio.create_task(_measure())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _measure() -> None:
    loop = asyncio.get_running_loop()
    while True:
        wanted = loop.time() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        late = loop.time() - wanted
        if late >= _LEAST_SECONDS:
            STALL_SECONDS.observe(late)
