"""The product opened beside the simulated Sage, without Slack: what the second floor is tested through."""

from __future__ import annotations

import base64
import copy
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import Product, opened
from bot.config import Settings
from bot.features.access.model.authorization import Asker, Membership
from bot.features.access.model.session import Session
from bot.features.connections.model import CodeShown
from bot.features.installations.service.installations import Installation
from bot.services import Services
from sandbox.sage200 import Sage200, World, small_world
from sandbox.sage_id import SageId
from tests.serving import free_socket, serving

PUBLIC_URL = "http://127.0.0.1:3000"
NOWHERE = "http://127.0.0.1:9"
KEY = base64.b64encode(bytes(range(32))).decode()


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def settings(database_url: str, **changes: str) -> Settings:
    """A complete set for tests."""
    return Settings.from_env(
        {
            "PUBLIC_URL": PUBLIC_URL,
            "DATABASE_URL": database_url,
            "ENCRYPTION_KEYS": KEY,
            "SLACK_CLIENT_ID": "1.1",
            "SLACK_CLIENT_SECRET": "slack-client-secret",
            "SLACK_SIGNING_SECRET": "slack-signing-secret",
            "SLACK_API_URL": "http://127.0.0.1:9/slack/api/",
            "SAGE_CLIENT_ID": "sage-client",
            "SAGE_CLIENT_SECRET": "sage-client-secret",
            "SAGE_ID_URL": "http://127.0.0.1:9/sage-id",
            "SAGE_API_URL": "http://127.0.0.1:9/sage-api",
            "LIMIT_FACTOR": "1000",  # a test's clock stands still
            **changes,
        }
    )


@dataclass(frozen=True)
class Connected:
    """A live connection. `is_workspace_connection`: with it the workspace was founded."""

    connection_id: str
    is_workspace_connection: bool


@dataclass
class Desk:
    """Two installed workspaces, the simulated Sage, and the product's services."""

    product: Product
    clock: Clock
    sage_id: SageId
    sage: Sage200
    world: World
    transport: httpx.AsyncBaseTransport | None
    base: str = NOWHERE
    workspaces: dict[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return self.product.services

    def asker(self, user_id: str = "U0PRIYA", **changes: object) -> Asker:
        team_id = str(changes.pop("team_id", "T0ACME"))
        given: dict[str, object] = {
            "workspace_id": self.workspaces[team_id],
            "workspace_name": "Acme",
            "team_id": team_id,
            "user_id": user_id,
            "name": user_id,
            "membership": Membership.ADMIN if user_id == "U0PRIYA" else Membership.MEMBER,
            **changes,
        }
        return Asker(**given)  # type: ignore[arg-type]

    async def session(
        self,
        who: Asker | str = "U0PRIYA",
        *,
        now: datetime | None = None,
        company_pk: int | None = None,
        **changes: object,
    ) -> Session:
        """A session as a request of that person has it just now."""
        asker = who if isinstance(who, Asker) else self.asker(who, **changes)
        return await self.services.sessions.of(asker, now=now or self.clock(), company_pk=company_pk)

    async def install(self, team_id: str, **changes: object) -> None:
        given: dict[str, object] = {
            "slack_id": team_id,
            "is_enterprise": False,
            "name": "Acme",
            "domain": "",
            "app_id": "A1",
            "bot_user_id": "U0BOT",
            "bot_id": "B0BOT",
            "bot_scopes": "commands",
            "installed_by": "U0PRIYA",
            "bot_token": f"bot-token-of-{team_id}",
            **changes,
        }
        await self.services.installations.install(Installation(**given), now=self.clock())  # type: ignore[arg-type]
        bot = await self.services.installations.bot(team_id)
        assert bot is not None
        self.workspaces[team_id] = bot.workspace_id

    async def allow(self, url: str, email: str, *, decision: str = "allow") -> dict[str, str]:
        """Be the person at Sage ID's page; returns what comes back to the callback."""
        form = {**dict(parse_qsl(urlsplit(url).query)), "person": email, "decision": decision}
        async with httpx.AsyncClient(transport=self.transport) as browser:
            answer = await browser.post(f"{self.base}/sage-id/authorize/decision", data=form)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    async def sign_in(self, asker: Asker, email: str, *, browser: str = "browser") -> CodeShown:
        """From the link to the code page."""
        offer = await self.services.connect_links.offer(await self.session(asker))
        url = await self.services.connect_links.start(offer.url.rpartition("/")[2], browser=browser, now=self.clock())
        back = await self.allow(url, email)
        return await self.services.connect_links.finish(
            state=back["state"], code=back["code"], browser=browser, now=self.clock()
        )

    async def connect(self, asker: Asker, email: str = "george@example.test") -> Connected:
        """All the way to a live connection with its company, if there is only one or it founds the workspace."""
        code = (await self.sign_in(asker, email)).code
        verified = await self.services.verification.verify(await self.session(asker), code)
        companies = await self.services.connections.companies(await self.session(asker))
        founded = companies.founded
        if companies.founds:
            founded = (await self.services.connections.choose(await self.session(asker), number=1)).founded
        return Connected(verified.connection_id, founded)


def take_up(left: Desk, opened: Desk) -> None:
    """Let Sage and its Sage ID know what they knew at another desk, whose database was copied."""
    memo: dict[int, object] = {id(left.clock): opened.clock}
    vars(opened.sage_id.grants).update(copy.deepcopy(vars(left.sage_id.grants), memo))
    opened.world.companies[:] = copy.deepcopy(left.world.companies, memo)
    opened.world.changes[:] = copy.deepcopy(left.world.changes, memo)
    opened.clock.now = left.clock.now
    opened.sage_id.token_log.extend(left.sage_id.token_log)
    opened.sage.requests.extend(left.sage.requests)


@asynccontextmanager
async def desk(database_url: str, *, world: World | None = None, served: bool = False, **changes: str):
    """A desk on its own database, where a copied one has the two installations already; `changes` are settings.

    `served`: Sage is behind a socket, as in life, and not called within the process.
    """
    clock, world = Clock(), world or small_world()
    sage_id = SageId(
        client_id="sage-client",
        client_secret="sage-client-secret",
        redirect_uris=[f"{PUBLIC_URL}/sage/callback"],
        clock=clock,
    )
    sage = Sage200(world=world, sign_in=sage_id, clock=clock)
    app = Starlette(routes=[Mount("/sage-id", sage_id.app), Mount("/sage-api", sage.app)])
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(serving(app, free_socket())) if served else NOWHERE
        transport = None if served else httpx.ASGITransport(app)
        where = {"SAGE_ID_URL": f"{base}/sage-id", "SAGE_API_URL": f"{base}/sage-api"}
        product = await stack.enter_async_context(
            opened(settings(database_url, **where, **changes), clock=clock, transport=transport)
        )
        made = Desk(product, clock, sage_id, sage, world, transport, base)
        for team_id in ("T0ACME", "T0OTHER"):
            bot = await made.services.installations.bot(team_id)
            if bot is None:
                await made.install(team_id)
            else:
                made.workspaces[team_id] = bot.workspace_id
        yield made
