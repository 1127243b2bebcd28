"""Every role, with and without a Sage sign-in of their own, at every action, in every place, under every policy."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.filters.customer_filter import Codes
from bot.features.access.model.authorization import (
    Action,
    Decision,
    Member,
    Membership,
    Policy,
    Role,
    Shown,
    Visibility,
    least_shown,
    role_from,
    shown_in,
    visibility_of,
)
from bot.features.access.model.rules import decide
from tests.builders import asker

MINE = (Codes(3, ("North",)),)

# Who: a role, `own` for those with a live Sage sign-in of their own, `codes` for sales people whose customers are
# known. Under which policy: any where none is named; `everyone` is "status for everyone", `all` is "sales see all".
WHO = (
    ("admin", Role.ADMIN, False),
    ("admin own", Role.ADMIN, True),
    ("controller", Role.CONTROLLER, False),
    ("controller own", Role.CONTROLLER, True),
    ("sales own", Role.SALES, True),
    ("sales own, everyone", Role.SALES, True),
    ("sales own codes", Role.SALES, True),
    ("sales own codes, everyone", Role.SALES, True),
    ("sales own, all", Role.SALES, True),
    ("nobody own", None, True),
    ("nobody own, everyone", None, True),
    ("nobody", None, False),
    ("nobody, everyone", None, False),
    ("sales", Role.SALES, False),
    ("sales, everyone", Role.SALES, False),
    ("sales codes", Role.SALES, False),
    ("sales codes, everyone", Role.SALES, False),
    ("sales, all", Role.SALES, False),
    ("viewer", Role.VIEWER, False),
    ("viewer own", Role.VIEWER, True),
)

# F figures, B bands, S status; small: only of their own customers, + means status of the others; . refused. In the head
# e is everyone, o own and c codes.
TABLE = """
                              admin     control.  sales own             nobody      sales               viewer
                              -   own   -   own   -   e   c   c,e all   own o,e -   e     -   e   c   c,e all   -   own
