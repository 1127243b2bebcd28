"""Whether an answer was useful: the presses below it, and what admins see of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.features.assistant.model.answer_kinds import DAYS, KINDS, AnswerReport
from bot.features.installations.model import FEEDBACK
from bot.slack.views.blocks import context_actions_block, feedback_buttons
from bot.slack.views.message import Message, aside, joined, note, section
from bot.slack.views.table import Figure, data_table
from bot.slack.views.text import readable

PRESSED = "talk.feedback"
MOST_BLOCKS = 50  # of a Slack message
_LIKED, _DISLIKED = "liked", "disliked"
_MOST_SHOWN = 120
_HOW = "Numbers only: not who asked, or who pressed."


def with_feedback(message: Message, kind: str) -> Message:
    """Return the answer with the presses below."""
    if len(message.blocks) in {0, MOST_BLOCKS}:
        return message
    presses = feedback_buttons(
        PRESSED, positive=("Useful", f"{_LIKED} {kind}"), negative=("Not useful", f"{_DISLIKED} {kind}")
    )
    return replace(message, blocks=(*message.blocks, context_actions_block([presses], block_id=FEEDBACK)))


def pressed(action: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the kind of answer, and whether it was liked; None if the value is not one of ours."""
    said, _, kind = str(action.get("value") or "").partition(" ")
    return (kind, said == _LIKED) if kind in KINDS and said in {_LIKED, _DISLIKED} else None


def thanks(*, is_liked: bool) -> Message:
    """Return the private answer to a press."""
    if is_liked:
        return note("Thank you. Counted as useful.")
    return note("Thank you. Counted as not useful. `/sage help` lists what can be asked by command.")


def words_kept(message: Message) -> Message:
    """Return the answer to a question that wasn't understood, saying that its words are kept."""
    said = f"What you wrote is kept for {DAYS} days, for admins of this app."
    return Message(joined([message.text, said]), (*message.blocks, aside(said)))


def answer_report(found: AnswerReport) -> Message:
    """Return what was asked in plain English, by kind, and what wasn't understood."""
    answered = sum(each.answered for each in found.kinds)
    liked, disliked = (sum(getattr(each, which) for each in found.kinds) for which in ("liked", "disliked"))
    top = (
        f"*Questions in plain English, last {DAYS} days*\n{answered:,} answered · "
        f"{found.not_understood:,} not understood · {liked:,} 👍 · {disliked:,} 👎"
    )
    lines = [
        f"{each.label}: {each.answered:,} answered, {each.liked:,} useful, {each.disliked:,} not useful"
        for each in found.kinds
    ]
    rows = [(each.label, _count(each.answered), _count(each.liked), _count(each.disliked)) for each in found.kinds]
    head = ("About", "Answered", "👍", "👎")
    tables = [data_table("answers", "Questions in plain English", head, rows)] if rows else []
    below = _words(found)
    return Message(joined([top, *lines, below, _HOW]), (section(top), *tables, section(below), aside(_HOW)))


def _count(count: int) -> Figure:
    return Figure(count, f"{count:,}")


def _words(found: AnswerReport) -> str:
    if not found.keeps_words:
        return "What wasn't understood isn't kept. `/sage settings keep-questions on` keeps the words for 30 days."
    kept = [f"•  {readable(each, most=_MOST_SHOWN)}" for each in found.words]
    return joined(["*Not understood, the newest first*", *(kept or ["nothing yet"])], most=2_900)
