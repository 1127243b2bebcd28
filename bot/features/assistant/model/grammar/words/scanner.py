"""Cutting a sentence into pieces: each word or phrase with its cue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.text.folding import straightened
from bot.features.assistant.model.grammar.words import amounts
from bot.features.assistant.model.grammar.words.cues import INFLECTED, TABLE, Cue
from bot.features.assistant.model.grammar.words.dates import without_dates
from bot.features.assistant.model.grammar.words.english import ENGLISH
from bot.features.assistant.model.grammar.words.ordinary import COMMON
from bot.features.assistant.model.grammar.words.spelling import spelt_out
from bot.features.assistant.model.questions import Topic

LONGEST = 400
"""Characters. A longer text is no question about a customer."""

_LONGEST_PHRASE = 8

_SLACK = re.compile(r"<[@#!][^<>]{0,80}>|(?<!\S):[a-z0-9_+'-]{1,40}:(?!\S)")
# Slack turns anything like an address into a link; the typed text is behind the bar.
_LINK = re.compile(r"<[a-z]{2,10}:[^<>|]{1,300}\|([^<>|]{1,100})>")
_WORD = re.compile(r'"(?P<quoted>[^"]{1,100})"|[^\s"?!;()\[\]{}]+')
_EDGES = ".,:;-–—*_~`…'/"
# Sage's references are up to eight letters and digits; most have letters first. A postcode has a digit between.
_REFERENCE = re.compile(r"[a-z&]{1,7}[-/]?\d{2,7}[a-z]?")
_DOCUMENT = re.compile(r"(?:inv|si|so|sop|po|cn|sin|pod)[-/#]?\d{2,9}")
_HEAD, _TAIL = re.compile(r"[a-z]{2,6}"), re.compile(r"0\d{1,3}")
_MINUS = re.compile(r"[-–−][£€$]?\d\S*")
_PERCENT = re.compile(r"\d{1,3}%")
# The subject of a mail, and letters held down: “RE: FW: Edge Tyres”, “heyyy”.
_MAIL = re.compile(r"(?i)^(?:\s*(?:re|fw|fwd|subject|urgent|action required|aw|wg)\s*:|\s*\[[^\]]{0,20}\])+")
_SPOKEN = re.compile(r"(?i)\s+(?:full stop|question mark|exclamation mark)\s*$")
_HELD_DOWN = re.compile(r"([a-z])\1{2,}")
_THOUSANDS, _HUNDREDS = re.compile(r"£?\d{1,3}"), re.compile(r"\d{3}(?:[.,]\d{2})?")
_LETTER_O = re.compile(r"[£€$]?\d[\d,.]*o[\do]*")  # “£5OO”
_CONTINENTAL = re.compile(r"(£?\d{1,3}(?:\.?\d{3})*),(\d{2})")
_AGE = re.compile(r"(\d{2,3})(?:\+|plus|d|-day|-days|days)")
_OWNED_WORDS = "limit limits credit balance terms account orders order invoices rep number contact phone email debt"
_OWNED = frozenset(_OWNED_WORDS.split())
_AFTER_WHO = "over on overdue late not the got owing gone near above past still been behind stopped held"
_AFTER_WHO_IS = frozenset(_AFTER_WHO.split())


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a name or one phrase: `text` as typed, `phrase` as looked up, `number` that of an amount."""

    cue: Cue
    text: str
    phrase: str = ""
    number: Decimal | None = None
    topic: Topic | None = None
    is_reference: bool = False
    is_common: bool = False
    is_english: bool = False
    is_noun: bool = False
    """Whether it was read as a noun that is nobody's name: “the twins”."""


_SHORTEST = 3  # words of a follow-up: “an edge?”
_SINGLE = frozenset(phrase for known in TABLE.values() for phrase, _, _ in known if len(phrase) == 1)
_Word = tuple[str, str]
"""As typed, and as looked up: "" for a quoted word, "," after a word that a comma ends."""


def scan(text: str) -> tuple[Piece, ...]:
    """Return the pieces in order."""
    words = tuple(_heard(tuple(_words(without_dates(_SPOKEN.sub("", _MAIL.sub("", text[:LONGEST])))))))
    keys = [key for _, key in words]
    found: list[Piece] = []
    at = 0
    while at < len(words):
        piece, used = _next(words[at : at + _LONGEST_PHRASE], keys[at : at + _LONGEST_PHRASE], is_first=at == 0)
        if found and _is_thanks_of_a_name(found[-1], piece):
            found[-1] = replace(found[-1], cue=Cue.NAME, is_common=True)
        found.append(piece)
        at += used
    return tuple(found)


def _is_thanks_of_a_name(thanks: Piece, following: Piece) -> bool:
    """Return whether a word of thanks begins a name of ordinary words: “star taxis”, not “grand, abs?”."""
    is_one = thanks.cue is Cue.THANKS and thanks.phrase in COMMON
    return is_one and following.cue is Cue.NAME and following.is_common and not following.is_english


def plain_words(text: str) -> str:
    """Return the text without mentions, emoji and control characters; links as they were typed."""
    plain = _SLACK.sub(" ", _LINK.sub(r"\1", straightened(text)))
    return "".join(" " if unicodedata.category(mark) in {"So", "Sk", "Cc", "Cf"} else mark for mark in plain)


def _words(text: str) -> Iterable[_Word]:
    is_first = True
    for match in _WORD.finditer(plain_words(text)):
        if match["quoted"] is not None:
            yield match["quoted"].strip(), ""
            continue
        word = match[0].strip(_EDGES)
        if _MINUS.fullmatch(match[0]):
            word = f"-{word}"  # no amount: it would be read as another one without its sign
        if word:
            key = _key(word)
            is_name = word.istitle() and not is_first
            for at, meant in enumerate((key,) if is_name else spelt_out(key)):
                yield word if not at else "", meant
            is_first = False
        if match[0].endswith(","):
            yield ",", ","


