"""The parser of `/sage channel …`, as in `figures #credit-control for ABS Motor Factors Ltd`, and its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import BadQuestion
from bot.features.access.model.authorization import RaisedChannel, Shown
from bot.features.subscriptions.model.command_parser import channel_id

EXAMPLE = "Try `/sage channel figures #credit-control`."
REQUESTS = "requests"
_COMPANY = re.compile(r"(?:^|\s)for\s+(?P<name>\S.*)", re.IGNORECASE | re.DOTALL)
_QUOTES = "\"'“”‘’ "


@dataclass(frozen=True, slots=True)
class ChannelCommand:
    """A parsed `/sage channel`: the channel, and the company named; both None: only asked.

    `shown` is what the channel shall be shown, `takes_requests` whether requests shall be posted there.
    """

    channel_id: str
    shown: Shown | None = None
    takes_requests: bool | None = None
    company: str = ""


@dataclass(frozen=True, slots=True)
class NamedCompany:
    """A company of the workspace; `label` is its name, with the site where two companies have the same name."""

    pk: int
    label: str


@dataclass(frozen=True, slots=True)
class ChannelClasses:
    """How much a channel is shown: of the asker's company first, and of each other company it is raised for."""

    channel_id: str
    classes: tuple[RaisedChannel, ...]


def parse_channel_command(text: str, *, here: str) -> ChannelCommand:
    """Return the parsed command. Class and channel come in any order; no channel is `here`. Raises BadQuestion."""
    named = _COMPANY.search(text)
    company = named["name"].strip(_QUOTES) if named else ""
    where, shown, takes = here, None, None
    for word in (text[: named.start()] if named else text).split():
        found, low = channel_id(word), word.casefold()
        if found is not None:
            where = found
        elif low in set(Shown) and shown is None and takes is None:
            shown = Shown(low)
        elif low == REQUESTS and shown is None and takes is None:
            takes = True
        elif low in {"on", "off"} and takes:
            takes = low == "on"
        else:
            offered = [*Shown, REQUESTS, f"{REQUESTS} off"]
            raise BadQuestion("That isn't one of the choices.", typed=word, offered=offered, hint=EXAMPLE)
    return ChannelCommand(where, shown, takes, company)
