"""The customers of a sentence: the words that are neither a cue nor ordinary English, or a word that points back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import Both, It, Named, Subject, Unsaid

MOST_NAMES = 4
_LONGEST_NAME = 7  # words
_LONGEST_ELLIPSIS = 3  # words that say something
_LEADS = {Cue.LINK}
_PRONOUNS = {"they", "them", "their", "theyd", "theyve", "theyre", "theyll"}
_SEVERAL = {"both", "three", "four"}
_SAYS_NOTHING = {
    Cue.FILLER,
    Cue.JOINER,
    Cue.LINK,
    Cue.COMMA,
    Cue.GREETING,
    Cue.THANKS,
    Cue.MODAL,
    Cue.ASKING,
    Cue.AGAIN,
    Cue.PUT,
    Cue.HOW_MUCH,
}
_OF_MANY = {Cue.WHO, Cue.CUSTOMERS, Cue.OWERS, Cue.ALL, Cue.MOST, Cue.TOTAL, Cue.HOW_MANY, Cue.OURS, Cue.MINE}
# Plurals that are of many customers; those of one are “orders” and “invoices”.
_PLURALS = {"balances", "debts", "limits", "credit limits", "aged debts", "aged balances", "aged debtors"} | {
    "overdues",
    "oldest debts",
    "oldest balances",
    "promises",
    "promised payments",
    "broken promises",
    "promises due",
    "payment promises",
}


def names(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Return the names. References are names whatever stands beside them; several are told apart by “or” or a comma."""
    references = [at for at in range(len(pieces)) if _is_reference(pieces, at)]
    runs = _runs(pieces)
    if references:
        beside = [run for run in runs if not _holds(run, references) and _is_beside(pieces, run, references)]
        found = sorted([(at, at + 1) for at in references] + beside)
        return tuple(dict.fromkeys(_spelt(pieces[start:end]) for start, end in found))
    return tuple(_spelt(pieces[start:end]) for start, end in runs)


def subjects(pieces: Sequence[Piece]) -> tuple[Subject, ...]:
    """Return the customers that a question is about: those named, else “it” where a word or an ellipsis asks for it."""
    named = names(pieces)
    if len(named) > 1 and (any(_is_reference(pieces, at) for at in range(len(pieces))) or _are_several(pieces)):
        return tuple(Named(each) for each in named[:MOST_NAMES])
    if named and _is_aside(pieces):
        return (It(),)  # “who's their rep, I'll give him a bell”
    if named:
        return (Named(_likeliest(pieces) if len(named) > 1 else named[0]),)
    if any(_SEVERAL & set(piece.phrase.split()) for piece in pieces):
        return (Both(),)  # “are they both on hold”: one of them would stand for two
    return (It(),) if points_back(pieces) or is_ellipsis(pieces) else (Unsaid(),)


def _is_aside(pieces: Sequence[Piece]) -> bool:
    """Return whether no name is more than a word of ordinary English, behind “a” after a pronoun."""
    said = [at for at, piece in enumerate(pieces) if piece.cue is Cue.NAME]
    pronoun = next((at for at, piece in enumerate(pieces) if piece.cue is Cue.IT), len(pieces))
    return bool(said) and all(
        pieces[at].is_common and pronoun < at and pieces[at - 1].phrase in {"a", "an"} for at in said
    )


def subject(pieces: Sequence[Piece]) -> Subject:
    """Return the first customer of a question."""
    return subjects(pieces)[0]


def points_back(pieces: Sequence[Piece]) -> bool:
    """Return whether a pronoun stands for a customer asked about before."""
    return any(piece.cue is Cue.IT for piece in pieces) or any(
        _PRONOUNS & set(piece.phrase.split()) for piece in pieces if piece.cue not in _OF_MANY
    )


def is_ellipsis(pieces: Sequence[Piece]) -> bool:
    """Return whether the sentence is so short that it goes on about the customer asked about before."""
    if any(piece.is_noun for piece in pieces):
        return False  # “what do the twins owe”
    of_many = _OF_MANY - {Cue.WHO} if any(piece.cue in {Cue.CONTACT, Cue.REP} for piece in pieces) else _OF_MANY
    if any(piece.cue in of_many | {Cue.ORDINARY} or piece.phrase in _PLURALS for piece in pieces) or is_plural(pieces):
        return False
    if any(piece.cue is Cue.WHICH and piece.phrase != "any" for piece in pieces) and not is_which(pieces):
        return False
    saying = [piece for piece in pieces if piece.cue not in _SAYS_NOTHING]
    return len(saying) <= _LONGEST_ELLIPSIS and len(pieces) <= 2 * _LONGEST_ELLIPSIS + 1


def is_which(pieces: Sequence[Piece]) -> bool:
    """Return whether it only asks “which invoices”, of the customer asked about before."""
    first = pieces[0].phrase if len(pieces) <= 2 else ""
    return first == "which" and pieces[-1].cue in {Cue.INVOICES, Cue.ORDERS}


