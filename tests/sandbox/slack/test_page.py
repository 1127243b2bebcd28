from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.app import Credentials, MissingCredentials, build
from sandbox.sage200 import small_world
from tests.sandbox.slack.fixtures import App, Clock, actions, asking, button, modal

SETTINGS = {
    "SLACK_CLIENT_ID": "test-client",
    "SLACK_CLIENT_SECRET": "test-secret",
    "SLACK_SIGNING_SECRET": "test-signing",
    "SAGE_CLIENT_ID": "test-sage",
    "SAGE_CLIENT_SECRET": "test-sage-secret",
}
HERE = "http://127.0.0.1:9"


class Demo:
    """The whole sandbox, a small app as the product, and a browser's worth of HTTP."""

    def __init__(self) -> None:
        clock = Clock()
        self.product = App(clock)
        product = Starlette(routes=[Route("/slack/events", self.product.take, methods=["POST"])])
        client = httpx.AsyncClient(transport=httpx.ASGITransport(product))
        self.sandbox = build(
            base_url=HERE,
            product_url="http://app.test",
            credentials=Credentials.from_env(SETTINGS),
            world=small_world(),
            clock=clock,
            client=client,
        )
        self.slack = self.sandbox.slack
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.sandbox.app), base_url=HERE)

    async def do(self, action, **body):
        return await self.http.post(f"/control/{action}", json=body)

    async def screen(self, user="U0PRIYA"):
        return (await self.http.get("/control/screen", params={"user": user})).json()

    async def say(self, text, channel="C0SALES", user="U0PRIYA"):
        return await self.do("say", user=user, channel=channel, text=text)


@pytest.fixture
def demo():
    made = Demo()
    made.slack.install("T0ACME")
    return made


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/static/main.js", 200),
        ("/slack/api/auth.test", 200),
        ("/sage-id/authorize", 400),
        ("/sage-api/uk/sage200/accounts/v1/sites", 401),
        ("/nowhere", 404),
    ],
)
async def test_everything_hangs_in_one_app(demo, path, status):
    assert (await demo.http.get(path)).status_code == status


async def test_the_page_says_that_it_is_a_demo_and_takes_no_foreign_script(demo):
    page = await demo.http.get("/")
    assert "DEMO" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_the_first_screen_offers_the_installation():
    demo = Demo()
    assert (await demo.http.get("/control/frame")).json()["install_url"] == "http://app.test/slack/install"
    assert (await demo.screen())["installed"] is False


async def test_a_command_reaches_the_app_signed(demo):
    await demo.say("/customer ABS001")
    assert (demo.product.got[-1]["command"], demo.product.got[-1]["text"]) == ("/customer", "ABS001")


async def test_an_answer_appears_for_the_asker_alone(demo):
    await demo.say("/customer ABS001")
    url = demo.product.got[-1]["response_url"]
    assert url.startswith(f"{HERE}/slack/hooks/")
    await demo.http.post(url, json={"text": "the card"})
    assert [message["text"] for message in (await demo.screen())["messages"]] == ["the card"]
    assert (await demo.screen("U0GEORGE"))["messages"] == []


async def test_an_unknown_command_goes_nowhere(demo):
    await demo.say("/remind me")
    assert demo.product.got == []
    assert (await demo.screen())["messages"][0]["is_notice"] is True


async def test_words_in_the_apps_conversation_reach_it_and_words_in_a_channel_do_not(demo):
    await demo.screen()
    await demo.say("lunch?")
    assert demo.product.got == []
    await demo.say("ABS001", channel="D0PRIYA")
    assert demo.product.got[-1]["event"]["text"] == "ABS001"


async def test_a_button_clicks_through(demo):
    await demo.say("/customer ABS001")
    blocks = [actions(button("go"))]
    await demo.http.post(demo.product.got[-1]["response_url"], json={"text": "card", "blocks": blocks})
    ts = (await demo.screen())["messages"][0]["ts"]
    assert (await demo.do("click", user="U0PRIYA", ts=ts, action_id="go")).status_code == 200
    assert demo.product.got[-1]["actions"][0]["action_id"] == "go"


async def test_a_modal_is_shown_and_submitted(demo):
    await demo.say("/customer")
    body = {"trigger_id": demo.product.got[-1]["trigger_id"], "view": modal(asking())}
    token = demo.slack.install("T0ACME")
    await demo.http.post("/slack/api/views.open", json=body, headers={"Authorization": f"Bearer {token}"})
    view = (await demo.screen())["view"]
    await demo.do("submit", user="U0PRIYA", view_id=view["id"], values={"code": "ABC234"})
    assert demo.product.got[-1]["view"]["state"]["values"]["code"]["typed"]["value"] == "ABC234"
    assert (await demo.screen())["view"] is None


async def test_nothing_new_is_an_empty_answer(demo):
    version = (await demo.screen())["version"]
    assert (await demo.http.get("/control/screen", params={"seen": version})).status_code == 204
    await demo.say("lunch?")
    assert (await demo.http.get("/control/screen", params={"seen": version})).status_code == 200


async def test_the_app_can_be_removed(demo):
    await demo.do("uninstall")
    assert (await demo.screen())["installed"] is False
    assert {got["event"]["type"] for got in demo.product.got} == {"app_uninstalled", "tokens_revoked"}


async def test_a_form_of_another_site_can_do_nothing(demo):
    answer = await demo.http.post("/control/uninstall", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert demo.slack.is_installed("T0ACME")


async def test_another_name_for_this_machine_is_refused(demo):
    assert (await demo.http.get("/", headers={"Host": "evil.test"})).status_code == 400


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("say", {"user": "U0NOBODY", "channel": "C0SALES", "text": "a"}),
        ("say", {"user": "U0PRIYA", "channel": "C0NOWHERE", "text": "a"}),
        ("click", {"user": "U0PRIYA", "ts": "1.1", "action_id": "a"}),
        ("submit", {"user": "U0PRIYA", "view_id": "V0", "values": {}}),
        ("close", {}),
    ],
)
async def test_what_cannot_be_done_is_said(demo, action, body):
    answer = await demo.do(action, **body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_missing_credentials_are_named():
    with pytest.raises(MissingCredentials, match="SAGE_CLIENT_SECRET"):
        Credentials.from_env({**SETTINGS, "SAGE_CLIENT_SECRET": ""})
