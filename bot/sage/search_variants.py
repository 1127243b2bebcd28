"""Spellings to search Sage for: whether its comparisons ignore case is documented nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import capwords

from bot.sage.odata import ODataFilter, any_of, contains, eq, starts_with

# Sage refuses text longer than the column it is compared with.
_REFERENCE, _SHORT_NAME, _NAME, _POSTCODE = 20, 8, 60, 10
# The outward part, then a digit and two letters, however it was spaced.
_UK_POSTCODE = re.compile("([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")


def by_reference(reference: str) -> ODataFilter | None:
    """Return the filter for a reference, as typed or in capitals; None when no reference is that long."""
    if len(reference) > _REFERENCE:
        return None
    return any_of(eq("reference", reference.upper()), eq("reference", reference))


def by_words(words: str, *, has_postcodes: bool = True) -> ODataFilter | None:
    """Return the filter for words of a reference, short name, postcode or name; None when they are too long."""
    postcodes = _postcodes(words) if has_postcodes else ()
    likely = [*_references(words), *_short_names(words), *postcodes, *_names(words)]
    return any_of(*likely) if likely else None


def _references(words: str) -> Iterator[ODataFilter]:
    return (starts_with("reference", spelling) for spelling in _fitting(_REFERENCE, *_as_printed(words.upper())))


def _short_names(words: str) -> Iterator[ODataFilter]:
    return (eq("short_name", spelling) for spelling in _fitting(_SHORT_NAME, words, words.upper(), words.title()))


def _postcodes(words: str) -> Iterator[ODataFilter]:
    unspaced = words.replace(" ", "").upper()
    parts = _UK_POSTCODE.fullmatch(unspaced)
    spellings = (f"{parts[1]} {parts[2]}", unspaced) if parts else (words.upper(), words)
    return (eq("post_code", spelling) for spelling in _fitting(_POSTCODE, *spellings))


def _names(words: str) -> Iterator[ODataFilter]:
    # title() writes O'Brien'S where capwords() writes O'brien's: a ledger may hold either beginning.
    cased = (words.lower(), words.upper(), words.title(), capwords(words), words.capitalize())
    # "abs garages" is ABS Garages in Sage: many names begin with initials.
    first, space, rest = words.partition(" ")
    spellings = (words, *cased, first.upper() + space + capwords(rest))
    printed = (way for spelling in dict.fromkeys(spellings) for way in _as_printed(spelling))
    return (contains("name", spelling) for spelling in _fitting(_NAME, *printed))


def _as_printed(words: str) -> Iterator[str]:
    """Yield the words as a plain keyboard types them, and with the apostrophes and dashes of printed text."""
    return iter(dict.fromkeys((words, words.replace("'", "’"), words.replace("-", "–"))))


def _fitting(longest: int, *spellings: str) -> Iterator[str]:
    return (spelling for spelling in spellings if 0 < len(spelling) <= longest)
