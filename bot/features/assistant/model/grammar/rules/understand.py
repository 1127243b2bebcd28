"""Plain English to one typed question, by rules alone: deterministic and in linear time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.text.periods import period_in
from bot.features.assistant.model.grammar.rules.bystanders import without_bystanders
from bot.features.assistant.model.grammar.rules.clauses import by_clause
from bot.features.assistant.model.grammar.rules.counted import counted
from bot.features.assistant.model.grammar.rules.decide import decide
from bot.features.assistant.model.grammar.rules.guess import guessed
from bot.features.assistant.model.grammar.rules.lists import of_period
from bot.features.assistant.model.grammar.rules.names import subject
from bot.features.assistant.model.grammar.rules.one import KINDS
from bot.features.assistant.model.grammar.rules.sentence import Sentence
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.dates import dates_in
from bot.features.assistant.model.grammar.words.scanner import LONGEST, Piece, scan
from bot.features.assistant.model.questions import (
    LAST,
    AboutOne,
    Again,
    Balance,
    CannotAnswer,
    Greeting,
    Help,
    Invoices,
    IsOnHold,
    It,
    ListOverdue,
    Nth,
    OfEach,
    Overdue,
    PutOnHold,
    Question,
    Release,
    Subject,
    Thanks,
    Topic,
    WholeCard,
)

# Cues that never become part of a name beside them, capital or not.
_NEVER = {Cue.NUMBER, Cue.MONEY, Cue.THANKS, Cue.GREETING, Cue.LINK, Cue.COMMA, Cue.NAME, Cue.IT}
_OF_A_NAME = {Cue.NAME, Cue.JOINER, Cue.COMMA}
_SOCIAL = {Cue.GREETING, Cue.THANKS, Cue.FILLER, Cue.OKAY, Cue.COMMA, Cue.JOINER, Cue.LINK, Cue.IT, Cue.ALL, Cue.TOTAL}
_ASKS = {cue for cue, _ in KINDS} | {Cue.NAME, Cue.ASKING, Cue.MODAL, Cue.WHO, Cue.CUSTOMERS, Cue.TOPIC, Cue.CARD}
_ASKS |= {
    Cue.SHIP,
    Cue.ORDER,
    Cue.CONNECT,
    Cue.PUT,
    Cue.RELEASE,
    Cue.MONEY,
    Cue.HOW_MANY,
    Cue.HOW_MUCH,
    Cue.MINE,
    Cue.COMPARE,
}
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
_PLACES |= {"ninth": 9, "tenth": 10, "last": LAST}
_PLACE = rf"{'|'.join(_PLACES)}|\d{{1,2}}(?:st|nd|rd|th)"
_LISTED = r"(?:on|in|from|of)\s+(?:the|that|this|your)\s+(?:list|page|menu|lot)"
_NTH = re.compile(rf"(?:the\s+)?(?P<nth>{_PLACE})|(?P<number>\d{{1,2}})", re.IGNORECASE)
_NTH_ONE = re.compile(
    rf"\b(?:the\s+)?(?P<nth>{_PLACE})\s+(?:one(?:'s)?(?:\s+{_LISTED})?|(?:name|account|customer)\s+{_LISTED})\b|"
    r"(?<!invoice\s)(?<!order\s)(?<!phone\s)(?<!account\s)(?:\bnumber|\bno\.?|\boption|#)\s?"
    r"(?P<number>\d{1,2})(?:'s)?(?![\w.,]|\s*%)",
    re.IGNORECASE,
)
_AROUND = " \t?!.,;:"
_YES = {"yes", "no", "yeah", "yep", "ok", "okay", "all right", "fine"}
_SHORT, _LONG = 5, 14  # pieces
_IS_ANYBODY_HERE = {f"{who} {where}" for who in ("anyone", "anybody") for where in ("in", "about")}
_REASON = re.compile(
    r"[\s,]+(?:because|cos|coz|cuz|bc|due to|since(?= they)|as(?= they)|as(?= the)|reason:?|for non)\s+(?P<why>\S.*)$",
    re.I,
)


def understand(text: str) -> Question | None:
    """Return the question; None if the text isn't one that we know. Never raises."""
    if len(text) > LONGEST:
        return None
    wish = _with_reason(text)
    if wish is not None:
        return wish
    pieces = scan(text)
    if not pieces:
        return Help() if text.strip() in {"?", "??"} else None
    social = _social(pieces, text)
    if social is not None:
        return social
    found = _of_nth(text) or _holds_changed(text)
    if found is not None:
        return found
    question = _read(pieces)
    if _is_unsure(question, pieces):
        question = by_clause(text, lambda part: _read(scan(part))) or question
    elif isinstance(question, IsOnHold) and "," in text:
        wish = by_clause(text, lambda part: _read(scan(part)))  # “hang fire on ABS, stick them on hold”
        question = wish if isinstance(wish, PutOnHold | Release) else question
    question = _of_a_date(guessed(question, without_bystanders(_with_capitals(pieces))), pieces, text)
    # “LOW011?” goes on with the last question; “LOW011” asks for the card.
    is_bare = text.rstrip().endswith("?") and all(piece.cue in _OF_A_NAME for piece in pieces)
    return Again(question.who) if is_bare and isinstance(question, WholeCard) else question


