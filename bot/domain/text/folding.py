"""One spelling of text for comparison: typed text and Sage's own are folded alike, so that both sides match."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

LONGEST = 3_000
"""Characters of one typed field. Slack itself takes no more in a form's field."""

_QUOTES = {"'": "‘’‚‛′´ʹʻʼʽˈ＇", '"': "“”„‟″＂"}
# Category Cf, but seen: the Arabic and Syriac signs that stand before a number, and the Kaithi ones.
_SEEN = frozenset({*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD})
# Not Cf, but nothing is seen of them either (Unicode's Default_Ignorable_Code_Point).
_IGNORABLE = frozenset(
    {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, *range(0xFE00, 0xFE10), 0xFFA0}
    | {*range(0xE0100, 0xE01F0)}
)
# All dashes, spaces, invisible marks and common accents lie among these.
_MARKS = chain(range(0x3100), range(0xFE00, 0x10000), range(0x11080, 0x110D0), range(0x13430, 0x13440))
_KINDS = {
    code: unicodedata.category(chr(code))
    for code in chain(_MARKS, range(0x1BCA0, 0x1BCA4), range(0x1D173, 0x1D17B), range(0xE0000, 0xE0200))
}

INVISIBLE = frozenset(
    code for code, kind in _KINDS.items() if code in _IGNORABLE or (kind == "Cf" and code not in _SEEN)
)
"""Code points that are not seen, so that two names could look the same."""

_PLAIN: dict[int, str | None] = {
    **{0xFF00 + code - 0x20: chr(code) for code in range(0x21, 0x7F)},  # as wide as Chinese: ＡＢＳ００１
    **{code: " " for code, kind in _KINDS.items() if kind in {"Cc", "Zs"} and code not in {0x0A, 0x20}},
    **{code: "-" for code, kind in _KINDS.items() if kind == "Pd" and code != 0x2D},
    **{ord(mark): plain for plain, marks in _QUOTES.items() for mark in marks},
    **dict.fromkeys(INVISIBLE),
    0x2800: " ",  # a Braille cell without a dot
    0x2028: "\n",
    0x2029: "\n",
    0x2212: "-",
    0x2043: "-",
}
_ASCII_PLAIN = {code: plain for code, plain in _PLAIN.items() if code < 0x80}


_ODD = frozenset(map(chr, _PLAIN))
_ACCENTS = frozenset(filter(unicodedata.combining, map(chr, range(0x300, 0x1F000)))) - _ODD
# Composing takes a time that is quadratic in the accents on one letter; no language has as many (Unicode's
# Stream-Safe Text Format, UAX #15).
_ACCENT = f"[{''.join(sorted(_ACCENTS))}]"
_HEAPED = re.compile(f"({_ACCENT}{{30}}){_ACCENT}+")


def straightened(text: str) -> str:
    """Return the text as a plain keyboard types it.

    Composed (NFC), with straight quotation marks, hyphens for dashes, ordinary spaces, no invisible marks, and letters
    and digits of the usual width. Lines stay lines.
    """
    if text.isascii():
        return text if text.isprintable() else text.translate(_ASCII_PLAIN)
    plain = text if _ODD.isdisjoint(text) else text.translate(_PLAIN)
    if not _ACCENTS.isdisjoint(plain):
        plain = _HEAPED.sub(r"\1", plain)
    if unicodedata.is_normalized("NFC", plain):
        return plain
    # Some marks are composed to a quotation mark.
    return unicodedata.normalize("NFC", plain).translate(_PLAIN)


def folded(text: str) -> str:
    """Return the text straightened, on one line, with single spaces."""
    return " ".join(straightened(text).split())


def same(text: str) -> str:
    """Return the text folded and in lower case, to compare spellings."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()).lower()
    lower = folded(text).casefold()
    return lower if lower.isascii() else unicodedata.normalize("NFC", lower)
