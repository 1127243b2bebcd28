"""A sales team of twenty from nothing: roles, whose customers are whose, and the channels of their regions."""

from __future__ import annotations

import copy
import json

import pytest

from sandbox.slack.people import Channel, User
from storage.queries.access import roles
from tests.notices import notices_in
from tests.scenarios.customers.test_on_hold import books_of
from tests.scenarios.furnished import read_ledger
from tests.scenarios.test_home import home_of, open_home

NAMES = (
    "George Ames", "Aisha Khan", "Fiona MacLeod", "Siobhán O'Brien", "Jean-Luc Martin", "Tom Price", "Kate Lowe",
    "Ravi Patel", "Ewa Nowak", "Luke Hart", "Mary Jones", "Owen Rees", "Zoë Clarke", "Ben Cole", "Nina Weiss",
    "Paul Grant", "Ida Berg", "Hugh Dunn", "Lena Ford", "Max Stone",
)  # fmt: skip
REGIONS = ("North West", "Durham", "Scotland", "London")


def spelled(at, name):
    """As a ledger spells it: the whole name, the surname first, or initials."""
    first, _, last = name.partition(" ")
    return (name, f"{last}, {first}", f"{first[0]} {last}", name.upper())[at % 4]


def hire(office):
    """Twenty reps, in Slack and named in Sage, each with a customer."""
    place, company = office.slack.workspaces["T0ACME"], office.world.companies[0]
    example = company.customers[min(company.customers)]
    for at, name in enumerate(NAMES):
        user_id = f"U0REP{at:02}"
        handle = name.split()[0].casefold() + str(at)
        place.users[user_id] = User(user_id, handle, name, "T0ACME", email=f"rep{at}@acme.test")
        customer = {
            **copy.deepcopy(example),
            "id": 90_000 + at,
            "reference": f"REP{at:03}",
            "name": f"Customer of {name}",
        }
        customer |= {"analysis_code_2": spelled(at, name), "analysis_code_3": REGIONS[at % 4]}
        company.customers[90_000 + at] = customer


@pytest.fixture
async def acme(connected_office):
    """Priya has connected, and nobody but her has a role; some regions have a channel."""
    office = connected_office
    hire(office)
    for number, name in enumerate(("sales-north-west", "durham", "scotland-sales")):
        channel = Channel(f"C0REGION{number}", name, {"U0PRIYA"})
        office.slack.workspaces["T0ACME"].channels[channel.id] = channel
    await read_ledger(office)
    return office


class Hand:
    """Priya's hand: every press and every form sent is counted."""

    def __init__(self, office):
        self.office, self.presses = office, 0

    async def press(self, shown, action_id, **more):
        self.presses += 1
        self.office.clock.forward(seconds=5)
        assert (await self.office.sender.click(shown, action_id, user="priya", **more)).status == 200
        await self.office.settle()
        return modal(self.office)

    async def send(self, form, values):
        self.presses += 1
        self.office.clock.forward(seconds=5)
        reply = await self.office.sender.submit(form, values, user="priya")
        assert reply.status == 200, reply.body
        await self.office.settle()
        return modal(self.office)


def modal(office):
    return office.modals[-1] if office.modals else None


def words(view):
    return json.dumps(view.content["blocks"], ensure_ascii=False)


def boxes(form, *, ticked=True):
    """What stands in the form's boxes when it opens, as somebody sends it."""
    found = {}
    for block in form.content["blocks"]:
        element = block.get("element") or {}
        if element.get("type") == "checkboxes":
            options = element.get("initial_options", []) if ticked else element["options"]
            found[block["block_id"]] = [option["value"] for option in options]
    return found


async def given(office):
    """The roles and own customers that are stored."""
    books = await books_of(office)
    async with office.product.services.database.reading() as tx:
        people = await roles.people(tx, workspace_id=books["workspace_id"])
        return people, await roles.codes_of(tx, **books)


