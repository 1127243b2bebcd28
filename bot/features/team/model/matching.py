"""Which member of the workspace a value of an analysis code names: by name, initials and e-mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.domain.text.folding import same
from bot.features.access.model.member_list import ListedMember

MOST_VALUES = 500
"""Values of one analysis code that are looked at: one with more names no people."""
_ALIKE = 86
_MOST_MISTYPED = 100
_MOST_CANDIDATES = 3
_LONGEST = 60
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr"})
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class RepMatch:
    """A value and a person whom it may name. `is_sure`: so written it names this person and nobody else."""

    value: str
    user_id: str
    name: str
    is_sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class RepMatches:
    """What the values of one analysis code name: `unknown` are those that name nobody, even by guess."""

    slot: int
    label: str
    matches: tuple[RepMatch, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def sure(self) -> tuple[RepMatch, ...]:
        """Return the matches that need no second look."""
        return tuple(each for each in self.matches if each.is_sure)

    @property
    def doubtful(self) -> tuple[RepMatch, ...]:
        """Return the matches that a person must look at."""
        return tuple(each for each in self.matches if not each.is_sure)


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in their spoken order: without accents, titles, and what stands in brackets."""
    bare = _ASIDE.sub(" ", same(name[:_LONGEST]))
    last, comma, first = bare.partition(",")
    plain = unicodedata.normalize("NFKD", f"{first} {last}" if comma and first.strip() else bare)
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark) and mark != "'")
    found = tuple(word for word in _BETWEEN.split(letters) if word)
    return tuple(word for word in found if word not in _TITLES) or found


def match_reps(slot: int, label: str, values: Iterable[str], members: Sequence[ListedMember]) -> RepMatches:
    """Return who is named by the values of one analysis code, in the order of the values."""
    people = _people(members)
    found: list[RepMatch] = []
    unnamed: list[str] = []
    for value in sorted(values, key=same)[:MOST_VALUES]:
        made = _exact(value, people)
        found += made
        if not made:
            unnamed.append(value)
    guesses = {value: _guessed(value, people) for value in unnamed[:_MOST_MISTYPED]}
    found += [match for made in guesses.values() for match in made]
    unknown = tuple(value for value in unnamed if not guesses.get(value))
    order = sorted(found, key=lambda each: (not each.is_sure, same(each.value)))
    return RepMatches(slot, label, tuple(order), unknown)


def likeliest_label(
    labels: Mapping[int, str], values: Mapping[int, Collection[str]], members: Sequence[ListedMember]
) -> int | None:
    """Return the slot of the analysis code whose values look most like the members' names; None if none does."""
    people = _people(members)
    scores = {
        slot: sum(_weight(_exact(value, people)) for value in found)
        for slot in labels
        if (found := values.get(slot, ())) and len(found) <= MOST_VALUES
    }
    best = max(scores, key=lambda slot: (scores[slot], _says_reps(labels[slot]), -slot), default=None)
    return best if best is not None and scores[best] else reps_label(labels)


def reps_label(labels: Mapping[int, str]) -> int | None:
    """Return the slot of the analysis code that is called after sales people; None if none is."""
    return next((slot for slot in sorted(labels) if _says_reps(labels[slot])), None)


def _says_reps(label: str) -> bool:
    words = name_words(label)
    return any(word in {"rep", "reps", "salesperson", "representative", "salesman"} for word in words)


def _weight(made: Sequence[RepMatch]) -> int:
    """Return how much a value's matches say for its label: a sure one twice as much as a guess."""
    if not made:
        return 0
    return 2 if made[0].is_sure else 1


@dataclass(frozen=True, slots=True)
class _People:
    """Members by the keys that surely name them, by those that may, and by their whole names."""

    names: Mapping[str, str]
    surely: Mapping[str, frozenset[str]]
    maybe: Mapping[str, frozenset[str]]
    spelled: Mapping[str, str]


def _people(members: Sequence[ListedMember]) -> _People:
    surely: dict[str, set[str]] = {}
    maybe: dict[str, set[str]] = {}
    spelled: dict[str, str] = {}
    full = [each for each in members if each.is_full]
    for member in full:
        sure, doubtful = set(_sure_keys(member)), set(_doubtful_keys(member))
        for key in sure - doubtful:
            surely.setdefault(key, set()).add(member.user_id)
        for key in doubtful:
            maybe.setdefault(key, set()).add(member.user_id)
        for words in _full_names(member):
            spelled.setdefault(" ".join(sorted(words)), member.user_id)
    return _People(
        {each.user_id: each.full_name for each in full},
        {key: frozenset(ids) for key, ids in surely.items()},
        {key: frozenset(ids) for key, ids in maybe.items()},
        spelled,
    )


def _full_names(member: ListedMember) -> Iterator[tuple[str, ...]]:
    address = member.email.partition("@")[0].partition("+")[0]
    for name in (*member.names, member.handle, address):
        words = name_words(name)
        if len(words) > 1 and all(len(word) > 1 for word in (words[0], words[-1])):
            yield words


def _sure_keys(member: ListedMember) -> Iterator[str]:
    for words in _full_names(member):
        first, last = words[0], words[-1]
        yield _set(words)
        yield _set((first, last))
        yield _set((first[0], last))
        yield from (_run(first + last), _run(first[0] + last), _run(last + first[0]))
    address = member.email.partition("@")[0].partition("+")[0]
    for alone in (member.handle, address):
        if words := name_words(alone):
            yield _run("".join(words))


def _doubtful_keys(member: ListedMember) -> Iterator[str]:
    for words in _full_names(member):
        first, last = words[0], words[-1]
        yield from (_run(first), _run(last), _run(first[0] + last[0]))
        yield _set((first, last[0]))
    for name in member.names:
        if len(words := name_words(name)) == 1:
            yield _run(words[0])


def _set(words: Iterable[str]) -> str:
    return f"words {' '.join(sorted(words))}"


def _run(letters: str) -> str:
    return f"letters {letters}"


def _exact(value: str, people: _People) -> list[RepMatch]:
    """Return the members whom the value names by one of the ways in which names are written."""
    words = name_words(value)
    if not words:
        return []
    keys = [_set(words), _run("".join(words))] if len(words) > 1 else [_run(words[0])]
    for known, is_sure in ((people.surely, True), (people.maybe, False)):
        fitting = frozenset().union(*(known.get(key, frozenset()) for key in keys))
        if fitting:
            alone = len(fitting) == 1
            why = "the same name" if is_sure else "part of the name"
            return _matches(
                value, fitting, people, is_sure=is_sure and alone, why=why if alone else "several people fit"
            )
    return []


def _guessed(value: str, people: _People) -> list[RepMatch]:
    """Return the members whose names differ from the value by a typing error."""
    words = " ".join(sorted(name_words(value)))
    if len(words) < 5:
        return []
    alike = process.extract(
        words, people.spelled.keys(), scorer=fuzz.ratio, limit=_MOST_CANDIDATES, score_cutoff=_ALIKE
    )
    return _matches(value, {people.spelled[key] for key, _, _ in alike}, people, is_sure=False, why="nearly the name")


def _matches(value: str, user_ids: Iterable[str], people: _People, *, is_sure: bool, why: str) -> list[RepMatch]:
    found = sorted(user_ids, key=lambda each: (same(people.names[each]), each))[:_MOST_CANDIDATES]
    return [RepMatch(value, each, people.names[each], is_sure, why) for each in found]
