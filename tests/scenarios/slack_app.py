"""A whole office: the real product, simulated Slack and Sage on real sockets, and people who type and click."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import Product, opened
from sandbox.sage200 import Sage200, World, small_world
from sandbox.sage_id import SageId
from sandbox.slack import Message, Reply, Sender, Slack
from sandbox.slack.views import OpenView
from tests.connected_app import PUBLIC_URL, Clock, settings
from tests.serving import address, free_socket, serving

CODE = re.compile(r'id="verification-code">([^<]+)<')


@dataclass
class Office:
    """What a scenario holds in its hands. `browser` is one person's browser, cookies and all."""

    product: Product
    slack: Slack
    sender: Sender
    sage_id: SageId
    sage: Sage200
    world: World
    clock: Clock
    browser: httpx.AsyncClient
    outside: httpx.AsyncClient
    public_url: str = PUBLIC_URL
    environment: dict[str, str] = field(default_factory=dict)

    async def command(
        self, command: str, text: str = "", *, user: str = "priya", team: str = "T0ACME", **more
    ) -> Message:
        """Type a command and wait for the answer."""
        reply = await self.sender.command(command, text, user=user, team=team, **more)
        assert reply.status == 200, (reply.status, reply.body)
        return await self.answer(reply)

    async def answer(self, reply: Reply) -> Message:
        """What a command or click was answered; on a busy machine a word that it takes time may come first."""
        return await self.sender.wait_for_answer(reply, where=lambda each: not each.text.startswith("Still asking"))

    async def install(self, team: str = "T0ACME", *, decision: str = "allow") -> httpx.Response:
        """An admin installs, through Slack's own page."""
        start = await self.browser.get("/slack/install")
        assert start.status_code == 302
        return await self.browser.get(
            await self.allow_at_slack(start.headers["location"], team=team, decision=decision)
        )

    async def allow_at_slack(self, url: str, *, team: str = "T0ACME", decision: str = "allow") -> str:
        """Decide on Slack's own page; the address that leads back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        page = await self.outside.get(url)
        assert page.status_code == 200, page.text
        target = urljoin(url, self.form_action(page.text))
        answer = await self.outside.post(target, data={**asked, "team": team, "decision": decision})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    @staticmethod
    def form_action(html: str) -> str:
        found = re.search(r'<form[^>]*action="([^"]*)"', html)
        return found.group(1).replace("&amp;", "&") if found else ""

    def link(self, message: Message) -> str:
        """The connect link in a message."""
        found = re.search(re.escape(self.public_url) + r"/sage/connect/[A-Za-z0-9_-]+", str(message.blocks))
        assert found, message.text
        return found.group(0)

    async def open_sage_id(self, link: str) -> str:
        """Open the landing page and press its button; the address of Sage ID's page."""
        page = await self.browser.get(link)
        assert page.status_code == 200, page.text
        assert 'id="continue-to-sage"' in page.text
        on = await self.browser.post(link)
        assert on.status_code == 303, on.text
        return on.headers["location"]

    async def allow(self, url: str, email: str, *, decision: str = "allow") -> str:
        """Sign in at Sage ID; the address that leads back."""
        form = {**dict(parse_qsl(urlsplit(url).query)), "person": email, "decision": decision}
        answer = await self.outside.post(url.partition("?")[0] + "/decision", data=form)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def code(self, email: str, *, user: str = "priya", team: str = "T0ACME") -> str:
        """From `/sage connect` to the code page."""
        link = self.link(await self.command("/sage", "connect", user=user, team=team))
        page = await self.browser.get(await self.allow(await self.open_sage_id(link), email))
        assert page.status_code == 200, page.text
        found = CODE.search(page.text)
        assert found, page.text
        return found.group(1)

    async def connect(
        self, email: str = "george@example.test", *, user: str = "priya", team: str = "T0ACME"
    ) -> Message:
        """All the way to a live connection; the answer to the code."""
        code = await self.code(email, user=user, team=team)
        return await self.command("/sage", f"verify {code}", user=user, team=team)

    def as_if_shown(self, private: Message | OpenView, user: str, *, team: str = "T0ACME") -> Message | OpenView:
        """Another person's message or form as if that person had it: Slack lets nobody press there, so it is forged."""
        place = self.slack.workspaces[team]
        person = place.person(user).id
        channel = None if isinstance(private, OpenView) else place.channels.get(private.channel)
        if channel is not None and channel.with_user:
            return replace(private, channel=place.direct_channel(person).id)
        return replace(private, user=person)

    @property
    def latest(self) -> Message:
        """The latest message; that a Home was drawn is noted among the messages, and happens beside them."""
        return next(each for each in reversed(self.slack.messages) if each.via != "views.publish")

    @property
    def modals(self) -> list:
        """The forms that were opened; a Home is a view too."""
        return [view for view in self.slack.views.values() if view.content["type"] == "modal"]

    async def settle(self) -> None:
        """Let every accepted piece of work end."""
        while self.product.work.count:
            await asyncio.sleep(0.01)


@dataclass
class Outside:
    """The simulated Slack and Sage on one real socket."""

    slack: Slack
    sage_id: SageId
    sage: Sage200
    world: World
    url: str
    environment: dict[str, str]


@asynccontextmanager
async def simulated(public_url: str, clock):
    """Serve them, registered for a product at `public_url`."""
    world = small_world()
    bound = free_socket()
    url = address(bound)
    sage_id = SageId(
        client_id="sage-client",
        client_secret="sage-client-secret",
        redirect_uris=[f"{public_url}/sage/callback"],
        clock=clock,
    )
    sage = Sage200(world=world, sign_in=sage_id, clock=clock)
    slack = Slack(
        client_id="1.1",
        client_secret="slack-client-secret",
        signing_secret="slack-signing-secret",
        redirect_uris=[f"{public_url}/slack/oauth_redirect"],
        base_url=f"{url}/slack",
        clock=clock,
    )
    routes = [Mount("/sage-id", sage_id.app), Mount("/sage-api", sage.app), Mount("/slack", slack.app)]
    environment = {
        "SLACK_API_URL": f"{url}/slack/api/",
        "SAGE_ID_URL": f"{url}/sage-id",
        "SAGE_API_URL": f"{url}/sage-api",
    }
    async with serving(Starlette(routes=routes), bound):
        yield Outside(slack, sage_id, sage, world, url, environment)


@asynccontextmanager
async def office(database_url: str, **changes: str):
    """The product in this process, not yet installed anywhere."""
    clock = Clock()
    async with (
        simulated(PUBLIC_URL, clock) as out,
        opened(settings(database_url, **out.environment, **changes), clock=clock) as product,
        httpx.AsyncClient(transport=httpx.ASGITransport(product.asgi), base_url=PUBLIC_URL) as browser,
        httpx.AsyncClient(transport=httpx.ASGITransport(product.asgi)) as slacks,
        httpx.AsyncClient(verify=False) as outside,
    ):
        sender = Sender(out.slack, client=slacks, url=f"{PUBLIC_URL}/slack/events")
        yield Office(
            product,
            out.slack,
            sender,
            out.sage_id,
            out.sage,
            out.world,
            clock,
            browser,
            outside,
            PUBLIC_URL,
            out.environment,
        )