def _key(word: str) -> str:
    """Return how a word is looked up: in small letters, without apostrophes and letters held down."""
    key = word.casefold().replace("'", "")
    if _LETTER_O.fullmatch(key):
        key = key.replace("o", "0")
    euros = _CONTINENTAL.fullmatch(key)
    if euros is not None:
        return f"{euros[1].replace('.', '')}.{euros[2]}"
    if key in TABLE or _HELD_DOWN.search(key) is None:
        return key
    short = (_HELD_DOWN.sub(r"\1", key), _HELD_DOWN.sub(r"\1\1", key))
    return next((each for each in short if each in TABLE), key)


def _heard(words: Sequence[_Word]) -> Iterable[_Word]:  # noqa: C901 - one case a line
    """Yield the words with “there limit” read as “their limit”, “whose over” as “who's over”, “abs 001” as one."""
    for at, (word, key) in enumerate(words):
        following = words[at + 1][1] if at + 1 < len(words) else ""
        if at and _TAIL.fullmatch(key) and _HEAD.fullmatch(words[at - 1][1]):
            continue  # the end of a reference that was typed in two words
        if at and _HUNDREDS.fullmatch(key) and _THOUSANDS.fullmatch(words[at - 1][1]):
            continue  # the hundreds of “3 500”
        if _THOUSANDS.fullmatch(key) and _HUNDREDS.fullmatch(following):
            yield f"{word} {words[at + 1][0]}", _key(key + following)
            continue
        if _HEAD.fullmatch(key) and _TAIL.fullmatch(following):
            yield word + following, key + following
        elif key == "there" and following in _OWNED:
            yield word, "their"
        elif key == "per" and following == "cent":
            yield word, "percent"
        elif key == "cent" and at and words[at - 1][1] == "per":
            continue
        elif key == "who" and following in {"much", "many", "long"}:
            yield word, "how"
        elif _is_and(words, at, following):
            yield "and", "and"
        elif key == "whose" and following in _AFTER_WHO_IS:
            yield word, "whos"
        else:
            yield word, key


def _is_and(words: Sequence[_Word], at: int, following: str) -> bool:
    """Return whether a word is short for “and”: “edge n garston”, or “an edge?” as all of a follow-up."""
    word, key = words[at]
    if key == "n":
        return word.islower() and bool(at and following)
    return key == "an" and not at and len(words) <= _SHORTEST and following not in TABLE


def _next(words: Sequence[_Word], keys: Sequence[str], *, is_first: bool) -> tuple[Piece, int]:
    """Return the piece at the start of the words, and how many of them it is."""
    text, key = words[0]
    alone = _alone(text, key)
    if alone is not None:
        return alone, 1
    said = amounts.read(keys)
    if _REFERENCE.fullmatch(key) and said is None:
        return Piece(Cue.NAME, text, key, is_reference=True), 1
    for phrase, cue, topic in TABLE.get(key, ()):
        if tuple(keys[: len(phrase)]) == phrase and (said is None or len(phrase) > said.words):
            return Piece(cue, _typed(words[: len(phrase)]), " ".join(phrase), topic=topic), len(phrase)
    if said is not None:
        cue = Cue.MONEY if said.is_money else Cue.NUMBER
        return Piece(cue, _typed(words[: said.words]), " ".join(keys[: said.words]), said.amount), said.words
    is_capital = text.istitle() and not is_first
    if not is_capital and key in INFLECTED:
        return Piece(INFLECTED[key], text, key), 1
    cue = Cue.ORDINARY if _is_a_form(key) and not is_capital else Cue.NAME
    is_english = key in ENGLISH and not is_capital
    is_common = is_english or key in COMMON or _is_plural_of_a_name(key)
    return Piece(cue, text, key, is_common=is_common, is_english=is_english), 1


def _alone(text: str, key: str) -> Piece | None:
    """Return the piece of a word whose form alone tells what it is; None for other words."""
    if key == ",":
        return Piece(Cue.COMMA, text)
    if not key:
        return Piece(Cue.NAME, text)
    if _DOCUMENT.fullmatch(key):
        return Piece(Cue.TOPIC, text, key, topic=Topic.DOCUMENTS)
    if _PERCENT.fullmatch(key):
        return Piece(Cue.LIMIT, text, "percent")
    age = _AGE.fullmatch(key)
    return Piece(Cue.AGE, text, key, Decimal(age[1])) if age is not None else None


def _is_a_form(key: str) -> bool:
    """Return whether a word is the plural or a form of a word that is no name: “reps”, “wondering”."""
    if _is_plural_of_a_name(key):
        return False
    for ending in ("s", "es", "ing", "ed", "d", "ly"):
        stem = key.removesuffix(ending)
        if len(stem) > 3 and stem != key and ((stem,) in _SINGLE or (f"{stem}e",) in _SINGLE):
            return True
    return key.endswith("s") and (key[:-1],) in _SINGLE and len(key) > 3


def _is_plural_of_a_name(key: str) -> bool:
    """Return whether a word is the plural of one that names are made of, and that tells of no question: “taxis”."""
    stem = key.removesuffix("s")
    cues = {cue for phrase, cue, _ in TABLE.get(stem, ()) if phrase == (stem,)}
    return stem != key and stem in COMMON and cues <= {Cue.ORDINARY}


def _typed(words: Sequence[_Word]) -> str:
    return " ".join(typed for typed, _ in words if typed)