async def test_twenty_people_get_their_roles_and_customers_in_a_few_presses(acme):
    hand = Hand(acme)
    await open_home(acme)
    team = await hand.press(home_of(acme), "home.team")
    assert "without an owner" in words(team)
    form = await hand.press(team, "team.match")
    assert "Clear matches" in words(form)
    done = await hand.send(form, boxes(form))
    assert "20 people changed" in words(done)
    assert hand.presses < 10, "counted from Home to all of the team"

    people, codes = await given(acme)
    reps = {f"U0REP{at:02}": {2: (spelled(at, name),)} for at, name in enumerate(NAMES)}
    assert {user: people[user] for user in reps} == dict.fromkeys(reps, "sales")
    assert {user: codes[user] for user in reps} == reps
    assert people["U0PRIYA"] == "admin"
    answer = await acme.command("/customer", "REP002", user="U0REP02")
    assert "£2,464.16" in answer.text
    assert "£" not in (await acme.command("/customer", "REP003", user="U0REP02")).text

    # The record has each of them, and each of them has a message.
    record = (await acme.command("/sage", "audit change role")).text
    assert "<@U0REP19>" in record
    told = [row for row in await notices_in(acme.product.services.database) if row.kind == "role_given"]
    assert sorted(row.recipient for row in told) == sorted(reps)
    assert "20 values have an owner already" in (await acme.command("/sage", "team match")).text


async def test_all_of_it_can_be_typed(acme):
    proposed = (await acme.command("/sage", "team match")).text
    assert "Sales rep: clear matches" in proposed
    assert "<@U0REP00> → George Ames" in proposed
    assert (await given(acme))[0] == {"U0PRIYA": "admin"}, "proposing gives nothing"
    done = (await acme.command("/sage", 'team match confirm "Sales rep"')).text
    assert "20 people changed" in done
    listed = (await acme.command("/sage", "team")).text
    assert "21 people (1 admin, 20 sales)" in listed
    assert (
        "<@U0REP00> · sales · missing: own Sage ID · Sales rep is George Ames · not connected · not used yet" in listed
    )
    assert "Page 1 of 2" in listed
    assert "Page 2 of 2" in (await acme.command("/sage", "team page 2")).text
    # Whoever is in a group with a role has it, but guests; who became a guest or left is named first.
    await acme.command("/sage", "roles <!subteam^S0CREDIT|@credit-team> controller")
    acme.slack.workspaces["T0ACME"].users["U0REP19"].is_restricted = True
    acme.clock.forward(seconds=16)
    listed = (await acme.command("/sage", "team")).text
    assert listed.index("<@U0REP19> · sales · missing: no longer a full member") < listed.index("<@U0REP00>")
    assert "<@U0ANNA> · controller (by <!subteam^S0CREDIT>) · missing: own Sage ID" in listed
    assert "U0GARY" not in listed
    await acme.command("/sage", "request-access I'm in sales", user="george")
    assert "<@U0GEORGE> · no role · missing: a role, and asked for one" in (await acme.command("/sage", "team")).text
    for user in ("U0REP01", "george", "gary"):
        refused = (await acme.command("/sage", "team match confirm", user=user)).text
        assert "REP" not in refused
        assert "→" not in refused


async def test_a_list_is_checked_first_and_each_bad_line_is_named(acme):
    hand = Hand(acme)
    form = await hand.press(await acme.command("/sage", "team"), "team.add")
    text = "E-mail\tRole\tCustomers\n@george0\tsales\tSales rep:George Ames\nU0REP01\tviewer\n"
    text += "@nobody\tsales\nU0REP02\tboss"
    shown = await hand.send(form, {"cells": text})
    for fact in ("2 people will get", "Line 4", "nobody in this workspace", "Line 5", "no role “boss”"):
        assert fact in words(shown)
    assert (await given(acme))[0] == {"U0PRIYA": "admin"}, "nothing is half done"
    done = await hand.send(shown, {})
    assert "2 people changed" in words(done)
    people, codes = await given(acme)
    assert people == {"U0PRIYA": "admin", "U0REP00": "sales", "U0REP01": "viewer"}
    assert codes == {"U0REP00": {2: ("George Ames",)}}
    # A viewer sees every customer, and changes nothing.
    assert "£2,464.16" in (await acme.command("/customer", "REP003", user="U0REP01")).text
    assert "viewer" in (await acme.command("/customer", "REP003 request-release Paid", user="U0REP01")).text


async def test_a_typed_list_without_a_fault_is_done_at_once_and_by_e_mail_where_slack_shows_it(acme):
    grant = acme.slack.state.grants.of("T0ACME")
    grant.scopes = tuple(scope for scope in grant.scopes if scope != "users:read.email")
    hidden = (await acme.command("/sage", "team add rep3@acme.test, sales")).text
    assert "e-mail addresses aren't available" in hidden
    acme.slack.install("T0ACME", scopes=["users:read.email"])
    acme.clock.forward(seconds=16)
    assert "1 person changed" in (await acme.command("/sage", "team add rep3@acme.test, sales")).text
    part = await acme.command("/sage", "team add\nrep4@acme.test, sales\nrep99@acme.test, sales")
    assert "Line 2" in part.text
    assert "U0REP04" not in (await given(acme))[0]
    await Hand(acme).press(part, "team.give_list", value=part.blocks[-1]["elements"][0]["value"])
    assert (await given(acme))[0] == {"U0PRIYA": "admin", "U0REP03": "sales", "U0REP04": "sales"}
    last = (await acme.command("/sage", "team add U0PRIYA, sales")).text
    assert "without an admin" in last
    assert (await given(acme))[0]["U0PRIYA"] == "admin"


