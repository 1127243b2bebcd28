"""The forms that set a team up, and reading what was ticked or pasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.text.parsing import whole_number
from bot.errors import allow
from bot.features.team.model.channels import ChannelMatches, NamedChannel
from bot.features.team.model.matching import RepMatch, RepMatches
from bot.features.team.model.roster import EXAMPLE
from bot.slack.typed_fields import CELLS
from bot.slack.views.blocks import (
    Block,
    Option,
    View,
    actions_block,
    checkboxes,
    modal_view,
    option_object,
    plain_text_input,
    static_select,
)
from bot.slack.views.fields import field, left_in, option
from bot.slack.views.message import joined, section
from bot.slack.views.text import escaped, plain

MATCH_FORM, ADD_FORM, PREVIEW_FORM, CHANNELS_FORM = (
    f"team.form.{each}" for each in ("match", "add", "preview", "channels")
)
REP_LABEL, CHANNEL_LABEL = "team.label.reps", "team.label.channels"
MATCH_TITLE, ADD_TITLE, CHANNELS_TITLE = "Match sales reps", "Paste a list", "Channels by region"
PRESS = "press *Channels*"
MOST_TICKED = 200
LONGEST_LIST = 2_900  # characters, which a form can hand on
_A_FIELD = 10
_MOST_UNKNOWN = 30


def match_form(
    found: RepMatches, labels: Mapping[int, str], *, owned: int, has_emails: bool, is_whole: bool = True
) -> View:
    """Return whom the values of a label name: the sure ones ticked, the others for the user to tick."""
    name = escaped(found.label, most=60)
    opening = [f"Each person named under *{name}* gets the role sales, and those customers as their own."]
    if owned:
        opening.append(f"{owned:,} {'value has' if owned == 1 else 'values have'} an owner already.")
    if not has_emails:
        opening.append("E-mail addresses aren't available from Slack, so only names were compared.")
    if not is_whole:
        opening.append("There are too many people in Slack: only the first few thousand were compared.")
    if not found.matches:
        opening.append("No value looks like the name of a member.")
    sure = _ticks("sure", "Clear matches", found.sure[:MOST_TICKED], found.slot, ticked=True)
    room = MOST_TICKED - min(len(found.sure), MOST_TICKED)
    doubtful = _ticks(
        "doubtful", "Possible matches: tick the right ones", found.doubtful[:room], found.slot, ticked=False
    )
    more = len(found.matches) - MOST_TICKED
    below = [
        *([section(f"{more:,} more will follow once these are done.")] if more > 0 else []),
        *_unknown(found.unknown, "Nobody in Slack is called"),
    ]
    blocks = [section(joined(opening)), *_labels(REP_LABEL, labels, found.slot), *sure, *doubtful, *below]
    return _form(MATCH_FORM, MATCH_TITLE, blocks, submit="Give roles" if found.matches else None)


def channels_form(found: ChannelMatches, labels: Mapping[int, str], *, lacks_scope: str = "") -> View:
    """Return the channel of each value of a label, each ticked."""
    name = escaped(found.label, most=60)
    opening = [
        f"Each channel gets the holds and releases of its *{name}*, and on working days at 08:00 the accounts on hold.",
        "How much it shows is decided by its class: `/sage channel`.",
    ]
    if not found.pairs:
        opening.append("No channel is named after one of these values.")
    opening.append(private_hint(name, lacks_scope, again=f"{PRESS} again"))
    options = [
        option_object(
            f"{plain(value, most=34)} → {_sign(channel)}{plain(channel.name, most=34)}",
            f"{found.slot} {channel.channel_id} {value}",
        )
        for value, channel in found.pairs
        if len(value) <= 100
    ]
    ticks = _fields("channels", "Channels", options, ticked=True)
    below = _unknown(found.unmatched, "No channel is named after")
    blocks = [section(joined(opening)), *_labels(CHANNEL_LABEL, labels, found.slot), *ticks, *below]
    return _form(CHANNELS_FORM, CHANNELS_TITLE, blocks, submit="Subscribe" if found.pairs else None)


def private_hint(label: str, lacks_scope: str, *, again: str) -> str:
    """Return how a private channel comes into the list: the app makes none. `label` is escaped."""
    if lacks_scope:
        return f"Private channels aren't listed. {allow(lacks_scope)}"
    return (
        f"To use a private channel, create it in Slack, named after its {label}, type `/invite @Sage 200` there, then "
        f"{again}."
    )


def _sign(channel: NamedChannel) -> str:
    return "🔒" if channel.is_private else "#"


def add_form(condition: str) -> View:
    """Return the form into which a list is pasted; `condition` is an example of the company's own."""
    words = plain_text_input(CELLS, multiline=True, placeholder=EXAMPLE, max_length=LONGEST_LIST)
    how = [
        "One person a line: an e-mail address, @handle or member ID, then the role (`admin`, `controller`, `sales`, "
        "`viewer` or `none`), then, for sales, which customers are theirs.",
        "Separate them with commas, semicolons or tabs, or paste from a spreadsheet. "
        f"Customers, for example: `{escaped(condition)}`.",
    ]
    blocks = [section(joined(how)), field(CELLS, "People", words)]
    return _form(ADD_FORM, ADD_TITLE, blocks, submit="Check")


