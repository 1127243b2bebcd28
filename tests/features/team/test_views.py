"""The team, its forms and what became of them pass the gate, whatever people and values are called."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.filters.customer_filter import Codes
from bot.features.access.model.authorization import AccessChange, Role
from bot.features.team.model.channels import ChannelMatches, NamedChannel
from bot.features.team.model.grant import Grant, RosterPlan, TeamGiven
from bot.features.team.model.matching import RepMatch, RepMatches
from bot.features.team.model.overview import PAGE, Gap, Team, TeamMember, gap_of, gaps_first
from bot.features.team.model.roster import RosterLine
from bot.features.team.views import forms, outcome, overview
from tests.slack.gate import passes, passes_view
from tests.slack.hostile import WORDS


def team(word="Durham", count=PAGE):
    members = tuple(
        TeamMember(f"U0B{at:08}", role, ("S0TEAM",), word, state, gap, date(2026, 3, 2))
        for at, (role, state, gap) in enumerate(
            [
                ("sales", "", Gap.NO_CUSTOMERS),
                ("", "connected", Gap.NO_ROLE),
                ("controller", "reconnect_needed", Gap.NONE),
            ]
            * (count // 3)
        )
    )
    groups = tuple((f"S0TEAM{at}", "sales") for at in range(30))
    counts = (("admin", 1), ("sales", 1_200))
    return Team(members, 2, 3, 1_201, counts, 7, groups, word, word, (word,) * 300)


@pytest.mark.parametrize("word", [*WORDS, "x" * 300])
def test_a_full_page_of_a_large_team(word):
    for found in (team(word), team("", 0), Team((), 1, 1, 0, (), 0)):
        message = overview.team(found)
        passes(message)
        passes_view(overview.team_modal(found))
        assert all(f"<@{each.user_id}>" in message.text for each in found.members)


@pytest.mark.parametrize("word", [*WORDS, "x" * 300])
def test_proposals_lists_and_outcomes(word):
    matches = tuple(
        RepMatch(f"{word[:80]}{at}", f"U0B{at}", word, at % 2 == 0, "part of the name") for at in range(450)
    )
    found = RepMatches(3, word, matches, (word,) * 300)
    labels = {slot: f"{word}{slot}" for slot in range(1, 21)}
    passes_view(forms.match_form(found, labels, owned=2, has_emails=False))
    passes_view(forms.match_form(RepMatches(3, word), labels, owned=0, has_emails=True))
    passes(outcome.matches(found, owned=2))
    passes(outcome.matches(RepMatches(3, word), owned=0))
    pairs = ChannelMatches(
        3, word, tuple((f"{word[:80]}{at}", NamedChannel(f"C0B{at}", word)) for at in range(60)), (word,) * 60
    )
    passes_view(forms.channels_form(pairs, labels))
    passes(outcome.channel_pairs(pairs))
    passes(outcome.channel_pairs(ChannelMatches(3, word)))
    bad = RosterLine(2, word, problem=f"customers “{word}”: no customer has that value")
    lines = (RosterLine(1, word, Role.SALES, customers=word, user_id="U0BEN", name=word), bad)
    plan = RosterPlan(lines * 100, (Grant("U0BEN", Role.SALES, codes=(Codes(3, (word,)),)),))
    passes(outcome.planned(plan, word[:1_000] or "x"))
    passes(outcome.planned(plan, "x" * 2_500))
    passes_view(forms.preview_form(outcome.plan_blocks(plan), word[:2_900], count=100))
    changes = tuple(AccessChange("customers", f"U0B{at}", word, word + "x") for at in range(200))
    passes(outcome.given(TeamGiven((*changes, AccessChange("role", "U0BEN", "none", "sales")), plan.bad)))
    passes(outcome.given(TeamGiven(())))
    passes(outcome.subscribed([("C0B1", word)] * 60, [("C0B2", word)], [("C0B3", "invite the app")]))
    passes(outcome.subscribed([], [], []))


def test_what_is_ticked_comes_back_as_it_was_offered():
    matches = (RepMatch("Ames, George", "U0GEORGE", "George Ames", True, ""),)
    form = forms.match_form(RepMatches(12, "Rep", matches), {}, owned=0, has_emails=True)
    [field] = [block for block in form["blocks"] if block["type"] == "input"]
    state = {field["block_id"]: {field["block_id"]: {"selected_options": field["element"]["initial_options"]}}}
    assert forms.ticked({"state": {"values": state}}) == [("U0GEORGE", 12, "Ames, George")]
    for odd in ("", "12", "12 U0GEORGE", "x U0GEORGE v", "123 U0GEORGE v"):
        assert forms.ticked({"state": {"values": {"a": {"a": {"selected_options": [{"value": odd}]}}}}}) == []


@pytest.mark.parametrize(
    ("role", "customers", "sign_in", "only_own", "gap"),
    [
        ("", "", "connected", True, Gap.NO_ROLE),
        ("sales", "", "connected", True, Gap.NO_CUSTOMERS),
        ("sales", "", "connected", False, Gap.NONE),
        ("sales", "Rep is Ben", "", True, Gap.NOT_CONNECTED),
        ("sales", "Rep is Ben", "connected", True, Gap.NONE),
        ("controller", "", "reconnect_needed", True, Gap.NOT_CONNECTED),
        ("viewer", "", "", True, Gap.NONE),
        ("admin", "", "connected", True, Gap.NONE),
    ],
)
def test_what_a_person_lacks(role, customers, sign_in, only_own, gap):
    assert gap_of(role, customers=customers, sign_in=sign_in, sees_only_own=only_own) is gap
    gone = gap_of(role, customers=customers, sign_in=sign_in, sees_only_own=only_own, is_here=False)
    assert gone is Gap.NOT_HERE


def test_who_asked_for_access_and_has_a_role_by_now_is_asking_no_more():
    asking = {"customers": "", "sign_in": "", "sees_only_own": True, "asked": True}
    assert gap_of("", **asking) is Gap.ASKED
    assert gap_of("viewer", **asking) is Gap.NONE


def test_who_lacks_most_comes_first():
    given = [TeamMember("U1", "admin"), TeamMember("U2", "sales", gap=Gap.NOT_CONNECTED), TeamMember("U3", "sales")]
    given.append(TeamMember("U4", "sales", gap=Gap.NO_CUSTOMERS))
    assert [each.user_id for each in gaps_first(given)] == ["U4", "U2", "U1", "U3"]


def test_the_table_says_who_has_a_role_through_a_user_group_alone():
    members = (TeamMember("U1", "sales", ("S1",)), TeamMember("U2", "sales"), TeamMember("U3", ""))
    said = str(overview.team(Team(members, 1, 1, 3, (), 0)).payload())
    assert said.count("sales, through a user group") == 1
    assert "no role" in said
