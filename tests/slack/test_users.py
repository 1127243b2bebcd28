"""Who somebody is, as Slack says; what Slack doesn't say is never taken for granted."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.features.access.model.authorization import Membership
from bot.slack.users import SlackUsers, membership_of, name_of
from sandbox.slack import T_ACME, Slack
from tests.connected_app import Clock
from tests.serving import address, free_socket, serving

ADMIN, MEMBER, GUEST = Membership.ADMIN, Membership.MEMBER, Membership.GUEST
STRANGER, UNKNOWN = Membership.STRANGER, Membership.UNKNOWN

STANDINGS = {
    "a member": ({}, MEMBER),
    "an admin": ({"is_admin": True}, ADMIN),
    "an owner": ({"is_owner": True}, ADMIN),
    "a guest": ({"is_restricted": True}, GUEST),
    "a guest of one channel": ({"is_restricted": True, "is_ultra_restricted": True}, GUEST),
    "a guest by the narrower mark alone": ({"is_ultra_restricted": True}, GUEST),
    "a guest who says to be an admin": ({"is_admin": True, "is_restricted": True}, GUEST),
    "a stranger": ({"is_stranger": True}, STRANGER),
    "an admin elsewhere": ({"is_stranger": True, "is_admin": True, "team_id": "T2"}, STRANGER),
    "somebody of another workspace without the mark": ({"team_id": "T2"}, STRANGER),
    "somebody who left": ({"deleted": True}, UNKNOWN),
    "an admin who left": ({"deleted": True, "is_admin": True}, UNKNOWN),
    "a bot": ({"is_bot": True}, UNKNOWN),
    "an answer about another person": ({"id": "U2"}, UNKNOWN),
    "an answer about nobody": ({"id": None}, UNKNOWN),
    "a member of several workspaces of a Grid": ({"team_id": "E1", "enterprise_user": {"teams": ["T0", "T1"]}}, MEMBER),
    "an admin in a Grid": ({"is_admin": True, "enterprise_user": {"teams": ["T1"]}}, ADMIN),
    "a Grid's member who is not in this workspace": (
        {"team_id": "T2", "enterprise_user": {"teams": ["T2", "T3"]}},
        STRANGER,
    ),
    "a Grid's member of no workspace": ({"team_id": "E1", "enterprise_user": {"teams": []}}, STRANGER),
    "a Grid's member whose workspaces are not said": ({"team_id": "E1", "enterprise_user": {}}, STRANGER),
    "an odd word for the Grid": ({"enterprise_user": "E1"}, MEMBER),
    "marks that are words": ({"is_admin": "true", "is_owner": 1}, MEMBER),
    "somebody of whom no workspace is said": ({"team_id": None}, UNKNOWN),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_standing_is_read_from_slacks_marks(case):
    marks, membership = STANDINGS[case]
    assert membership_of({"id": "U1", "team_id": "T1", **marks}, "U1", "T1") is membership


def test_a_member_of_any_workspace_is_one_of_the_organisation_that_installed_the_app():
    person = {"id": "U1", "team_id": "T1", "enterprise_user": {"enterprise_id": "E1", "teams": ["T1"]}}
    assert membership_of(person, "U1", "E1") is MEMBER
    assert membership_of(person, "U1", "E2") is STRANGER
    assert membership_of({**person, "is_restricted": True}, "U1", "E1") is GUEST
    assert membership_of({"id": "U1", "team_id": "T1"}, "U1", "E1") is STRANGER


@pytest.mark.parametrize("answer", [{}, {"id": "U1"}, {"team_id": "T1"}, {"is_admin": True}])
def test_too_little_is_unknown(answer):
    assert membership_of(answer, "U1", "T1") is UNKNOWN


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"profile": {"display_name": "Priya"}, "real_name": "Priya Shah", "name": "priya"}, "Priya"),
        ({"profile": {"display_name": "  "}, "real_name": "Priya Shah", "name": "priya"}, "Priya Shah"),
        ({"profile": None, "real_name": None, "name": "priya"}, "priya"),
        ({"profile": "Priya", "name": ["priya"]}, ""),
        ({}, ""),
        ({"real_name": " " + "x" * 200}, "x" * 80),
    ],
)
def test_people_are_called_what_colleagues_call_them(user, name):
    assert name_of(user) == name


class Desk:
    """People before a real client and the simulated Slack."""

    def __init__(self, slack, client, clock):
        self.slack, self._client, self.clock = slack, client, clock
        self.people = SlackUsers(timer=lambda: clock().timestamp())

    async def ask(self, user_id="U0PRIYA", team_id=T_ACME, workspace_id="w1"):
        found = await self.people.look_up(self._client, workspace_id=workspace_id, slack_id=team_id, user_id=user_id)
        return found[0]

    @property
    def asked(self):
        return len([call for call in self.slack.calls if call.method == "users.info"])


@pytest.fixture
async def desk():
    bound = free_socket()
    secrets = {"client_id": "1.1", "client_secret": "x", "signing_secret": "x"}
    slack = Slack(**secrets, redirect_uris=[], base_url=f"{address(bound)}/slack", clock=Clock())
    app = Starlette(routes=[Mount("/slack", slack.app)])
    async with serving(app, bound) as url, aiohttp.ClientSession() as session:
        client = AsyncWebClient(slack.install(T_ACME), base_url=f"{url}/slack/api/", session=session)
        yield Desk(slack, client, Clock())


@pytest.mark.parametrize(
    ("user_id", "membership"),
    [
        ("U0PRIYA", ADMIN),
        ("U0GEORGE", MEMBER),
        ("U0GARY", GUEST),
        ("U0SOL", GUEST),
        ("U0SAM", STRANGER),
        ("U0NOBODY", UNKNOWN),
        ("U0OSCAR", UNKNOWN),
    ],
)
async def test_slack_is_asked(desk, user_id, membership):
    assert await desk.ask(user_id) is membership


async def test_an_answer_is_kept_for_each_workspace_by_itself(desk):
    for workspace_id in ("w1", "w1", "w2"):
        assert await desk.ask(workspace_id=workspace_id) is ADMIN
    assert desk.asked == 2


async def test_an_answer_is_at_most_fifteen_seconds_old(desk):
    assert await desk.ask() is ADMIN
    desk.slack.workspaces[T_ACME].users["U0PRIYA"].is_restricted = True
    desk.clock.forward(seconds=14)
    assert await desk.ask() is ADMIN
    desk.clock.forward(seconds=1)
    assert await desk.ask() is GUEST
    assert desk.asked == 2


async def test_a_member_of_one_workspace_of_an_organisation_is_a_stranger_to_another(desk):
    assert await desk.ask(workspace_id="e1") is ADMIN
    assert await desk.ask(workspace_id="e1", team_id="T0ELSEWHERE") is STRANGER
    desk.people.forget(workspace_id="e1", user_id="U0PRIYA")
    for team in (T_ACME, "T0ELSEWHERE"):
        await desk.ask(workspace_id="e1", team_id=team)
    assert desk.asked == 4


async def test_a_failed_look_up_is_not_kept(desk):
    priya = desk.slack.workspaces[T_ACME].users.pop("U0PRIYA")
    assert await desk.ask() is UNKNOWN
    desk.slack.workspaces[T_ACME].users["U0PRIYA"] = priya
    assert await desk.ask() is ADMIN


async def test_somebody_who_could_not_be_confirmed_is_asked_about_again(desk):
    priya = desk.slack.workspaces[T_ACME].users["U0PRIYA"]
    priya.deleted = True
    assert await desk.ask() is UNKNOWN
    priya.deleted = False
    assert await desk.ask() is ADMIN


async def test_who_was_forgotten_is_asked_about_again(desk):
    assert await desk.ask() is ADMIN
    desk.slack.workspaces[T_ACME].users["U0PRIYA"].is_restricted = True
    assert await desk.ask() is ADMIN
    desk.people.forget(workspace_id="w1", user_id="U0PRIYA")
    assert await desk.ask() is GUEST


async def test_a_slack_out_of_reach_confirms_nobody():
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("x", base_url="http://127.0.0.1:1/api/", session=session, retry_handlers=[])
        found = await SlackUsers().look_up(client, workspace_id="w1", slack_id=T_ACME, user_id="U0PRIYA")
    assert found == (UNKNOWN, "")


@pytest.mark.parametrize(
    ("of_the_workspace", "of_the_organisation", "membership"),
    [(True, False, MEMBER), (False, True, ADMIN), (False, False, MEMBER)],
)
def test_where_an_organisation_installed_only_its_own_admins_are_admins(
    of_the_workspace, of_the_organisation, membership
):
    grid = {"enterprise_id": "E1", "teams": ["T1"], "is_admin": of_the_organisation, "is_owner": False}
    user = {"id": "U1", "team_id": "T1", "is_admin": of_the_workspace, "enterprise_user": grid}
    assert membership_of(user, "U1", "E1") is membership
