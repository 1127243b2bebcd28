"""Tokens of typed text: words, quoted words, and the marks between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import utils
from rapidfuzz.distance import OSA

from bot.domain.text.folding import LONGEST, folded, straightened
from bot.errors import BadQuestion, TooLong

_ALIKE = 0.65  # one slip in three letters, two in six
_PART = 3  # letters of a part of a word
_NEAREST = 3
_LONGEST = 60  # characters of a mistyped word that are compared
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf'(?P<quoted>{_QUOTED})|(?P<mark>!=|[:=,])|(?P<word>(?:(?!!=)[^\s:=,"])+)', re.DOTALL)
_QUOTATION = re.compile(_QUOTED, re.DOTALL)
_CHUNK = re.compile(rf'(?:{_QUOTED}|[^\s"])+', re.DOTALL)
_PLAIN = re.compile(r'[^\s:=,"!]+')
_UNITS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
NUMBERS = {word: number for number, word in enumerate(_UNITS, start=1)}
"""The numbers that are typed as words."""
_UNPAIRED = "A quotation mark has no partner."


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or one of the marks `:` `=` `!=` `,`."""

    text: str
    quoted: bool = False
    mark: bool = False

    def says(self, *words: str) -> bool:
        """Return whether the token is one of these words, unquoted, in any case."""
        return not self.quoted and self.text.casefold() in words


def tokens(text: str, *, hint: str) -> tuple[Token, ...]:
    """Return words and marks in order. Raises BadQuestion with this hint for an unpaired quotation mark."""
    bounded(text)
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        _nothing_skipped(text[end : match.start()], hint)
        quoted, end = match["quoted"], match.end()
        if quoted is not None:
            inside = re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL)
            found.append(Token(folded(inside), quoted=True))
        else:
            found.append(Token(match[0], mark=match["mark"] is not None))
    _nothing_skipped(text[end:], hint)
    return tuple(found)


def chunks(text: str, *, hint: str) -> tuple[str, ...]:
    """Return the text cut at white space outside quotation marks, each piece as typed."""
    bounded(text)
    found, end = [], 0
    for match in _CHUNK.finditer(text):
        _nothing_skipped(text[end : match.start()], hint)
        found.append(match[0])
        end = match.end()
    _nothing_skipped(text[end:], hint)
    return tuple(found)


def unquoted(text: str) -> str:
    """Return the text with what is in quotation marks made unreadable, every other character in its place."""
    bounded(text)
    return _QUOTATION.sub(lambda found: "\0" * len(found[0]), text)


def bounded(text: str) -> None:
    """Raise TooLong for a text longer than one field: looking for quotation marks takes a time that is quadratic."""
    if len(text) > LONGEST:
        raise TooLong


def _nothing_skipped(gap: str, hint: str) -> None:
    if gap.strip():
        raise BadQuestion(_UNPAIRED, typed=gap.strip(), hint=hint)


def quoted(text: str, *reserved: str) -> str:
    """Return the text as it must be typed to be read as one word, in quotation marks if need be."""
    # Straight, as it will be read: a curly mark inside would end the quotation.
    text = straightened(text)
    if _PLAIN.fullmatch(text) and text.casefold() not in reserved:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def whole_number(text: str, *, digits: int) -> int | None:
    """Return a plain whole number of at most so many digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def nearest(typed: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the few known spellings that may have been meant, best first; none where none is plausible."""
    wanted = utils.default_process(typed[:_LONGEST]).strip()
    scored = [(_likeness(wanted, utils.default_process(each).strip()), each) for each in set(known)]
    alike = sorted((-score, each) for score, each in scored if score >= _ALIKE)
    return tuple(each for _, each in alike[:_NEAREST])


def _likeness(typed: str, spelling: str) -> float:
    """Return from 0 to 1 how likely a spelling, or a word of it, was meant: by slips of the keyboard, or a part."""
    # Letters in common are no likeness: “frobnicate” has all of “note” in it.
    words = [spelling, *spelling.split()]
    is_part = any(
        len(min(typed, each, key=len)) >= _PART and (typed in each or typed.startswith(each)) for each in words
    )
    slips = max(OSA.normalized_similarity(typed, each) for each in words) if typed and spelling else 0.0
    return max(slips, _ALIKE if is_part else 0.0)


def each_name(words: str) -> tuple[str, ...]:
    """Return the names that “and” may join: “abs garages and lowmarsh”. One if there is no “and”."""
    # Asked only where no customer is called the whole, as Marks and Spencer is.
    for sign in (" & ", " + "):
        words = words.replace(sign, " and ")
    parts = [part.strip() for part in words.split(" and ")]
    return tuple(parts) if len(parts) > 1 and all(parts) else (words,)
