"""One connection on a real database, a Sage ID on a real socket, and processes that renew it and can be killed."""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as PipeEnd
from multiprocessing.process import BaseProcess
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from sqlalchemy import select, update

from bot.app import Product, opened
from bot.features.access.model.authorization import Asker, Membership
from bot.features.installations.service.installations import Installation
from sandbox.sage_id import SageId
from storage.tables.core import Connection
from tests.command_line import forking
from tests.connected_app import KEY, PUBLIC_URL, settings
from tests.features.tokens import refresher_process
from tests.notices import notices_in
from tests.scenarios.slack_app import simulated

EMAIL = "george@example.test"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Renewer:
    """A process that asks for the token when told to."""

    process: BaseProcess
    pipe: PipeEnd

    @property
    def is_running(self) -> bool:
        return self.process.exitcode is None

    async def said(self) -> Any:
        """The next thing it says."""
        assert await asyncio.to_thread(self.pipe.poll, 60)
        return self.pipe.recv()

    def go(self) -> None:
        self.pipe.send("go")

    def kill(self) -> None:
        self.process.kill()

    async def ended(self) -> None:
        await asyncio.to_thread(self.process.join, 60)
        assert not self.is_running

    async def answers(self) -> dict[str, int]:
        """What it got: a fingerprint of a token, or an error's name; and how often."""
        got = await self.said()
        await self.ended()
        return got


@dataclass
class Vault:
    """What a test holds."""

    product: Product
    sage_id: SageId | None
    environment: dict[str, str]
    workspace_id: str
    connection_id: str
    renewers: list[Renewer] = field(default_factory=list)

    async def row(self) -> Connection:
        async with self.product.services.database.reading() as tx:
            return (await tx.scalars(select(Connection).where(Connection.id == self.connection_id))).one()

    async def notices(self) -> list[str]:
        return [row.kind for row in await notices_in(self.product.services.database)]

    async def change(self, **columns: object) -> None:
        async with self.product.services.database.transaction() as tx:
            await tx.execute(update(Connection).where(Connection.id == self.connection_id).values(**columns))

    async def age(self) -> None:
        """The access token has run out."""
        await self.change(access_expires_at=utc_now() - timedelta(minutes=1), refresh_due_at=utc_now())

    async def end_lease(self) -> None:
        """Time passes until the lease of a killed process is over."""
        await self.change(lease_until=utc_now(), refresh_due_at=utc_now())

    async def renewer(self, callers: int = 1) -> Renewer:
        """Start a process and wait until it is ready to ask."""
        ours, its = multiprocessing.Pipe()
        environment = {**self.environment, "WORKSPACE": self.workspace_id, "CONNECTION": self.connection_id}
        process = forking().Process(target=refresher_process.run, args=(callers, environment, its))
        process.start()
        its.close()
        started = Renewer(process, ours)
        self.renewers.append(started)
        assert await started.said() == "ready"
        return started

    async def token(self) -> str:
        """Ask in this process."""
        return await self.product.services.sage_tokens.access_token(
            workspace_id=self.workspace_id, connection_id=self.connection_id
        )

    def refreshes(self) -> list[str]:
        """How each renewal at the simulated Sage ID ended."""
        assert self.sage_id is not None
        return [entry.outcome for entry in self.sage_id.token_log if entry.grant_type == "refresh_token"]


@asynccontextmanager
async def vault(database_url: str):
    """Connected, over real HTTP, with the simulated Sage ID."""
    async with simulated(PUBLIC_URL, utc_now) as out:

        async def allow(url: str) -> dict[str, str]:
            form = {**dict(parse_qsl(urlsplit(url).query)), "person": EMAIL, "decision": "allow"}
            async with httpx.AsyncClient(verify=False) as browser:
                answer = await browser.post(url.partition("?")[0] + "/decision", data=form)
            return _back(answer.headers["location"])

        async with connected(database_url, out.environment, allow, out.sage_id) as made:
            yield made


@asynccontextmanager
async def connected(database_url: str, environment: dict[str, str], allow, sage_id: SageId | None = None):
    """Connected through whatever Sage ID `environment` names; `allow` is the person in front of it."""
    given = settings(database_url, **environment)
    async with opened(given) as product:
        services = product.services
        await services.installations.install(_installation(), now=utc_now())
        bot = await services.installations.bot("T0ACME")
        assert bot is not None
        asker = Asker(bot.workspace_id, "Acme", "T0ACME", "U0PRIYA", "Priya", Membership.ADMIN)
        offer = await services.connect_links.offer(await services.sessions.of(asker, now=utc_now()))
        url = await services.connect_links.start(offer.url.rpartition("/")[2], browser="b", now=utc_now())
        back = await allow(url)
        done = await services.connect_links.finish(state=back["state"], code=back["code"], browser="b", now=utc_now())
        session = await services.sessions.of(asker, now=utc_now())
        verified = await services.verification.verify(session, done.code)
        made = Vault(
            product, sage_id, _environment(database_url, environment), bot.workspace_id, verified.connection_id
        )
        try:
            yield made
        finally:
            for renewer in made.renewers:
                renewer.kill()
                await renewer.ended()
                renewer.pipe.close()
                renewer.process.close()


def _back(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _installation() -> Installation:
    empty = dict.fromkeys(("domain", "app_id", "bot_user_id", "bot_id", "bot_scopes"), "")
    return Installation(
        slack_id="T0ACME", is_enterprise=False, name="Acme", installed_by="U0PRIYA", bot_token="bot-token", **empty
    )


def _environment(database_url: str, environment: dict[str, str]) -> dict[str, str]:
    return {
        "PUBLIC_URL": PUBLIC_URL,
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEYS": KEY,
        "SLACK_CLIENT_ID": "1.1",
        "SLACK_CLIENT_SECRET": "slack-client-secret",
        "SLACK_SIGNING_SECRET": "slack-signing-secret",
        "SLACK_API_URL": "http://127.0.0.1:9/slack/api/",
        "SAGE_CLIENT_ID": "sage-client",
        "SAGE_CLIENT_SECRET": "sage-client-secret",
        **environment,
    }