def preview_form(blocks: Sequence[Block], text: str, *, count: int) -> View:
    """Return what a list would change, with the list itself to be carried out; `blocks` say what."""
    submit = f"Give to {count:,}" if count else None
    return _form(PREVIEW_FORM, ADD_TITLE, blocks, submit=submit, metadata=text)


def pasted(view: Mapping[str, Any]) -> str:
    """Return the list in the form."""
    return str(left_in(view, CELLS).get("value") or "")


def previewed(view: Mapping[str, Any]) -> str:
    """Return the list that the preview was made of."""
    return str(view.get("private_metadata") or "")


def ticked(view: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Return (user or channel id, slot, value) of all boxes that are ticked. Untrusted."""
    values = (view.get("state") or {}).get("values") or {}
    found: list[tuple[str, int, str]] = []
    for name in values if isinstance(values, Mapping) else ():
        for each in left_in(view, str(name)).get("selected_options") or ():
            slot, _, rest = str(each.get("value") or "").partition(" ")
            about, _, value = rest.partition(" ")
            number = whole_number(slot, digits=2)
            if number is not None and about and value:
                found.append((about, number, value))
    return found


def _ticks(name: str, label: str, matches: Sequence[RepMatch], slot: int, *, ticked: bool) -> list[Block]:
    options = [
        option_object(
            f"{plain(each.name, most=42)} → {plain(each.value, most=28)}",
            f"{slot} {each.user_id} {each.value}",
            description="" if ticked else each.why,
        )
        for each in matches
        if len(each.value) <= 100
    ]
    return _fields(name, label, options, ticked=ticked)


def _fields(name: str, label: str, options: Sequence[Option], *, ticked: bool) -> list[Block]:
    """Return boxes, ten in a field, as Slack allows."""
    parts = [list(options[at : at + _A_FIELD]) for at in range(0, len(options), _A_FIELD)]
    return [
        field(
            f"{name}.{number}",
            label if number == 0 else f"{label} (more)",
            checkboxes(f"{name}.{number}", options=part, initial_options=part if ticked else ()),
            optional=True,
        )
        for number, part in enumerate(parts)
    ]


def _labels(action_id: str, labels: Mapping[int, str], chosen: int) -> list[Block]:
    """Return the menu of the company's other analysis codes."""
    others = [
        option(str(slot), plain(label, most=70) or str(slot))
        for slot, label in sorted(labels.items())
        if slot != chosen
    ]
    menu = static_select(action_id, placeholder="Another analysis code", options=others)
    return [actions_block([menu])] if others else []


def _unknown(values: Sequence[str], says: str) -> list[Block]:
    if not values:
        return []
    named = ", ".join(escaped(each, most=40) for each in values[:_MOST_UNKNOWN])
    more = len(values) - _MOST_UNKNOWN
    return [section(f"*{says}:* {named}{f' and {more:,} more' if more > 0 else ''}")]


def _form(name: str, title: str, blocks: Sequence[Block], *, submit: str | None, metadata: str = "") -> View:
    return modal_view(blocks, title=title, close="Cancel", submit=submit, callback_id=name, private_metadata=metadata)