def _of_nth(text: str) -> AboutOne | None:
    """Return the question about one of those that the last answer listed: “the second one”, “number 2's balance”."""
    found = _NTH.fullmatch(text.strip(_AROUND)) or _NTH_ONE.search(text)
    if found is None:
        return None
    sentence = Sentence(pieces_of(text))
    if sentence.has(Cue.WHO, Cue.CUSTOMERS, Cue.ALL) and not sentence.has(Cue.CONTACT, Cue.REP):
        return None  # “who was the last one we stopped”
    said = next(each for each in found.groupdict().values() if each).casefold()
    place = _PLACES.get(said) or int("".join(filter(str.isdigit, said)))
    rest = f"{text[: found.start()]} it {text[found.end() :]}" if found.re is _NTH_ONE else ""
    says_more = any(piece.cue not in _SOCIAL for piece in scan(rest))  # “first one please” says none
    question = understand(rest) if says_more else None
    if isinstance(question, AboutOne) and isinstance(question.who, It):
        return replace(question, who=Nth(place))
    is_alone = len(rest.split()) <= _SHORT and not isinstance(question, AboutOne | OfEach)
    return WholeCard(Nth(place)) if is_alone and place else None


def _holds_changed(text: str) -> Question | None:
    """Return the list of the holds that began or ended in the period that a text says; None if it asks for none."""
    said, rest = period_in(text)
    pieces = scan(rest) if said else ()
    if not said:
        return None
    return of_period(_read(pieces), Sentence(counted(pieces_of(rest))), said)


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a text as the rules read them."""
    return without_bystanders(_with_capitals(scan(text)))


def customer_in(text: str) -> Subject:
    """Return the customer that a text names or points back at, whatever it says of them."""
    return subject(pieces_of(text))


def _read(pieces: tuple[Piece, ...]) -> Question | None:
    return decide(without_bystanders(_with_capitals(pieces))) if pieces else None


def _is_unsure(question: Question | None, pieces: Sequence[Piece]) -> bool:
    """Return whether the clauses of a sentence are worth reading one by one."""
    if question is None or len(pieces) > _LONG:
        return True
    if question == CannotAnswer(Topic.OTHER):
        return any(piece.cue is Cue.NAME for piece in pieces)
    if isinstance(question, OfEach):
        return any(piece.cue is Cue.NAME and piece.is_english for piece in pieces)
    return isinstance(question, WholeCard) and len(pieces) > _SHORT


def _of_a_date(question: Question | None, pieces: Sequence[Piece], text: str) -> Question | None:
    """Return the list of who is late, where a sentence says only since when: “overdue since before Christmas”.

    Refuse to list what falls due on a day, where the sentence names no customer.
    """
    is_of_it = isinstance(question, Overdue | Invoices | Balance) and isinstance(question.who, It)
    if question in {None, CannotAnswer(Topic.OTHER)} and any("due" in piece.phrase.split() for piece in pieces):
        return CannotAnswer(Topic.OTHER_LISTS) if dates_in(text) else question
    if not is_of_it or any(piece.cue is Cue.IT for piece in pieces) or not (dates := dates_in(text)):
        return question
    if isinstance(question, Overdue):
        first = next((piece.cue for piece in pieces if piece.cue not in _SOCIAL), None)
        return ListOverdue() if first is Cue.OVERDUE else question
    return CannotAnswer(Topic.OTHER_LISTS) if any(date.casefold().startswith("due") for date in dates) else question


def _with_reason(text: str) -> Question | None:
    """Return a wish to hold or release with its reason, as in “put ABS on hold because the cheque bounced”."""
    found = _REASON.search(text)
    if found is None:
        return None
    wish = _read(scan(text[: found.start()]))
    return replace(wish, reason=found["why"].strip()) if isinstance(wish, PutOnHold | Release) else None


def _social(pieces: Sequence[Piece], text: str) -> Question | None:
    """Return thanks or a greeting; None if the sentence asks something."""
    cues = {piece.cue for piece in pieces}
    is_told = "?" not in text and not any(piece.cue is Cue.NAME and not piece.is_english for piece in pieces)
    greets = pieces[0].cue is Cue.GREETING and is_told and not cues & (_ASKS | {Cue.HELP}) - {Cue.ASKING, Cue.NAME}
    if pieces[0].cue is Cue.THANKS and not cues & (_ASKS - {Cue.ASKING, Cue.NAME} if is_told else _ASKS):
        return Thanks()
    if greets or " ".join(piece.phrase for piece in pieces) in _IS_ANYBODY_HERE:
        return Greeting()
    if any(piece.cue not in _SOCIAL for piece in pieces):
        return None
    if any(piece.cue is Cue.THANKS for piece in pieces):
        return Thanks()
    if any(piece.cue is Cue.GREETING for piece in pieces):
        return Greeting()
    is_yes = all(piece.cue is Cue.COMMA or piece.phrase in _YES for piece in pieces)
    return Thanks() if is_yes else None


def _with_capitals(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the pieces, with a capitalised cue beside a name inside the sentence read as part of the name."""
    # As in “Stop Gap Services”.
    if not any(piece.text[:1].islower() and piece.cue is not Cue.NAME for piece in pieces):
        return pieces

    def is_name(at: int) -> bool:
        return 0 <= at < len(pieces) and pieces[at].cue is Cue.NAME and pieces[at].text[:1].isupper()

    def reads(at: int, piece: Piece) -> Piece:
        beside = is_name(at - 1) or is_name(at + 1)
        capital = piece.text[:1].isupper() and not piece.text.isupper() and " " not in piece.text
        if at and capital and beside and piece.cue not in _NEVER:
            return replace(piece, cue=Cue.NAME, topic=None)
        return piece

    return tuple(reads(at, piece) for at, piece in enumerate(pieces))
