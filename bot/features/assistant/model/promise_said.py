"""The promise to pay that a sentence tells of, as it is typed: `500 by Friday`."""

from __future__ import annotations

from datetime import date

from bot.features.assistant.model.grammar.rules.understand import pieces_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.promises.model.day_typed import NoSuchDay, day_typed

_AROUND = " .,;:?!"
_BY = {"by", "on", "before", "for", "until", "till"}


def promise_said(text: str, today: date) -> str:
    """Return the amount and the day that a sentence says was promised; empty where it says neither or no promise."""
    pieces = pieces_of(text)
    if not any(piece.cue is Cue.PROMISED or "promise" in piece.phrase for piece in pieces):
        return ""
    day = _day(text, today)
    amount = next((each.number for cue in (Cue.MONEY, Cue.NUMBER) for each in pieces if each.cue is cue), None)
    if amount is None and not day:
        return ""
    return f"{'AMOUNT' if amount is None else f'{amount:f}'} by {day or 'DAY'}"


def _day(text: str, today: date) -> str:
    words = text.split()
    led = [at + 1 for at, word in enumerate(words) if word.casefold() in _BY]
    for at in (*led, *range(len(words))):
        try:
            found = day_typed(words[at:], today)
        except NoSuchDay:
            continue
        if found is not None:
            return " ".join(words[at : at + found[1]]).strip(_AROUND)
    return ""