async def test_each_region_gets_its_channel_and_none_twice(acme):
    acme.slack.workspaces["T0ACME"].channels["C0REGION1"].is_private = False
    hand = Hand(acme)
    form = await hand.press(await acme.command("/sage", "team"), "team.channels")
    assert "North West → #sales-north-west" in words(form)
    assert "No channel is named after" in words(form)
    acme.slack.workspaces["T0ACME"].channels["C0REGION2"].is_private = True
    done = await hand.send(form, boxes(form))
    assert "2 channels are subscribed" in words(done)
    assert "<#C0REGION2>: invite the app there first: `/invite @Sage 200`" in words(done)
    assert "Once that is put right, press *Channels* again: nothing is subscribed twice." in words(done)
    listed = (await acme.command("/sage", "subscriptions")).text
    assert "<#C0REGION0>" in listed
    assert "Region is North West" in listed
    again = (await acme.command("/sage", "team channels confirm Region")).text
    assert "Already subscribed" in again
    assert again.count("<#C0REGION0>") == 1
    assert (await acme.command("/sage", "subscriptions")).text == listed


async def test_a_private_channel_is_offered_to_who_is_in_it_with_the_app(acme):
    place = acme.slack.workspaces["T0ACME"]
    north = place.channels["C0REGION0"]
    north.is_private, north.members = True, {place.bot_user_id}
    hand = Hand(acme)
    message = await acme.command("/sage", "team")
    others = await hand.press(message, "team.channels")
    assert "sales-north-west" not in words(others), "nobody is told the name of a channel that they aren't in"
    how = "create it in Slack, named after its Region, type `/invite @Sage 200` there, then press *Channels* again."
    assert f"To use a private channel, {how}" in words(others)
    typed = (await acme.command("/sage", "team channels")).text
    assert f"To use a private channel, {how.replace('press *Channels*', 'type `/sage team channels`')}" in typed
    north.members.add("U0PRIYA")
    form = await hand.press(message, "team.channels")
    assert "North West → 🔒sales-north-west" in words(form)
    assert "3 channels are subscribed" in words(await hand.send(form, boxes(form)))
    assert "<#C0REGION0>" in (await acme.command("/sage", "subscriptions")).text


async def test_without_the_permission_private_channels_are_said_to_be_missing(acme):
    acme.slack.workspaces["T0ACME"].channels["C0REGION0"].is_private = True
    acme.slack.refuse_next("missing_scope", method="users.conversations")
    form = await Hand(acme).press(await acme.command("/sage", "team"), "team.channels")
    assert "Private channels aren't listed. That needs Slack's permission `groups:read`" in words(form)
    assert "→ #" in words(form)


async def test_pages_turn_and_other_codes_are_looked_at(acme):
    hand = Hand(acme)
    await acme.command("/sage", "team match confirm")
    message = await acme.command("/sage", "team")
    await hand.press(message, "team.page.2", value="2")
    assert "Page 2 of 2" in acme.slack.seen_by("U0PRIYA", team="T0ACME")[-1].text
    reps = await hand.press(message, "team.match")
    assert "20 values have an owner already" in words(reps)
    regions = await hand.press(reps, "team.label.reps", selected="3")
    assert "No value looks like the name of a member" in words(regions)
    assert "North West" in words(regions)
    channels = await hand.press(message, "team.channels")
    assert "No channel is named after" in words(await hand.press(channels, "team.label.channels", selected="1"))
    refused = await acme.command("/sage", "team match Colour")
    assert "No analysis code is called that" in refused.text
    assert "Try `/sage team`" in (await acme.command("/sage", "team frobnicate")).text


async def test_slack_that_lists_nobody_changes_nothing(acme):
    acme.slack.refuse_next("ratelimited", method="users.list", times=3)
    assert "Slack didn't list the people" in (await acme.command("/sage", "team match confirm")).text
    assert (await given(acme))[0] == {"U0PRIYA": "admin"}
