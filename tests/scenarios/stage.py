"""The demo's page before the product, both in this process and each on a socket of its own: for a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.app import opened
from sandbox.app import Credentials, build
from sandbox.sage200 import World, small_world
from tests.connected_app import Clock, settings
from tests.scenarios.slack_app import Office
from tests.serving import address, free_socket, serving

_CREDENTIALS = Credentials("1.1", "slack-client-secret", "slack-signing-secret", "sage-client", "sage-client-secret")


@asynccontextmanager
async def stage(database_url: str, *, world: World | None = None, **changes: str) -> AsyncIterator[tuple[Office, str]]:
    """Yield the office and the page's address; work that is due is done by hand, as in every office."""
    clock, world = Clock(), world or small_world()
    ours, theirs = free_socket(), free_socket()
    public_url, url = address(ours), address(theirs)
    places = {
        "PUBLIC_URL": public_url,
        "SLACK_API_URL": f"{url}/slack/api/",
        "SAGE_ID_URL": f"{url}/sage-id",
        "SAGE_API_URL": f"{url}/sage-api",
    }
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as slacks,
        httpx.AsyncClient(trust_env=False, base_url=public_url, timeout=60) as browser,
    ):
        sandbox = build(
            base_url=url, product_url=public_url, credentials=_CREDENTIALS, world=world, clock=clock, client=slacks
        )
        async with (
            serving(sandbox.app, theirs),
            opened(settings(database_url, **{**places, **changes}), clock=clock) as product,
            serving(product.asgi, ours),
        ):
            parts = (product, sandbox.slack, sandbox.sender, sandbox.sage_id, sandbox.sage200, world, clock)
            yield Office(*parts, browser, slacks, public_url), f"{url}/"
            sandbox.live.close()
