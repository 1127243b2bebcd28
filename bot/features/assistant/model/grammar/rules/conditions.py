"""What narrows a list: amounts and ages with their direction, what is not to be, and who is left out of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece

LISTED = (
    Cue.HOLD,
    Cue.OVER,
    Cue.OVERDUE,
    Cue.CHASE,
    Cue.DISPUTED,
    Cue.WARNED,
    Cue.PROMISED,
    Cue.SUGGEST,
    Cue.NEEDS_HOLD,
    Cue.NEAR,
)
NOT = {"not", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "hadnt", "dont", "doesnt", "didnt", "wont"}
NOT |= {"never", "without", "no", "non", "neither", "nor", "nothing"}
_UNKEPT = frozenset({"broke", "broken", "breaking", "breaks", "missed", "unkept", "reneged"})
_LEAVES_OUT = {
    "leaving out",
    "leave out",
    "not counting",
    "not including",
    "ignoring",
    "excluding",
    "except",
    "bar",
    "minus",
}
_LEAVES_OUT |= {"barring", "besides", "except for", "exclude", "omit"}
# What says of itself that an account isn't on hold or overdue.
_OPPOSITES = {"off hold", "off stop", "come off", "come off hold", "come off stop", "comes off hold", "comes off stop"}
_OPPOSITES |= {"off the stop list", "off the hold list", "still live", "still trading", "still getting goods"}
_OPPOSITES |= {"still being supplied", "still buying", "still on supply", "still open", "still active"}
_OPPOSITES |= {"up to date", "upto date", "up-to-date", "bang up to date", "paid up to date", "up to date with"}
_OPPOSITES |= {"all square", "square with us"}
_COUNTS = {"top", "first", "biggest", "largest", "worst", "highest", "oldest"}
_MOST_COUNTED = 50
THOSE = {"ones", "those", "these"}
_BETWEEN = {Cue.FILLER, Cue.ASKING, Cue.MODAL, Cue.LINK, Cue.JOINER}
_FARTHEST = 4  # pieces between “not” and what is not
_MOST = {"under", "below", "less", "fewer", "most", "max", "maximum", "smaller", "within", "up to"}
_LEAST = {
    "over",
    "above",
    "more",
    "least",
    "min",
    "minimum",
    "exceeding",
    "past",
    "beyond",
    "longer",
    "older",
    "bigger",
}
_LEAST |= {"greater", "larger", "excess", "upwards", "north", "higher"}
_COMPARES = (
    _MOST | _LEAST | {"than", "at", "up", "to", "of", "in", "a", "an", "about", "around", "roughly", "no", "not"}
)
_COMPARES |= {"the", "for", "by"}
_OR_LESS, _OR_MORE = {"less", "under", "below", "fewer"}, {"more", "over", "above", "upwards"}
_EXCEPT = {
    "leaving out",
    "leave out",
    "not counting",
    "not including",
    "ignoring",
    "except",
    "excluding",
    "bar",
    "barring",
    "minus",
    "besides",
    "outside",
    "except for",
    "without",
    "omitting",
    "omit",
    "exclude",
    "skipping",
    "skip",
    "forgetting",
}
_EXCEPT_PAIRS = {("apart", "from"), ("aside", "from"), ("other", "than"), ("but", "not"), ("not", "in"), ("not", "for")}
_ALL_BUT = {Cue.WHO, Cue.ALL, Cue.CUSTOMERS}
_AMONG_NAMES = {Cue.NAME, Cue.JOINER, Cue.LINK, Cue.COMMA, Cue.VERSUS}


def says_broken(words: Collection[str]) -> bool:
    """Return whether these words, of a promise, say that it was not kept."""
    return not _UNKEPT.isdisjoint(words) or ("kept" in words and not NOT.isdisjoint(words))


def compared(pieces: Sequence[Piece], at: int) -> tuple[int, int]:
    """Return where the words begin and end that compare the figure at this place, with it: “more than £5,000”."""
    start = at
    while start and pieces[start - 1].number is None and set(pieces[start - 1].phrase.split()) <= _COMPARES:
        if not pieces[start - 1].phrase:
            break
        start -= 1
    end = at + 1
    after = [piece.phrase for piece in pieces[end : end + 2]]
    if after[:1] in (["or"], ["and"]) and after[1:] and after[1] in _OR_LESS | _OR_MORE:
        end += 2
    words = {word for piece in pieces[start:end] for word in piece.phrase.split()}
    return (start, end) if words & (_MOST | _LEAST) or {"up", "to"} <= words else (at, at + 1)


def is_least(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a figure is a lower bound in so many words: “over 5k”, “5k or more”."""
    start, end = compared(pieces, at)
    return end - start > 1 and not is_most(pieces, at)


