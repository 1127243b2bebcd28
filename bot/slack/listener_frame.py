"""The frame around every listener: ack first, answer later, and turn every error into a message."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable

import structlog
from structlog.contextvars import bound_contextvars

from bot.coordination.background_tasks import BackgroundTasks
from bot.coordination.limits import SILENT
from bot.errors import BotError, StorageDown, TooLong, TooMany
from bot.observability.metrics import ANSWER_SECONDS
from bot.slack.interaction import Interaction
from bot.slack.views.errors import explain, still_asking
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal
from storage.outage import outage

_PATIENCE = 3.0  # seconds before the user is told that Sage is slow
_ACK_PATIENCE = 2.0  # seconds that a form's answer may take: Slack gives up after three

Listener = Callable[[Interaction], Awaitable[None]]

log = structlog.get_logger(__name__)

_FOR_ANYBODY: set[Listener] = set()


def for_anybody(listener: Listener) -> Listener:
    """Mark a listener that guests and people of other companies reach: it shows help, or refuses by itself."""
    # Every other listener is reached by full members alone: they are turned away before a word of theirs is read.
    _FOR_ANYBODY.add(listener)
    return listener


def answering(work: BackgroundTasks, *, patience: float = _PATIENCE) -> Callable[[Listener], Listener]:
    """Return a decorator for listeners: acked at once, run as a background task unless repeated, and never raising."""
    # Bolt runs with `process_before_response`, so it must wait for no more than the ack. An error near the ack would
    # lose the ack (bolt-python's own runner answers 404 then), so no error leaves the listener.

    def frame(listener: Listener) -> Listener:
        @functools.wraps(listener)
        async def run(interaction: Interaction) -> None:
            if not interaction.answers_in_ack:
                # Before anything that leaves the process: under load it would wait behind other answers.
                await interaction.ack()
            # The task keeps what is bound here, and so does all that it starts.
            with bound_contextvars(**({"workspace": interaction.workspace_id} if interaction.bot else {})):
                task = work.start(_answer(listener, interaction, patience=patience))
            if interaction.answers_in_ack:
                await _first(interaction.acked, task)
                await (interaction.ack() if task.done() else interaction.ack_before_answer())

        return run

    return frame


async def _first(acked: asyncio.Event, task: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(acked.wait())
    try:
        await asyncio.wait({waiting, task}, timeout=_ACK_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _answer(listener: Listener, interaction: Interaction, *, patience: float) -> None:
    notices: list[asyncio.Task[None]] = []

    def send_notice() -> None:
        notices.append(asyncio.create_task(interaction.reply.progress(still_asking())))

    slow = asyncio.get_running_loop().call_later(patience, send_notice)
    try:
        error_message = await _run(listener, interaction)
        if error_message is not None:
            await interaction.reply(error_message)
    finally:
        slow.cancel()
        for task in notices:
            task.cancel()
        await interaction.record_reads()


async def _limited(interaction: Interaction, error: TooMany) -> Message | None:
    """Return the message for a member over a limit, once in its window; a form keeps what was filled in."""
    if interaction.limited_as in SILENT:
        return None
    if interaction.body.get("type") == "view_submission":
        await interaction.ack(response_action="push", view=message_modal(explain(error)))
        return None
    return explain(error) if error.is_news else None


async def _is_let_in(listener: Listener, interaction: Interaction) -> bool:
    """Return False for a form with a field that is too long, which is told so. Raises TooMany and NotAllowed."""
    interaction.spend()
    if listener not in _FOR_ANYBODY:
        await interaction.session()
    return not (interaction.too_long and await _refuse_too_long(interaction))


async def _run(listener: Listener, interaction: Interaction) -> Message | None:
    """Run the listener. Return None if it answered itself; else the message for the user."""
    outcome, began = "answered", time.monotonic()
    try:
        if await interaction.is_repeat():
            outcome = "repeat"
            log.info("dropped a repeat", listener=listener.__name__)
        elif await _is_let_in(listener, interaction):
            await listener(interaction)
        else:
            outcome = TooLong.__name__
    except TooMany as error:
        outcome = type(error).__name__
        log.info("answered with an error", why=outcome, permanent=error.permanent)
        return await _limited(interaction, error)
    except BotError as error:
        outcome = type(error).__name__
        interaction.note_refusal(error)
        log.info("answered with an error", why=outcome, permanent=error.permanent)
        return await interaction.explained(error)
    except Exception as error:
        outcome = "failed"
        if why := outage(error):
            log.error("a listener failed", listener=listener.__name__, why=why)  # noqa: TRY400 - no fault of the code
            return explain(StorageDown())
        log.exception("a listener failed", listener=listener.__name__)
        return explain(BotError())
    finally:
        ANSWER_SECONDS.labels(listener.__name__, outcome).observe(time.monotonic() - began)
    return None


async def _refuse_too_long(interaction: Interaction) -> bool:
    """Refuse a form, beside its fields, or a menu's options. Return whether that was done. Raises TooLong."""
    kind = interaction.body.get("type")
    if kind == "event_callback":
        return False  # a message is refused where it is read: most are not for us, and our own may be long
    if kind == "view_submission":
        error = TooLong()
        errors = dict.fromkeys(interaction.too_long, f"{error.message} {error.hint}")
        await interaction.ack(response_action="errors", errors=errors)
        return True
    if kind == "block_suggestion":
        await interaction.ack(options=[])
        return True
    raise TooLong
