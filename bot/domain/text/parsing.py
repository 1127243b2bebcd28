"""Tokens of typed text: words, quoted words, and the marks between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from bot.domain.text.folding import LONGEST, folded, straightened
from bot.errors import BadQuestion, TooLong

_ALIKE = 55
_NEAREST = 3
_LONGEST = 60  # characters of a mistyped word that are compared
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf'(?P<quoted>{_QUOTED})|(?P<mark>!=|[:=,])|(?P<word>(?:(?!!=)[^\s:=,"])+)', re.DOTALL)
_CHUNK = re.compile(rf'(?:{_QUOTED}|[^\s"])+', re.DOTALL)
_PLAIN = re.compile(r'[^\s:=,"!]+')
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
    """Return the few known spellings most like the typed one, best first."""
    typed = typed[:_LONGEST]
    alike = process.extract(
        typed, sorted(known), scorer=fuzz.WRatio, processor=utils.default_process, limit=_NEAREST, score_cutoff=_ALIKE
    )
    return tuple(spelling for spelling, _, _ in alike)


def each_name(words: str) -> tuple[str, ...]:
    """Return the names that “and” may join: “abs garages and lowmarsh”. One if there is no “and”."""
    # Asked only where no customer is called the whole, as Marks and Spencer is.
    for sign in (" & ", " + "):
        words = words.replace(sign, " and ")
    parts = [part.strip() for part in words.split(" and ")]
    return tuple(parts) if len(parts) > 1 and all(parts) else (words,)