status               private  F   F     F   F     F   F   F   F   F     F   F   .   S     .   S   f   f+  F   F   F
status               status   S   S     S   S     S   S   S   S   S     S   S   .   S     .   S   s   s+  S   S   S
status               band     B   B     B   B     B   B   B   B   B     B   B   .   S     .   S   b   b+  B   B   B
status               figures  F   F     F   F     F   F   F   F   F     F   F   .   S     .   S   f   f+  F   F   F
status               closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
figures              private  F   F     F   F     F   F   F   F   F     F   F   .   .     .   .   f   f+  F   F   F
figures              status   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
figures              band     .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
figures              figures  F   F     F   F     F   F   F   F   F     F   F   .   .     .   .   f   f+  F   F   F
figures              closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
news                 private  F   F     F   F     .   S   f   f+  F     .   S   .   S     .   S   f   f+  F   F   F
news                 status   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
news                 band     .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
news                 figures  .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
news                 closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
hold                 private  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
hold                 status   .   S     .   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
hold                 band     .   B     .   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
hold                 figures  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
hold                 closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
release              private  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
release              status   .   S     .   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
release              band     .   B     .   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
release              figures  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
release              closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_limit         private  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_limit         status   .   S     .   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_limit         band     .   B     .   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_limit         figures  .   F     .   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_limit         closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
request_release      private  F   F     F   F     F   F   F   F   F     .   .   .   .     .   S   f   f+  F   .   .
request_release      status   S   S     S   S     S   S   S   S   S     .   .   .   .     .   S   s   s+  S   .   .
request_release      band     B   B     B   B     B   B   B   B   B     .   .   .   .     .   S   b   b+  B   .   .
request_release      figures  F   F     F   F     F   F   F   F   F     .   .   .   .     .   S   f   f+  F   .   .
request_release      closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_release       private  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_release       status   S   S     S   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_release       band     B   B     B   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_release       figures  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_release       closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
promise              private  F   F     F   F     .   .   f   f+  F     .   .   .   .     .   .   f   f+  F   .   .
promise              status   S   S     S   S     .   .   s   s+  S     .   .   .   .     .   .   s   s+  S   .   .
promise              band     B   B     B   B     .   .   b   b+  B     .   .   .   .     .   .   b   b+  B   .   .
promise              figures  F   F     F   F     .   .   f   f+  F     .   .   .   .     .   .   f   f+  F   .   .
promise              closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
dispute              private  F   F     F   F     .   .   f   f+  F     .   .   .   .     .   .   f   f+  F   .   .
dispute              status   S   S     S   S     .   .   s   s+  S     .   .   .   .     .   .   s   s+  S   .   .
dispute              band     B   B     B   B     .   .   b   b+  B     .   .   .   .     .   .   b   b+  B   .   .
dispute              figures  F   F     F   F     .   .   f   f+  F     .   .   .   .     .   .   f   f+  F   .   .
dispute              closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_dispute       private  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_dispute       status   S   S     S   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_dispute       band     B   B     B   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_dispute       figures  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
decide_dispute       closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
note                 private  F   F     F   F     F   F   F   F   F     .   .   .   .     .   .   f   f+  F   .   .
note                 status   S   S     S   S     S   S   S   S   S     .   .   .   .     .   .   s   s+  S   .   .
note                 band     B   B     B   B     B   B   B   B   B     .   .   .   .     .   .   b   b+  B   .   .
note                 figures  F   F     F   F     F   F   F   F   F     .   .   .   .     .   .   f   f+  F   .   .
note                 closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
share                private  .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
share                status   S   S     S   S     S   S   S   S   S     .   .   .   .     .   .   s   s+  S   .   .
share                band     B   B     B   B     B   B   B   B   B     .   .   .   .     .   .   b   b+  B   .   .
share                figures  F   F     F   F     F   F   F   F   F     .   .   .   .     .   .   f   f+  F   .   .
share                closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_channel    private  .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_channel    status   S   S     S   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_channel    band     B   B     B   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_channel    figures  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_channel    closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_self       private  F   F     F   F     .   S   f   f+  F     .   .   .   .     .   S   f   f+  F   F   F
subscribe_self       status   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_self       band     .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_self       figures  .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
subscribe_self       closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
see_subscriptions    private  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
see_subscriptions    status   S   S     S   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
see_subscriptions    band     B   B     B   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
see_subscriptions    figures  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
see_subscriptions    closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_subscriptions private  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_subscriptions status   S   S     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_subscriptions band     B   B     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_subscriptions figures  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
change_subscriptions closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
settings             private  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
settings             status   S   S     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
settings             band     B   B     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
settings             figures  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
settings             closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_all            private  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_all            status   S   S     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_all            band     B   B     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_all            figures  F   F     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_all            closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_own            private  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_own            status   S   S     S   S     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_own            band     B   B     B   B     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_own            figures  F   F     F   F     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
audit_own            closed   .   .     .   .     .   .   .   .   .     .   .   .   .     .   .   .   .   .   .   .
"""
ROWS = [line.split() for line in TABLE.splitlines()[3:]]
POLICIES = {
    (everyone, every): Policy(status_for_everyone=everyone, sales_only_theirs=not every)
    for everyone, every in itertools.product((False, True), repeat=2)
}
FULL, OTHERS = (Membership.ADMIN, Membership.MEMBER), (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN)


def cases():
    """(name, member without standing, policy, expected column): all four policies for each who."""
    for (name, role, own), (everyone, every), codes in itertools.product(WHO, POLICIES, (False, True)):
        marks = name.replace(",", "").split()
        if role is Role.SALES:
            fits = ("all" in marks) if every else ("all" not in marks) and ("codes" in marks) is codes
            fits = fits and (every or ("everyone" in marks) is everyone)
        elif role is None:
            fits = ("everyone" in marks) is everyone
        else:
            fits = True  # neither policy nor codes of theirs make a difference
        if fits:
            yield name, role, own, MINE if codes else (), POLICIES[everyone, every]


CASES = list(cases())


def cell(decision: Decision) -> str:
    """A verdict as the table writes it."""
    if not decision.allowed:
        assert (decision.shown, decision.only, decision.others) == (None, None, None)
        assert decision.why
        return "."
    assert (decision.why, decision.hint) == ("", "")
    letter = {Shown.FIGURES: "F", Shown.BAND: "B", Shown.STATUS: "S"}[decision.shown]
    if decision.only is None:
        assert decision.others is None
        return letter
    assert decision.only == MINE
    return letter.lower() + {None: "", Shown.STATUS: "+"}[decision.others]


def test_the_table_and_the_cases_leave_nothing_out():
    assert {(row[0], row[1]) for row in ROWS} == {
        (action.name.lower(), place.name.lower()) for action in Action for place in Visibility
    }
    assert len(ROWS) == len(Action) * len(Visibility)
    assert {len(row) for row in ROWS} == {2 + len(WHO)}
    wanted = itertools.product([*Role, None], (False, True), ((), MINE), POLICIES.values())
    seen = [(role, own, mine, policy) for _, role, own, mine, policy in CASES]
    assert sorted(map(repr, seen)) == sorted(map(repr, wanted))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_cell(row):
    action, place = Action[row[0].upper()], Visibility[row[1].upper()]
    expected = dict(zip((name for name, _, _ in WHO), row[2:], strict=True))
    got = [
        (name, membership, policy, cell(_decided(membership, role, own, mine, action, place, policy)))
        for name, role, own, mine, policy in CASES
        for membership in FULL
    ]
    assert [each for each in got if each[3] != expected[each[0]]] == []


@pytest.mark.parametrize("membership", OTHERS)
def test_guests_strangers_and_the_unknown_may_nothing_anywhere_whatever_they_were_given(membership):
    every = itertools.product(CASES, Action, Visibility)
    allowed = [
        (case, action, place)
        for case, action, place in every
        if cell(_decided(membership, *case[1:4], action, place, case[4])) != "."
    ]
    assert allowed == []


def _decided(membership, role, own, mine, action, place, policy):
    member = Member(asker(membership=membership), role, has_own=own, mine=mine)
    return decide(member, action, place, policy, requested_by="U0SOMEBODY")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CONTROLLER])
@pytest.mark.parametrize(("requested_by", "may"), [("U1", False), ("", False), ("U2", True)])
def test_nobody_decides_their_own_request_nor_one_of_nobodys(role, requested_by, may):
    member = Member(asker(user_id="U1"), role, has_own=True)
    assert decide(member, Action.DECIDE_RELEASE, requested_by=requested_by).allowed is may


def test_a_viewer_is_told_why_and_not_to_ask_for_a_role():
    for action in (Action.REQUEST_RELEASE, Action.PROMISE, Action.NOTE, Action.HOLD, Action.SETTINGS):
        assert "viewer" in decide(Member(asker(), Role.VIEWER, has_own=True), action).why
    assert "viewer" in decide(Member(asker(), Role.VIEWER), Action.SHARE, Visibility.FIGURES).why


def test_without_a_policy_the_strictest_holds():
    assert not decide(Member(asker()), Action.STATUS).allowed
    assert not decide(Member(asker(), Role.SALES), Action.STATUS).allowed


def test_a_narrowed_verdict_shows_their_customers_and_of_the_others_what_everybody_sees():
    decision = decide(Member(asker(), Role.SALES, mine=MINE), Action.STATUS, policy=Policy(status_for_everyone=True))
    assert decision.shown_of({3: "north"}) is Shown.FIGURES
    assert decision.shown_of({3: "South"}) is Shown.STATUS
    strict = decide(Member(asker(), Role.SALES, mine=MINE), Action.STATUS)
    assert (strict.shown_of({3: "North"}), strict.shown_of({3: ""}), strict.shown_of({})) == (Shown.FIGURES, None, None)
    assert Decision(False, Shown.FIGURES).shown_of({3: "North"}) is None


@pytest.mark.parametrize(
    ("names", "role"),
    [
        ((), None),
        ((None,), None),
        (("", "Admin", "admins", "guest"), None),
        (("sales",), Role.SALES),
        (("sales", "controller", None), Role.CONTROLLER),
        (("sales", "admin", "controller"), Role.ADMIN),
        (("viewer", "sales"), Role.SALES),
        (("viewer", None), Role.VIEWER),
    ],
)
def test_the_highest_role_counts_and_an_unknown_one_is_none(names, role):
    assert role_from(*names) is role


@pytest.mark.parametrize(
    ("kept", "place", "most"),
    [
        (None, Visibility.STATUS, Shown.STATUS),
        ("", Visibility.STATUS, Shown.STATUS),
        ("status", Visibility.STATUS, Shown.STATUS),
        ("band", Visibility.BAND, Shown.BAND),
        ("figures", Visibility.FIGURES, Shown.FIGURES),
        ("private", Visibility.STATUS, Shown.STATUS),
        ("Figures", Visibility.STATUS, Shown.STATUS),
    ],
)
def test_a_channels_class(kept, place, most):
    assert visibility_of(kept) is place
    assert shown_in(place) is most


def test_a_channel_that_is_closed_is_shown_nothing():
    assert shown_in(Visibility.CLOSED) is None


def test_the_least_of_several():
    assert least_shown(Shown.FIGURES, Shown.BAND) is Shown.BAND
    assert least_shown(Shown.BAND, Shown.STATUS, Shown.FIGURES) is Shown.STATUS
