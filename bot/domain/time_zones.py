"""Time zones by the names that people type."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process

_ALIKE = 80
_MOST = 3
_USUAL = ("Europe/London",)
_LONGEST = 60


@cache
def known_zones() -> dict[str, str]:
    """Return every time zone's name by its spelling in lower case."""
    # "localtime" is whatever this server is set to.
    return {name.casefold(): name for name in available_timezones() - {"localtime"}}


def nearest_zones(typed: str) -> tuple[str, ...]:
    """Return the zones whose city is spelled almost as typed, those of Europe first; London if none is."""
    # Letters in common are no likeness between places: only a slip of the keyboard is taken for one.
    city = typed[:_LONGEST].rpartition("/")[2].strip().replace(" ", "_").casefold()
    cities = {key: key.rpartition("/")[2] for key in known_zones() if key.count("/") == 1}
    alike = process.extract(city, cities, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None)
    best = sorted(alike, key=lambda each: (not each[2].startswith("europe/"), -each[1], each[2]))
    return tuple(known_zones()[key] for _, _, key in best[:_MOST]) or _USUAL
