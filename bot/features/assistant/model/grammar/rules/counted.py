"""What the numbers of a sentence count: days, money, or nothing that is known."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.features.assistant.model.grammar.rules.conditions import compared, is_least
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece

LEAST_ORDER = 50
_DAYS_OF = {"week": 7, "weeks": 7, "fortnight": 14, "month": 30, "months": 30, "year": 365, "years": 365}
_OF_DEBT = {"old", "older", "late", "overdue", "past due", "behind", "plus", "over", "gone", "overdrawn", "or more"}
_ONE = {"a", "an", "one"}
_REGIONS = {"region", "area", "territory", "patch", "branch", "branches", "division"}
_LEAST_MONEY = 200  # “over 120” is of days
PLACES = {"north", "south", "east", "west", "midlands", "scottish", "welsh", "irish", "english", "overseas", "export"}
_EACH = {"each", "apiece", "a piece"}
_MOST_UNITS = 10_000


def counted(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces with “over 90 days” read as the age of a debt, “on 30 days” as terms, “over 5000” as money."""
    made: list[Piece] = []
    pieces = _multiplied(_with_regions(pieces))
    for at, piece in enumerate(pieces):
        if piece.phrase.startswith("day") and made and made[-1].cue is Cue.NUMBER:
            # “On 30 days”, “on 30 or 60 days”.
            is_terms = any(each.phrase == "on" for each in made[-4:-1]) and not _is_counted(made[-4:-1])
            text = made[-1].text if is_terms else f"{made[-1].text} {piece.text}"
            made[-1] = replace(made[-1], cue=Cue.TERMS if is_terms else Cue.AGE, text=text)
            if not is_terms and _begins_a_range(made):
                made[-3] = replace(made[-3], cue=Cue.AGE)
        elif made and piece.phrase in _DAYS_OF and _is_age(made, pieces[at + 1 : at + 3]):
            number = (made[-1].number or 1) * _DAYS_OF[piece.phrase]
            text, phrase = f"{made[-1].text} {piece.text}", f"{made[-1].phrase} {piece.phrase}"
            made[-1] = Piece(Cue.AGE, text, phrase, Decimal(number))
        else:
            made.append(piece)
    for at, piece in enumerate(made):
        is_money = (
            piece.cue is Cue.NUMBER and (piece.number or 0) >= _LEAST_MONEY and compared(made, at) != (at, at + 1)
        )
        if is_money and (is_least(made, at) or piece.text.isdigit()):
            made[at] = replace(piece, cue=Cue.MONEY)
    asks = any(piece.cue in {Cue.MODAL, Cue.OKAY, Cue.SHIP} for piece in made)
    for at, piece in enumerate(made[:-1]):
        if asks and piece.phrase == "in for" and made[at + 1].cue is Cue.MONEY:
            made[at] = replace(piece, cue=Cue.SHIP)  # “phoned in for £500, good to go?”
    _read_over(made)
    _read_order(made)
    if made and made[-1].phrase == "over":
        made[-1] = replace(made[-1], cue=Cue.OVER)
    return made


def _with_regions(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces with the ordinary word of “northern region” read as a name."""
    places = {at for at, piece in enumerate(pieces) if at and piece.phrase in _REGIONS and _is_plain(pieces[at - 1])}
    said = {at for at in range(len(pieces)) if at + 1 in places or _is_place(pieces, at)}
    return (
        [
            replace(piece, is_common=False, is_english=False)
            if at in said
            else replace(piece, cue=Cue.FILLER)
            if at in places
            else piece
            for at, piece in enumerate(pieces)
        ]
        if said
        else pieces
    )


def _is_place(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a point of the compass or a nation stands alone, as in “down south”, “scottish disputes”."""
    beside = (*pieces[max(0, at - 1) : at], *pieces[at + 1 : at + 2])
    is_alone = not any(each.cue is Cue.NAME and not each.is_english for each in beside)
    return pieces[at].cue is Cue.NAME and pieces[at].phrase in PLACES and is_alone


def _multiplied(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces with “2 pallets at £450 each” read as one amount."""
    made = list(pieces)
    for at, piece in enumerate(pieces):
        if piece.cue is not Cue.MONEY or at + 1 >= len(pieces) or pieces[at + 1].phrase not in _EACH:
            continue
        units = next(
            (before for before in range(at - 1, max(-1, at - 5), -1) if pieces[before].cue is Cue.NUMBER), None
        )
        if units is None or not 0 < (pieces[units].number or 0) <= _MOST_UNITS:
            continue
        made[at] = replace(piece, number=(piece.number or Decimal(0)) * (pieces[units].number or 1))
        made[units], made[at + 1] = replace(pieces[units], cue=Cue.FILLER), replace(pieces[at + 1], cue=Cue.FILLER)
    return made


def _is_plain(piece: Piece) -> bool:
    return piece.cue is Cue.NAME and piece.is_common


def _begins_a_range(made: Sequence[Piece]) -> bool:
    """Return whether the number before the last begins a range: “between 30 and 60 days”."""
    return (
        len(made) > 3
        and made[-3].cue is Cue.NUMBER
        and made[-2].phrase in {"and", "to", "-"}
        and made[-4].phrase in {"between", "from"}
    )


def _is_age(made: Sequence[Piece], after: Sequence[Piece]) -> bool:
    """Return whether weeks and the like are the age of a debt or a hold: “over 2 weeks”, “3 months late”."""
    if made[-1].cue is not Cue.NUMBER and made[-1].phrase not in _ONE:
        return False
    following = [piece.phrase for piece in after]
    is_more = following in (["or", "more"], ["or", "over"], ["or", "longer"]) or following == ["plus"]
    # “3 months” alone follows a list of debt, as does “overdue 3 months”.
    before = made[:-1]
    is_alone = not following and made[-1].cue is Cue.NUMBER and (not before or before[-1].cue is Cue.OVERDUE)
    is_late = any(piece.phrase in _OF_DEBT or piece.cue is Cue.OVERDUE for piece in after[:1])
    return is_late or is_more or is_alone or compared(made, len(made) - 1) != (len(made) - 1, len(made))


def _is_counted(before: Sequence[Piece]) -> bool:
    """Return whether another word than numbers stands between “on” and a number of days."""
    after = [each.phrase for each in before]
    between = after[after.index("on") + 1 :]
    return any(word not in {"or", "and", ","} and not word.isdigit() for word in between)


def _read_over(made: list[Piece]) -> None:
    """Read the limit of “those over limit” as who is over theirs."""
    for at, (before, piece) in enumerate(itertools.pairwise(made), start=1):
        if piece.cue is Cue.LIMIT and before.cue is Cue.CUSTOMERS and before.phrase.endswith(" over"):
            made[at] = replace(piece, cue=Cue.OVER)


def _read_order(made: list[Piece]) -> None:
    """Read “O'Briens 5000 yes or no” as an amount: the last number, after a name, of a question about an order."""
    last = max((at for at, piece in enumerate(made) if piece.cue is Cue.NUMBER), default=0)
    if not last or made[last - 1].cue is not Cue.NAME or (made[last].number or 0) < LEAST_ORDER:
        return
    follows = made[last + 1].cue if last + 1 < len(made) else None
    if follows in {Cue.SHIP, Cue.OKAY} and not any(piece.cue is Cue.MONEY for piece in made):
        made[last] = replace(made[last], cue=Cue.MONEY)
