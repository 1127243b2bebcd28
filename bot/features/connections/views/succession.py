"""Handing over, deputies, claiming, and what is asked before the workspace's own sign-in is disconnected."""

from __future__ import annotations

from datetime import datetime

from bot.features.connections.model import Dependants, Deputies
from bot.slack.views.blocks import button_element
from bot.slack.views.message import Message, aside, buttons, joined, note
from bot.slack.views.text import escaped, moment, user_mention

ACCEPT_HANDOVER, REFUSE_HANDOVER = "handover.accept", "handover.refuse"
ACCEPT_DEPUTY, REFUSE_DEPUTY = "deputy.accept", "deputy.refuse"
CLAIM, DISCONNECT_ANYWAY = "claim.claim", "disconnect.anyway"


def handover_asked(by: str, until: datetime) -> Message:
    """Return the question to the person whose sign-in would answer for the workspace."""
    return note(
        joined(
            [
                f"*{user_mention(by)} asks you to let your Sage sign-in answer for this workspace.*",
                "It would keep the data fresh and answer colleagues who have a role here but no Sage "
                "sign-in of their own. They see what their role allows, read with your Sage ID. "
                "Nothing changes before you accept.",
                f"Open until {moment(until)}. To type it: `/sage accept-handover` or `/sage refuse-handover`.",
            ]
        ),
        buttons(
            button_element("Accept", ACCEPT_HANDOVER, style="primary"), button_element("No, thanks", REFUSE_HANDOVER)
        ),
    )


def deputy_asked(by: str, until: datetime) -> Message:
    """Return the question to the person who would be the deputy."""
    return note(
        joined(
            [
                f"*{user_mention(by)} asks you to be the deputy for this workspace's Sage sign-in.*",
                "If that sign-in ends, is disconnected, or its owner leaves, yours answers colleagues and keeps the "
                "data fresh from then on, without asking again. You can resign at any time.",
                f"Open until {moment(until)}. To type it: `/sage accept-deputy` or `/sage refuse-deputy`.",
            ]
        ),
        buttons(button_element("Accept", ACCEPT_DEPUTY, style="primary"), button_element("No, thanks", REFUSE_DEPUTY)),
    )


def offered(user_id: str, *, what: str) -> Message:
    """Return that a person was asked; `what` is "handover" or "deputy"."""
    return note(
        f"*{user_mention(user_id)} has been asked.* Nothing changes before they accept; the "
        "offer is open for seven days.",
        aside(f"To take it back: `/sage {what} withdraw`"),
    )


def withdrawn(*, was_open: bool) -> Message:
    """Return that an offer was withdrawn."""
    return note("*The offer is withdrawn.*" if was_open else "There is no open offer.")


def refused() -> Message:
    """Return that the asker turned an offer down."""
    return note("*You said no.* Nothing has changed, and the person who asked gets a message.")


def answers_now(company_name: str) -> Message:
    """Return that the asker's sign-in answers for the workspace."""
    return note(
        f"*The workspace now uses your Sage sign-in*, from {escaped(company_name, most=80)}. "
        "The admins of the app will see that."
    )


def deputy_accepted(company_name: str) -> Message:
    """Return that the asker is the deputy."""
    return note(
        f"*You are the deputy.* If the workspace's Sage sign-in stops, yours takes over for "
        f"{escaped(company_name, most=80)}.",
        aside("To resign: `/sage deputy resign`"),
    )


def deputies(found: Deputies) -> Message:
    """Return who the deputy is and who was asked."""
    deputy = f"*The deputy is {user_mention(found.deputy)}.*" if found.deputy else "*There is no deputy.*"
    asked = f"{user_mention(found.asked)} hasn't answered yet." if found.asked else ""
    how = "`/sage deputy @PERSON` asks somebody, `/sage deputy none` ends it."
    return note(joined([deputy, asked]), aside(how))


def deputy_ended(*, was_one: bool) -> Message:
    """Return that there is no deputy any more."""
    return note("*There is no deputy any more.*" if was_one else "There was no deputy.")


def claimed() -> Message:
    """Return that the asker is an admin of the app."""
    return note(
        "*You are an admin of this app now.* Everybody with a role gets a message. For the "
        "workspace to use your own Sage sign-in: `/sage connect`, then `/sage handover me`."
    )


def disconnect_asks(rests: Dependants) -> Message:
    """Return what depends on the workspace's own sign-in, and the ways on."""
    people = f"{rests.people} {'colleague' if rests.people == 1 else 'colleagues'}"
    groups = f", {rests.groups} user {'group' if rests.groups == 1 else 'groups'}" if rests.groups else ""
    subscriptions = f"{rests.subscriptions} {'subscription' if rests.subscriptions == 1 else 'subscriptions'}"
    after = (
        f"{user_mention(rests.deputy)}, the deputy, takes over."
        if rests.deputy
        else "They get no answers and no alerts until the workspace has another sign-in."
    )
    return note(
        joined(
            [
                "*Your Sage sign-in answers for this workspace. It is still connected.*",
                f"{people}{groups} without a sign-in of their own and {subscriptions} depend on it. {after}",
                "To hand it over first: `/sage handover @PERSON`. To disconnect it now: `/sage disconnect anyway`.",
            ]
        ),
        buttons(button_element("Disconnect anyway", DISCONNECT_ANYWAY, style="danger")),
    )
