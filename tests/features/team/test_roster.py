"""A pasted list of people is read a line at a time, and every bad line says what to write."""

from __future__ import annotations

import pytest

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Membership, Role
from bot.features.access.model.member_list import ListedMember, MemberList
from bot.features.admin.model import role_command
from bot.features.team.model.roster import RosterLine, customers_typed, find_people, parse_roster
from tests.builders import LABELS

PEOPLE = MemberList(
    (
        ListedMember("U0BEN001", Membership.MEMBER, ("Ben", "Ben Cole"), "ben.c", "ben@acme.test"),
        ListedMember("U0ANNA01", Membership.ADMIN, ("Anna", "Anna Novak"), "anna", "Anna@Acme.test"),
        ListedMember("U0ANNA02", Membership.MEMBER, ("Anna", "Anna Smith"), "asmith", ""),
        ListedMember("U0GARY01", Membership.GUEST, ("Gary",), "gary", "gary@other.test"),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "ben@acme.test, sales, Region:North West",
        "ben@acme.test;Sales;Region:North West",
        "ben@acme.test\tSALES\tRegion:North West",
        '"ben@acme.test","sales","Region:North West"',
        "E-mail,Role,Customers\nben@acme.test,sales,Region:North West",
        "Who\tRole\tWhose customers\n\nben@acme.test\tsales\tRegion:North West\n,,\n",
    ],
)
def test_commas_semicolons_tabs_and_a_header(text):
    [line] = find_people(parse_roster(text), PEOPLE)
    assert (line.user_id, line.role, line.customers) == ("U0BEN001", Role.SALES, 'Region:"North West"')
    assert line.number == (3 if "Whose" in text else 2 if "Role" in text else 1)


@pytest.mark.parametrize(
    ("who", "user_id"),
    [
        ("ben@acme.test", "U0BEN001"),
        ("BEN@ACME.TEST", "U0BEN001"),
        ("@ben.c", "U0BEN001"),
        ("ben.c", "U0BEN001"),
        ("Ben Cole", "U0BEN001"),
        ("U0BEN001", "U0BEN001"),
        ("<@U0BEN001|ben>", "U0BEN001"),
        ("<mailto:ben@acme.test|ben@acme.test>", "U0BEN001"),
        ("anna", "U0ANNA01"),
        ("asmith", "U0ANNA02"),
    ],
)
def test_who_is_named(who, user_id):
    [line] = find_people(parse_roster(f"{who},viewer"), PEOPLE)
    assert (line.user_id, line.role, line.problem) == (user_id, Role.VIEWER, "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ben@acme.test, boss", "no role “boss”: write one of admin, controller, sales, viewer, none"),
        ("ben@acme.test", "has no role: write one of"),
        (",sales", "names nobody"),
        ("nobody@acme.test,sales", "nobody in this workspace"),
        ("@nobody,sales", "nobody in this workspace"),
        ("gary,sales", "guests get no role"),
        ("U0NOBODY,sales", "nobody in this workspace"),
        ("<!subteam^S0REPS|@sales-reps>,sales", "is a user group"),
    ],
)
def test_a_bad_line_says_what_to_write(line, says):
    good, bad = find_people(parse_roster(f"anna,controller\n{line}"), PEOPLE)
    assert (good.problem, bad.number) == ("", 2)
    assert says in bad.problem


def test_two_of_one_name_are_told_apart_by_more_than_the_name():
    two = MemberList(tuple(ListedMember(f"U{at}", Membership.MEMBER, ("Ben Cole",)) for at in range(2)))
    [line] = find_people(parse_roster("Ben Cole, sales"), two)
    assert "more than one person" in line.problem


def test_e_mail_addresses_that_slack_hides_are_said_to_be_hidden():
    hidden = MemberList((ListedMember("U0BEN001", Membership.MEMBER, ("Ben",), "ben"),))
    [line] = find_people(parse_roster("ben@acme.test,sales"), hidden)
    assert "e-mail addresses aren't available" in line.problem


def test_a_person_named_twice_counts_once():
    _, second = find_people(parse_roster("anna,sales\nAnna@acme.test,controller"), PEOPLE)
    assert "is in line 1 already" in second.problem


def test_a_role_that_is_taken_away_and_customers_alone():
    none, customers = parse_roster("anna,none\nben.c,,Region:Durham")
    assert (none.removes, none.role) == (True, None)
    assert customers == RosterLine(2, "ben.c", customers="Region:Durham")


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n;;", "E-mail, Role"])
def test_a_list_of_nobody(text):
    with pytest.raises(BadQuestion) as refused:
        parse_roster(text)
    assert "one person a line" in refused.value.hint


def test_a_list_that_is_too_long():
    with pytest.raises(BadQuestion):
        parse_roster("a,sales\n" * 201)


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("Region:North West", 'Region:"North West"'),
        ("Region: North West, Durham", 'Region:"North West",Durham'),
        ("Sales rep:George", '"Sales rep":George'),
        ('Region:"North West" or Rep:George', 'Region:"North West" or Rep:George'),
        ("Region:North or Rep:George", "Region:North or Rep:George"),
        ("none", "none"),
        ("", ""),
    ],
)
def test_a_cell_of_customers(cell, typed):
    assert customers_typed(cell) == typed


def test_commas_between_values_need_no_quotation_marks():
    [line] = parse_roster("ben@acme.test, sales, Region:Tyne & Wear, Durham")
    assert line.customers == 'Region:"Tyne & Wear",Durham'
    values = {3: ["Durham", "Tyne & Wear"]}
    assert role_command.codes(line.customers, LABELS, values)[0].values == ("Tyne & Wear", "Durham")
