"""Which channel is the one of a region or a branch: by what the two are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.filters.customer_filter import Codes, Filter, filter_as_typed
from bot.domain.text.folding import same
from bot.features.team.model.matching import name_words

TELLS = "holds,releases,digest weekdays 08:00"
MOST_VALUES, MOST_CHANNELS = 60, 2_000
"""An analysis code with more values is no region; of so many channels the names are compared."""

_FIRST = ("region", "area", "territory", "branch", "depot")


@dataclass(frozen=True, slots=True)
class NamedChannel:
    """A channel of the workspace: public, or private with the app and the asker in it."""

    channel_id: str
    name: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class NamedChannels:
    """The channels that are offered. `lacks_scope`: the permission without which Slack lists no private ones."""

    channels: tuple[NamedChannel, ...]
    lacks_scope: str = ""


@dataclass(frozen=True, slots=True)
class ChannelMatches:
    """The channel of each value of an analysis code, and the values for which there is none."""

    slot: int
    label: str
    pairs: tuple[tuple[str, NamedChannel], ...] = ()
    unmatched: tuple[str, ...] = ()


def match_channels(slot: int, label: str, values: Iterable[str], channels: Sequence[NamedChannel]) -> ChannelMatches:
    """Return the channel whose name most resembles each value; a channel is one value's alone."""
    every = sorted(values, key=same)[:MOST_VALUES]
    named = [(name_words(each.name), each) for each in channels[:MOST_CHANNELS]]
    scored = sorted(
        (score, same(value), value, each.name, each.channel_id, each)
        for value, wanted in [(value, name_words(value)) for value in every]
        for found, each in named
        if (score := _distance(wanted, found)) is not None
    )
    taken: dict[str, NamedChannel] = {}
    used: set[str] = set()
    for *_, value, _, _, channel in scored:
        if value not in taken and channel.channel_id not in used:
            taken[value] = channel
            used.add(channel.channel_id)
    pairs = tuple((value, taken[value]) for value in every if value in taken)
    return ChannelMatches(slot, label, pairs, tuple(value for value in every if value not in taken))


def _distance(wanted: Sequence[str], found: Sequence[str]) -> int | None:
    """Return how many letters a channel's name has beside a value's words; None if these aren't in the name."""
    if not wanted or not found:
        return None
    spoken, written = "".join(wanted), "".join(found)
    # A short word may stand inside another one: "Ely" in "delivery" is no region.
    inside = spoken in written if len(spoken) > 4 else _follows(found, wanted)
    return len(written) - len(spoken) if inside else None


def _follows(found: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(tuple(found[at : at + len(wanted)]) == tuple(wanted) for at in range(len(found)))


def likeliest_channel_label(
    labels: Mapping[int, str], values: Mapping[int, Collection[str]], channels: Sequence[NamedChannel]
) -> int | None:
    """Return the slot of the analysis code whose values have most channels; else one called region or the like."""
    counts = {
        slot: len(match_channels(slot, labels[slot], found, channels).pairs)
        for slot in labels
        if (found := values.get(slot, ())) and len(found) <= MOST_VALUES
    }
    best = max(counts, key=lambda slot: (counts[slot], -_rank(labels[slot]), -slot), default=None)
    if best is not None and counts[best]:
        return best
    return next((slot for slot in sorted(labels, key=lambda each: _rank(labels[each]))), None)


def _rank(label: str) -> int:
    return next((place for place, word in enumerate(_FIRST) if word in same(label)), len(_FIRST))


def subscribe_words(slot: int, value: str, channel_id: str) -> str:
    """Return what to type behind `/sage subscribe` for the news of one value in its channel."""
    return f"{TELLS} in <#{channel_id}> where {filter_as_typed(Filter(codes=(Codes(slot, (value,)),)))}"
