"""Roles, channels and settings as admins see them: every message passes the gate, whatever things are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import BadQuestion
from bot.features.access.model.authorization import (
    AccessChange,
    Policy,
    RaisedChannel,
    Role,
    RoleOverview,
    Shown,
    WorkspaceChoices,
)
from bot.features.admin import views
from bot.features.admin.model.channel_command import ChannelClasses, parse_channel_command
from bot.features.admin.model.settings_command import SETTINGS
from bot.features.card.views import card as customers
from tests.builders import card, customer
from tests.slack.gate import passes
from tests.slack.hostile import whatever_things_are_called

CHANGES = [
    *(AccessChange("role", "U0BEN", "none", role) for role in (*Role, "none")),
    *(AccessChange("group", "S0TEAM", "sales", role, count=1_200) for role in ("controller", "none")),
    *(AccessChange("channel", "C0SALES", "status", shown, company_name="Acme") for shown in Shown),
    *(AccessChange("requests", "C0SALES", "off", takes, company_name="Acme") for takes in ("on", "off")),
    *(AccessChange("setting", each.name, each.shown(Policy()), "on") for each in SETTINGS),
]


def status_of(whole):
    return replace(card(whole.status_only()), shown=Shown.STATUS)


@pytest.mark.parametrize("done", CHANGES, ids=lambda done: f"{done.what}-{done.after}")
def test_every_change_says_what_it_was_and_how_to_undo_it(done):
    message = views.access_changed(done)
    passes(message)
    assert ("Nothing was changed." in message.text) is (done.before == done.after)
    assert (" now " in message.text.partition(".")[0]) <= (done.before != done.after)
    assert done.before == done.after or "To undo this: /sage " in str(message.payload())


@whatever_things_are_called
def test_sages_words_call_nobody(words):
    long = (words * 400)[:5_000]
    for what in (words, long):
        passes(views.access_changed(AccessChange("customers", "U0BEN", what, what + "x", undo=what, company_name=what)))
        passes(views.access_changed(AccessChange("customers", "U0BEN", what, "none", undo=what, company_name=what)))
        people = {f"U0B{number}": "sales" for number in range(300)}
        passes(views.role_overview(RoleOverview(people, {"S0TEAM": "admin"}, dict.fromkeys(people, what), what)))
        passes(customers.customer_card(status_of(customer(reference=what, name=what, on_hold=True))))


def test_nobody_has_a_role_and_nothing_is_set():
    for message in (
        views.role_overview(RoleOverview({}, {})),
        views.workspace_settings(WorkspaceChoices(Policy())),
    ):
        passes(message)
    many = tuple(RaisedChannel(f"C0C{number}", "Acme " * 40, Shown.BAND) for number in range(500))
    passes(views.workspace_settings(WorkspaceChoices(Policy(), many)))


@pytest.mark.parametrize("shown", Shown)
def test_a_channels_class_says_who_sees_it(shown):
    message = views.channel_class(ChannelClasses("C0SALES", (RaisedChannel("C0SALES", "Acme", shown),)))
    passes(message)
    assert "Everybody in the channel" in message.text


def test_those_who_may_see_status_alone_see_no_figure():
    whole = customer(on_hold=True, status_reason="Cheque bounced")
    message = customers.customer_card(status_of(whole))
    passes(message)
    said = str(message.payload())
    for fact in ("ABS001", "ABS Garages Ltd", "On hold", "/sage connect"):
        assert fact in message.text
    for figure in ("£", "2,464", "%", "0191", "Cheque", "NE4", "319"):
        assert figure not in said


@pytest.mark.parametrize(
    ("typed", "shown", "takes"),
    [
        ("figures", Shown.FIGURES, None),
        ("requests", None, True),
        ("<#C0SALES|sales> requests on", None, True),
        ("Requests OFF <#C0SALES|sales>", None, False),
        ("", None, None),
    ],
)
def test_a_channel_is_given_a_class_or_takes_requests(typed, shown, takes):
    asked = parse_channel_command(f"{typed} for Acme Ltd", here="C0SALES")
    assert (asked.channel_id, asked.shown, asked.takes_requests) == ("C0SALES", shown, takes)
    assert asked.company == "Acme Ltd"


@pytest.mark.parametrize("typed", ["off", "requests figures", "requests off off", "band off", "requests requests"])
def test_what_a_channel_can_not_be_is_refused_with_the_choices(typed):
    with pytest.raises(BadQuestion) as refused:
        parse_channel_command(typed, here="C0SALES")
    assert "requests off" in refused.value.offered