def is_plural(pieces: Sequence[Piece]) -> bool:
    """Return whether a word is the plural of what every customer has, as in “overdue debts”."""
    promises = any(piece.cue is Cue.PROMISED and piece.phrase.endswith("s") for piece in pieces)
    return promises or any(piece.phrase in _PLURALS for piece in pieces)


def _is_reference(pieces: Sequence[Piece], at: int) -> bool:
    # A short one before another name is a part of that name or of a postcode: “M25 Motors”, “NE46 1AA”.
    if not pieces[at].is_reference:
        return False
    return len(pieces[at].phrase) > 4 or not (at + 1 < len(pieces) and pieces[at + 1].cue is Cue.NAME)


def _holds(run: tuple[int, int], references: Sequence[int]) -> bool:
    return any(run[0] <= at < run[1] for at in references)


def _is_beside(pieces: Sequence[Piece], run: tuple[int, int], references: Sequence[int]) -> bool:
    """Return whether only “or”, “and” or a comma is between a name and a reference."""
    for at in references:
        between = pieces[run[1] : at] if at >= run[1] else pieces[at + 1 : run[0]]
        if between and all(_joins(piece) for piece in between):
            return True
    return False


def _joins(piece: Piece) -> bool:
    return piece.cue in {Cue.VERSUS, Cue.COMMA} or piece.phrase in {"and", "&", "+", "with"}


def _are_several(pieces: Sequence[Piece]) -> bool:
    """Return whether “or” or a comma stands before the last name."""
    runs = _runs(pieces)
    for start, _ in runs[1:]:
        before = [piece for piece in pieces[:start] if piece.cue is not Cue.FILLER][-2:]
        if before and before[-1].cue in {Cue.VERSUS, Cue.COMMA}:
            return True
        at_last = before[-1:] and before[-1].phrase == "and"
        if at_last and len(before) > 1 and before[-2].cue not in {Cue.NAME, Cue.LINK}:
            return True  # “is Brown on hold and Smith”
        if len(before) > 1 and before[-2].phrase == "and" and before[-1].cue is Cue.LINK:
            return True
    return False


def _likeliest(pieces: Sequence[Piece]) -> str:
    """Return the name after the last “for”, “on” or “of”; else the longest."""
    runs = _runs(pieces)
    led = [run for run in runs if run[0] and _leads(pieces[run[0] - 1])]
    start, end = (led or sorted(runs, key=lambda run: run[0] - run[1]))[-1 if led else 0]
    return _spelt(pieces[start:end])


def _leads(piece: Piece) -> bool:
    return piece.cue in _LEADS or piece.text.casefold() in {"of", "customer", "account", "client"}


def _runs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return where the names begin and end. “of” and “and” between two words belong to the name."""
    found: list[tuple[int, int]] = []
    for at, piece in enumerate(pieces):
        if piece.cue is not Cue.NAME and not (piece.cue is Cue.NUMBER and _is_of_name(pieces, at)):
            continue
        joined = found and all(between.cue is Cue.JOINER for between in pieces[found[-1][1] : at])
        if joined and not (_is_reference(pieces, at) or _is_reference(pieces, found[-1][1] - 1)):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    named = [run for run in found if run[1] - run[0] <= _LONGEST_NAME and len(_spelt(pieces[slice(*run)])) > 1]
    # “How full is Brown's account”: words of ordinary English are no name beside one.
    proper = [
        run
        for run in named
        if not all(piece.is_common for piece in pieces[slice(*run)])
        or (run[0] and _leads(pieces[run[0] - 1]))
        or _is_joined(pieces, run, named)
    ]
    return proper or named


def _is_joined(pieces: Sequence[Piece], run: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Return whether nothing but “or” or a comma is between this name and another: “is Edge or Garston on hold”."""
    return any(
        between and all(piece.cue in {Cue.VERSUS, Cue.COMMA} for piece in between)
        for start, end in others
        for between in (pieces[run[1] : start], pieces[end : run[0]])
    )


def _is_of_name(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a bare number is part of a name, as in “24 Seven Tyres”, or an account number alone."""
    first, last = at, at
    while first and pieces[first - 1].cue is Cue.NUMBER:
        first -= 1
    while last + 1 < len(pieces) and pieces[last + 1].cue is Cue.NUMBER:
        last += 1
    beside = (*pieces[max(0, first - 1) : first], *pieces[last + 1 : last + 2])
    if any(each.cue is Cue.NAME and not each.is_reference for each in beside):
        return True
    alone = not any(piece.cue is Cue.NAME for piece in pieces)
    return alone and pieces[at].text.isdigit() and len(pieces[at].text) > 4


def _spelt(pieces: Sequence[Piece]) -> str:
    """Return the name as typed, without a possessive at its end: Sage looks for part of a name."""
    words = " ".join(piece.text for piece in pieces)
    for ending in ("'s", "'S"):
        words = words.removesuffix(ending)
    return words.strip(" ',.-&")
