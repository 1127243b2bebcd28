"""The frame around every listener: ack first, answer afterwards, and every error becomes its message."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.errors import BotError
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.metrics import ANSWER_SECONDS
from bot.slack.reply import Reply
from bot.slack.views.errors import explain, still_asking
from bot.slack.views.message import Message

_PATIENCE = 3.0  # seconds before the person is told that Sage is slow

Listener = Callable[..., Awaitable[None]]

log = structlog.get_logger(__name__)


def answering(work: BackgroundTasks, *, patience: float = _PATIENCE) -> Callable[[Listener], Listener]:
    """Decorate a listener that names `ack` and `reply` among its arguments.

    Bolt runs with `process_before_response`, so what it awaits here must end at the ack: the listener itself goes on
    as accepted work. Raising near the ack can't lose it (bolt-python's own runner answers 404 then), because no error
    leaves the listener.
    """

    def frame(listener: Listener) -> Listener:
        @functools.wraps(listener)
        async def run(**given: Any) -> None:
            acked = asyncio.Event()
            plain_ack = given["ack"]

            async def ack(*parts: Any, **named: Any) -> Any:
                response = await plain_ack(*parts, **named)
                acked.set()
                return response

            answer = _answer(listener, {**given, "ack": ack}, given["reply"], patience=patience)
            await _first(acked, work.start(answer))
            if not acked.is_set():
                await plain_ack()

        return run

    return frame


async def _first(acked: asyncio.Event, task: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(acked.wait())
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _answer(listener: Listener, given: dict[str, Any], reply: Reply, *, patience: float) -> None:
    slow = asyncio.create_task(_say_if_slow(reply, patience))
    try:
        mishap = await _run(listener, given)
        if mishap is not None:
            await reply(mishap)
    finally:
        slow.cancel()


async def _run(listener: Listener, given: dict[str, Any]) -> Message | None:
    """Nothing when the listener answered by itself; else what to tell the person."""
    outcome, began = "answered", time.monotonic()
    try:
        await listener(**given)
    except BotError as error:
        outcome = type(error).__name__
        log.info("answered with an error", why=outcome, permanent=error.permanent)
        return explain(error)
    except Exception:
        outcome = "failed"
        log.exception("a listener failed", listener=listener.__name__)
        return explain(BotError())
    finally:
        ANSWER_SECONDS.labels(listener.__name__, outcome).observe(time.monotonic() - began)
    return None


async def _say_if_slow(reply: Reply, patience: float) -> None:
    await asyncio.sleep(patience)
    await reply.progress(still_asking())
