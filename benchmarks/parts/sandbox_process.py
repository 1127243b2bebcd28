"""A simulated Sage in a process of its own, and somebody who signed in to it over HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from bot.app import Product, opened, utc_now
from bot.domain.company import Company
from bot.features.access.model.authorization import Asker, Membership
from bot.features.installations.service.installations import Installation
from storage.database import Database
from storage.migrations import upgrade
from tests.connected_app import PUBLIC_URL, settings
from tests.serving import free_socket

_INSTALLATION = {"slack_id": "T1", "is_enterprise": False, "name": "Acme", "domain": "", "app_id": "A1"}
_BOT = {"bot_user_id": "U1", "bot_id": "B1", "bot_scopes": "", "installed_by": "U1", "bot_token": "bot-token"}


@asynccontextmanager
async def sandbox(customers: int) -> AsyncIterator[str]:
    """Its address."""
    with free_socket() as bound:
        port = bound.getsockname()[1]
    names = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SAGE_CLIENT_ID", "SAGE_CLIENT_SECRET")
    secrets = {name: name.lower().replace("_", "-") for name in names} | {"SAGE_CLIENT_ID": "sage-client"}
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--product-url", PUBLIC_URL]
    command += ["--ledger", str(customers)]
    with subprocess.Popen(command, env=os.environ | secrets) as process:  # noqa: ASYNC220 - before anything is timed
        try:
            address = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient() as http:
                while True:
                    try:
                        await http.get(address)
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.2)
            yield address
        finally:
            process.terminate()


@asynccontextmanager
async def fresh_product(url: str, address: str) -> AsyncIterator[Product]:
    """The product on an empty database, with the Sage at that address."""
    database = Database(url)
    await upgrade(database)
    await database.close()
    where = {"SAGE_API_URL": f"{address}/sage-api", "SAGE_ID_URL": f"{address}/sage-id"}
    async with opened(settings(url, **where)) as product:
        yield product


async def connect(product: Product, address: str) -> tuple[str, str, Company]:
    """Workspace, connection and company of somebody who signed in."""
    services, now = product.services, utc_now()
    await services.installations.install(Installation(**_INSTALLATION, **_BOT), now=now)
    bot = await services.installations.bot("T1")
    assert bot is not None
    asker = Asker(bot.workspace_id, "Acme", "T1", "U1", "Priya", Membership.ADMIN)
    offer = await services.connect_links.offer(await services.sessions.of(asker, now=now))
    url = await services.connect_links.start(offer.url.rpartition("/")[2], browser="b", now=now)
    form = {**dict(parse_qsl(urlsplit(url).query)), "person": "george@example.test", "decision": "allow"}
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(f"{address}/sage-id/authorize/decision", data=form)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    code = (
        await services.connect_links.finish(state=back["state"][0], code=back["code"][0], browser="b", now=utc_now())
    ).code
    await services.verification.verify(await services.sessions.of(asker, now=utc_now()), code)
    company = (await services.connections.companies(await services.sessions.of(asker, now=utc_now()))).chosen
    assert company is not None
    sage = services.connections.company_for(await services.sessions.of(asker, now=utc_now()))
    return bot.workspace_id, sage.sign_in.connection_id, company
