"""Every Home passes the gate, whoever's it is and whatever things are called; and nobody's shows what isn't theirs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.customer import Customer
from bot.domain.money import Currency
from bot.features.access.model.authorization import (
    Action,
    Member,
    Membership,
    Policy,
    RaisedChannel,
    Role,
    RoleOverview,
    Shown,
    WorkspaceChoices,
)
from bot.features.access.model.commands import Permissions
from bot.features.access.model.rules import permissions_of
from bot.features.access.model.session import MirrorFreshness
from bot.features.admin.model.channel_command import NamedCompany
from bot.features.admin.model.settings_command import SETTINGS, settings_from_form
from bot.features.connections.model import ConnectionStatus, WorkspaceSignInStatus
from bot.features.connections.views import connect
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.home.model import (
    MOST_ACCOUNTS,
    MOST_LATE,
    MOST_SUBSCRIPTIONS,
    Accounts,
    Home,
    LateAccounts,
    Part,
    Setup,
    SystemState,
)
from bot.features.home.publisher import stamped
from bot.features.home.views import forms as home_forms
from bot.features.home.views.home import home
from bot.features.home.views.settings_words import settings_sentences
from bot.features.overdue.model.list import OverdueAccount, OverdueListing, OverdueTotals
from bot.features.temporary_releases.model import WaitingHold
from tests.builders import NOW, asker, company
from tests.features.on_hold.test_views import account, every_currency, listing
from tests.features.subscriptions.test_views import kept
from tests.slack.gate import passes_view
from tests.slack.hostile import whatever_things_are_called
from tests.slack.test_payload_gate import OFFER, ending, stands

EVERYTHING = Permissions(may=frozenset(Action))
CONNECTED = ConnectionStatus(
    "connected",
    NOW,
    company=company(),
    mirror=MirrorFreshness(NOW),
    workspace=WorkspaceSignInStatus("U0PRIYA", "x", NOW),
)
RUNNING = SystemState(
    RoleOverview({"U0PRIYA": "admin"}, {"S0TEAM": "sales"}),
    WorkspaceChoices(Policy(), (RaisedChannel("C0SALES", "ABS", Shown.BAND),)),
)


def member(role=None, **unlike):
    """What somebody of this role sees once all is set up."""
    who = Member(asker(), role, has_own=role is Role.ADMIN)
    usual = {
        "permissions": permissions_of(who),
        "role": role,
        "connection": CONNECTED
        if role is Role.ADMIN
        else ConnectionStatus("not connected", workspace=CONNECTED.workspace),
        "admins": ("U0PRIYA",),
        "system": RUNNING if role is Role.ADMIN else None,
    }
    return Home(**{**usual, **unlike})


def largest(words):
    """As much as there can be of everything, made of these words."""
    people = {f"U0B{number:03}": each for number in range(300) for each in list(Role)[number % 3 : number % 3 + 1]}
    silent = kept(words, number=12)
    every = (*(kept(words, number=number) for number in range(1, 12)), silent)
    zone = replace(Policy(), zone=words)
    return Home(
        permissions=EVERYTHING,
        role=Role.ADMIN,
        becomes_workspace_connection=True,
        connection=replace(ending(words), mirror=MirrorFreshness(NOW, trouble=words, trouble_since=NOW)),
        setup=Setup(),
        subscriptions=every,
        accounts=Accounts(listing(words, accounts=every_currency(words), per_page=MOST_ACCOUNTS), own_only=True),
        off_hold=tuple(WaitingHold(1, place, words[:20], words, "U0B001", NOW, words, words) for place in range(9)),
        late=LateAccounts(late_listing(words, count=MOST_LATE), own_only=True, suggested=9_999, differing=9_999),
        system=SystemState(
            RoleOverview(people, {f"S0G{number:03}": "admin" for number in range(300)}),
            WorkspaceChoices(zone, tuple(RaisedChannel(f"C0C{number:03}", "ABS", Shown.BAND) for number in range(300))),
        ),
        admins=tuple(people),
        missing=tuple(Part),
    )


def late_listing(words="ABS", *, count):
    customer = Customer(
        1, words[:20], words, on_hold=False, currency=Currency(words[:9], words[:9]), balance=Decimal(9_999_999)
    )
    owes = OverdueAccount(customer, Decimal(1250), NOW.date(), 110, Decimal(250), differs_by=Decimal(20))
    totals = OverdueTotals(40 if count else 0, ((customer.currency, Decimal(50_000)),) if count else ())
    return OverdueListing((owes,) * count, words, NOW, totals)


def test_late_debt_stands_on_home_with_what_is_to_be_looked_at():
    late = LateAccounts(late_listing(count=5), suggested=3, differing=2)
    said = spoken(home(member(Role.ADMIN, late=late)))
    for words in (
        "oldest 110 days",
        "Total overdue:",
        "The 5 oldest of 40. All: `/overdue`",
        "3 suggested for a hold: `/overdue suggested`",
        "2 customers whose balance differs from their open items",
    ):
        assert words in said
    nobody = spoken(home(member(Role.SALES, late=LateAccounts(late_listing(count=0), own_only=True))))
    assert "None of your customers is overdue." in nobody
    assert "Overdue accounts" not in spoken(home(member(Role.SALES)))


def test_what_could_not_be_put_on_hold_again_waits_on_home_with_what_to_do():
    off = tuple(WaitingHold(1, number, f"ABS{number:03}", "Abbey", "U0BEN", NOW, "", "gone") for number in range(1, 8))
    said = spoken(home(member(Role.CONTROLLER, off_hold=off)))
    for words in (
        "Waiting for you",
        "*ABS001* Abbey: still off hold, could not be put on hold again with <@U0BEN>'s sign-in.",
        "To do it now: `/customer ABS001 hold REASON`. To leave it: `/customer ABS001 release REASON`.",
        "alert.view.5",
        "2 more: `/sage requests`",
    ):
        assert words in said
    assert "ABS006" not in said


def spoken(view):
    return str(view["blocks"])


STATES = {
    "closed": Home(),
    "nothing connected": member(connection=ConnectionStatus("not connected"), admins=()),
    "founding": member(
        becomes_workspace_connection=True, setup=Setup(), connection=ConnectionStatus("not connected"), admins=()
    ),
    "no role": member(),
    "sales without customers": member(Role.SALES, accounts=Accounts(unassigned=True)),
    "sales": member(Role.SALES, accounts=Accounts(listing(count=3), own_only=True)),
    "nobody on hold": member(Role.SALES, accounts=Accounts(listing(count=0), own_only=True)),
    "controller": member(
        Role.CONTROLLER, accounts=Accounts(listing(count=40, per_page=MOST_ACCOUNTS)), subscriptions=(kept(),)
    ),
    "admin": member(Role.ADMIN, accounts=Accounts(listing(count=1)), subscriptions=(kept(),)),
    "late": member(Role.ADMIN, late=LateAccounts(late_listing(count=5), suggested=1, differing=1)),
    "nobody late": member(Role.SALES, late=LateAccounts(late_listing(count=0), own_only=True)),
    "admin half way": member(Role.ADMIN, setup=Setup(connected=True, company=True)),
    "sign in again": member(Role.CONTROLLER, connection=stands("it ended", "reconnect needed")),
    "copy being read": member(Role.ADMIN, connection=replace(CONNECTED, mirror=MirrorFreshness(None, 70))),
    "all parts missing": member(Role.ADMIN, connection=None, system=None, missing=tuple(Part)),
    **{f"copy {why.name}": member(Role.ADMIN, accounts=Accounts(NotKnown(why, "Acme", NOW, 7))) for why in Unknown},
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_passes(state):
    passes_view(home(STATES[state]))
    passes_view(home(STATES[state], notice="*Done.*"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "An order goes to credit control once debt is 7 days overdue, and is stopped after 30 days."),
        ({"overdue_stop_days": None, "overdue_ask_days": 1}, "once debt is 1 day overdue; none is stopped."),
        ({"status_for_everyone": True}, "members without a role see who is on hold."),
        ({"sales_only_theirs": False}, "Sales people see every customer;"),
        ({"second_approver_above": Decimal(5000)}, "an account that owes more than £5,000.00."),
        ({"suggest_above": Decimal(900)}, "A hold is suggested from 60 days overdue or £900.00 overdue."),
        ({"suggest_after_days": None}, "No hold is suggested."),
    ],
)
def test_the_settings_are_said_in_sentences(changed, said):
    assert said in " ".join(settings_sentences(replace(Policy(), **changed)))


def test_the_settings_form_says_what_each_choice_means_and_reads_back_what_it_shows():
    form = home_forms.settings_form(Policy())
    passes_view(form)
    said = spoken(form)
    assert [
        each for each in ("Their own customers", "Set off against the oldest debt", "30 days") if each not in said
    ] == []
    shown = json.loads(form["private_metadata"])
    typed = {each.name: shown[each.name] for each in SETTINGS}
    assert settings_from_form(typed, Policy())[1] == Policy()


def test_what_waits_stands_first():
    waits = (WaitingHold(1, 1, "ABS001", "ABS", "U0B001", NOW, "", ""),)
    for state in (member(Role.ADMIN, off_hold=waits), member(Role.CONTROLLER, off_hold=waits, setup=Setup())):
        titles = [each["text"]["text"] for each in home(state)["blocks"] if each["type"] == "header"]
        assert titles[0] == "Waiting for you"


@whatever_things_are_called
def test_the_largest_passes_whatever_things_are_called(words):
    view = home(largest(words), notice="x\n" * 3_000)
    passes_view(view)
    assert len(view["blocks"]) < 80
    passes_view(home(Home()))


@pytest.mark.parametrize(
    ("state", "there", "absent"),
    [
        ("closed", ("full members of this workspace",), ("£", "home.", "connect.", "/sage", "U0PRIYA")),
        (
            "nothing connected",
            ("You don't have a role in this app yet.", "Connect Sage 200"),
            ("£", "home.roles", "Getting started"),
        ),
        ("founding", ("Getting started", "✓  Install", "○  *Connect", "first admin"), ("£", "home.roles")),
        (
            "no role",
            ("ask <@U0PRIYA> for one", "Connect Sage 200"),
            ("£", "home.subscribe", "home.roles", "/sage subscribe"),
        ),
        ("sales without customers", ("none have been assigned to you yet",), ("£", "home.roles", "home.subscribe")),
        (
            "sales",
            ("Your role in this app is *sales*.", "Your accounts on hold", "£2,464.16", "/onhold mine"),
            ("home.roles", "This workspace"),
        ),
        ("nobody on hold", ("None of your customers is on hold",), ("£",)),
        (
            "controller",
            ("Showing 10 of 40", "home.subscription.edit.1", "Everybody's: `/sage subscriptions`", "In <#C0SALES>"),
            ("home.roles", "running"),
        ),
        (
            "admin",
            (
                "home.roles",
                "home.hand_over",
                "<#C0SALES> (band of ABS)",
                "Sales people see their own customers",
                "Give roles to many people at once.",
                "Sales people who haven't connected a Sage ID see only their own customers.",
            ),
            ("Getting started", "overdue-ask", "status-for-everyone"),
        ),
        ("admin half way", ("✓  Pick the company", "○  *Say who"), ()),
        ("sign in again", ("Sign in again", "Reconnect needed"), ("home.roles",)),
        ("copy being read", ("read for the first time (70 so far)",), ()),
        ("all parts missing", ("Not available at the moment: your connection and",), ("£2,464",)),
        ("copy OLD", ("would be out of date",), ("£2,464",)),
    ],
)
def test_each_shows_what_is_theirs_and_nothing_else(state, there, absent):
    shown = spoken(home(STATES[state]))
    assert [each for each in there if each not in shown] == []
    assert [each for each in absent if each in shown] == []


def test_where_sales_see_every_customer_home_does_not_say_otherwise():
    everything = replace(RUNNING, chosen=replace(RUNNING.chosen, policy=Policy(sales_only_theirs=False)))
    shown = spoken(home(member(Role.ADMIN, system=everything)))
    assert "Sales people see every customer" in shown
    assert "only their own" not in shown


def test_an_account_without_figures_shows_none():
    bare = account(balance=None, days=3)
    shown = spoken(home(member(accounts=Accounts(listing(accounts=(bare,))))))
    assert "ABS Garages Ltd" in shown
    assert "£" not in shown
    assert "unknown" not in shown


def test_what_has_no_room_is_counted():
    shown = spoken(home(largest("Acme")))
    assert "2 more of yours are not shown" in shown
    assert f"home.subscription.delete.{MOST_SUBSCRIPTIONS}'" in shown
    assert "more (`/sage roles`)" in shown
    assert "275 more (`/sage settings`)" in shown


def test_whoever_may_subscribe_no_more_can_still_delete():
    shown = spoken(home(member(subscriptions=(kept(),))))
    assert "home.subscription.delete.1" in shown
    assert "home.subscription.pause.1" in shown
    assert "home.subscription.edit.1" not in shown
    assert "home.subscribe'" not in shown


@whatever_things_are_called
def test_every_form_passes(words):
    groups = {f"{words[:60]}{number}": f"S0G{number:03}" for number in range(150)}
    for view in (
        home_forms.role_form(groups),
        home_forms.role_form({}),
        home_forms.customers_form({}),
        home_forms.customers_form(dict.fromkeys(range(1, 21), words)),
        home_forms.channel_form([NamedCompany(1, words)]),
        home_forms.channel_form([NamedCompany(number, words) for number in range(150)]),
        home_forms.settings_form(replace(Policy(), zone=words or "UTC")),
        home_forms.hand_over_form(),
        connect.link_modal(OFFER),
    ):
        passes_view(view)


def test_every_setting_has_its_field():
    assert [block["block_id"] for block in home_forms.settings_form(Policy())["blocks"]] == [
        each.name for each in SETTINGS
    ]


@pytest.mark.parametrize(
    "state",
    [{}, {"state": None}, {"state": {"values": {"role": {"role": {"selected_option": {"value": "boss"}}}}}}],
)
def test_what_comes_back_odd_is_nothing(state):
    assert home_forms.role_chosen(state) is None
    assert home_forms.customers_chosen(state) == ("", "")
    assert home_forms.channel_chosen(state) is None
    assert home_forms.successor_chosen(state) == ""


def test_the_stamp_tells_one_home_from_another():
    first = stamped(home(STATES["admin"]))["private_metadata"]
    assert first == stamped(home(STATES["admin"]))["private_metadata"]
    assert first != stamped(home(STATES["admin"], notice="x"))["private_metadata"]
    assert first != stamped(home(STATES["controller"]))["private_metadata"]


def test_a_guest_has_nothing_whatever_role_they_were_given():
    guest = Member(asker(membership=Membership.GUEST), Role.ADMIN, has_own=True)
    assert "full members" in spoken(home(member(Role.ADMIN, permissions=permissions_of(guest))))
    assert "home." not in spoken(home(member(Role.ADMIN, permissions=permissions_of(guest))))
