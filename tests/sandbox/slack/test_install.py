from __future__ import annotations

from html import unescape
from re import findall
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.slack.fixtures import BACK, CLIENT, Play

PAGE = "http://slack.test/oauth/v2/authorize"
ASK = {
    "client_id": CLIENT["client_id"],
    "scope": "commands,chat:write",
    "redirect_uri": BACK,
    "state": "a state/with+marks&more",
}


@pytest.fixture
def play():
    return Play()


async def decide(play, decision="allow", team="T0OTHER", **other):
    """Open the page, keep what its form carries, press a button; the query that the browser brings back."""
    page = await play.http.get(PAGE, params={**ASK, **other})
    hidden = dict(findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    form = {name: unescape(value) for name, value in hidden.items()}
    answer = await play.http.post(PAGE, data={**form, "team": team, "decision": decision})
    return answer, parse_qs(urlsplit(answer.headers.get("location", "")).query)


async def traded(play, code, **other):
    given = {"code": code, "redirect_uri": BACK, **CLIENT, **other}
    return (await play.http.post("http://slack.test/api/oauth.v2.access", data=given)).json()


async def test_the_state_comes_back_as_it_was_sent(play):
    answer, back = await decide(play)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(BACK)
    assert back["state"] == [ASK["state"]]


async def test_cancelling_brings_back_no_code(play):
    _, back = await decide(play, "cancel")
    assert back == {"error": ["access_denied"], "state": [ASK["state"]]}


async def test_a_code_is_traded_for_a_working_token(play):
    _, back = await decide(play)
    granted = await traded(play, back["code"][0])
    assert (granted["team"], granted["enterprise"]) == ({"id": "T0OTHER", "name": "Other Parts Ltd"}, None)
    assert (granted["scope"], granted["authed_user"]) == ("chat:write,commands", {"id": "U0OSCAR"})
    assert (await play.api("auth.test", token=granted["access_token"]))["team_id"] == "T0OTHER"


async def test_an_organisation_has_no_team(play):
    _, back = await decide(play, team="E0GRID")
    granted = await traded(play, back["code"][0])
    assert (granted["is_enterprise_install"], granted["team"]) == (True, None)
    assert granted["enterprise"] == {"id": "E0GRID", "name": "Grid Holdings"}


async def test_a_code_works_once(play):
    _, back = await decide(play)
    assert (await traded(play, back["code"][0]))["ok"]
    assert (await traded(play, back["code"][0]))["error"] == "code_already_used"


async def test_a_code_lasts_ten_minutes(play):
    _, back = await decide(play)
    play.clock.forward(minutes=10)
    assert (await traded(play, back["code"][0]))["error"] == "invalid_code"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code": "made-up"}, "invalid_code"),
        ({"client_id": "somebody"}, "invalid_client_id"),
        ({"client_secret": "a guess"}, "bad_client_secret"),
        ({"redirect_uri": "https://elsewhere.test/"}, "bad_redirect_uri"),
    ],
)
async def test_a_trade_must_be_exact(play, other, error):
    _, back = await decide(play)
    given = {"code": back["code"][0], **other}
    assert (await traded(play, **given))["error"] == error


async def test_the_app_may_prove_itself_in_the_header(play):
    _, back = await decide(play)
    given = {"code": back["code"][0], "redirect_uri": BACK}
    url, proof = "http://slack.test/api/oauth.v2.access", (CLIENT["client_id"], CLIENT["client_secret"])
    assert (await play.http.post(url, data=given, auth=proof)).json()["ok"]


@pytest.mark.parametrize(
    "other",
    [{"client_id": "somebody"}, {"redirect_uri": "https://elsewhere.test/"}, {"scope": ""}],
    ids=["client", "redirect", "scope"],
)
async def test_a_wrong_request_goes_nowhere(play, other):
    page = await play.http.get(PAGE, params={**ASK, **other})
    posted = await play.http.post(PAGE, data={**ASK, **other, "team": "T0OTHER", "decision": "allow"})
    assert [page.status_code, posted.status_code] == [400, 400]
    assert "location" not in posted.headers


async def test_what_an_app_sends_is_shown_as_text(play):
    page = await play.http.get(PAGE, params={**ASK, "scope": "<script>alert(1)</script>"})
    assert "<script>" not in page.text


async def test_installing_again_keeps_the_token_and_adds_scopes(play):
    first = play.slack.install("T0OTHER", scopes=["commands"])
    assert play.slack.install("T0OTHER", scopes=["chat:write"]) == first
    assert (await play.api("auth.test", token=first))["ok"]