def is_most(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a figure is an upper bound: “under 5k”, “no more than 5k”, the second of “between 1k and 5k”."""
    start, end = compared(pieces, at)
    before = [word for piece in pieces[start:at] for word in piece.phrase.split()]
    after = {word for piece in pieces[at + 1 : end] for word in piece.phrase.split()}
    if after & _OR_LESS or {"up", "to"} <= set(before):
        return True
    if after & _OR_MORE:
        return False
    if _LEAST & set(before) and {"no", "not"} & set(before):
        return True
    return bool(_MOST & set(before)) or range_begins(pieces, at) is not None


def range_begins(pieces: Sequence[Piece], at: int) -> int | None:
    """Return where a range begins that ends with this figure: “between 1k and 5k”. None if there is none."""
    joined = at >= 3 and pieces[at - 1].phrase in {"and", "to", "-"} and pieces[at - 2].number is not None
    return at - 3 if joined and pieces[at - 3].phrase in {"between", "from"} else None


def counts(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return how many are to be listed, by the places of such numbers: “top 5”, “the 3 worst”, “5 oldest debts”."""
    found: dict[int, int] = {}
    for at, piece in enumerate(pieces):
        beside = (*pieces[max(0, at - 1) : at], *pieces[at + 1 : at + 2])
        if piece.cue is Cue.NUMBER and any(not _COUNTS.isdisjoint(each.phrase.split()) for each in beside):
            found[at] = max(1, min(int(piece.number or 0), _MOST_COUNTED))
    return found


def negated(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return where “not” and its kin stand, by the places of “on hold”, “overdue” and the like that they take back."""
    found: dict[int, int] = {}
    for at, piece in enumerate(pieces):
        if piece.cue not in LISTED and piece.cue is not Cue.BALANCE:
            continue
        start, is_opposite = at, piece.phrase in _OPPOSITES
        if is_opposite:
            found[at] = at
        while start and at - start < _FARTHEST and (pieces[start - 1].cue in _BETWEEN or _is_those(pieces[start - 1])):
            start -= 1
            if pieces[start].phrase in NOT:
                found[at] = start
                if is_opposite:
                    del found[at]
                break
        if not is_opposite and (out := _leaves_out(pieces, at)) is not None:
            found[at] = out
    return found


def _is_those(piece: Piece) -> bool:
    """Return whether it is of those of a list: “not the ones on hold”."""
    return piece.cue is Cue.CUSTOMERS and not THOSE.isdisjoint(piece.phrase.split())


def _leaves_out(pieces: Sequence[Piece], at: int) -> int | None:
    """Return where “leaving out”, “apart from” and the like stand before this place; None if they don't."""
    start = at
    while start and at - start < _FARTHEST and pieces[start - 1].cue in _BETWEEN | {Cue.CUSTOMERS, Cue.WHO, Cue.ALL}:
        start -= 1
        if pieces[start].phrase in _LEAVES_OUT:
            return start
        if start and (pieces[start - 1].phrase, pieces[start].phrase) in _EXCEPT_PAIRS:
            return start - 1
    return None


def excluded(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return where the word stands that leaves a name out, by the places of such names: “except ABS”."""
    found: dict[int, int] = {}
    leaves_out: int | None = None
    for at, piece in enumerate(pieces):
        pair = (pieces[at - 1].phrase, piece.phrase) if at else ("", "")
        if piece.phrase in _EXCEPT:
            leaves_out = at
        elif pair in _EXCEPT_PAIRS or _is_all_but(pieces, at):
            leaves_out = at if piece.phrase == "but" else at - 1
        elif piece.cue is Cue.NAME and leaves_out is not None:
            found[at] = leaves_out
        elif piece.cue not in _AMONG_NAMES:
            leaves_out = None
    return found


def _is_all_but(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether “but” stands before a name that is left out: “everyone but ABS”, “everyone overdue but ABS”."""
    if pieces[at].phrase != "but" or not at:
        return False
    follows = next((piece for piece in pieces[at + 1 :] if piece.cue is not Cue.JOINER), None)
    of_all = any(piece.cue in _ALL_BUT for piece in pieces[:at])
    return pieces[at - 1].cue in _ALL_BUT or (of_all and follows is not None and follows.cue is Cue.NAME)


def leaves_names_out(pieces: Sequence[Piece]) -> bool:
    """Return whether every name is of somebody left out, so that many others are asked about: “overdue except ABS”."""
    named = {at for at, piece in enumerate(pieces) if piece.cue is Cue.NAME}
    return bool(named) and named <= excluded(pieces).keys()
