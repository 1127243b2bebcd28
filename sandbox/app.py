"""The whole sandbox as one web app: Sage ID, Sage 200, Slack and the demo's page."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from sandbox.clock import MovableClock
from sandbox.page.control import Control
from sandbox.page.live import Live
from sandbox.panel.routes import Panel
from sandbox.sage200 import Sage200, World, demo_world
from sandbox.sage_id import SageId
from sandbox.slack import Sender, Slack


class MissingCredentials(Exception):
    """The environment names the app's credentials only in part."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What Slack and Sage gave the product: the same values as in the product's settings."""

    slack_client_id: str
    slack_client_secret: str
    slack_signing_secret: str
    sage_client_id: str
    sage_client_secret: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Credentials:
        """SLACK_CLIENT_ID and so on. Raises MissingCredentials naming what is not set."""
        names = {field: field.upper() for field in cls.__dataclass_fields__}
        missing = [name for name in names.values() if not environ.get(name)]
        if missing:
            raise MissingCredentials(f"not set: {', '.join(missing)}")
        return cls(**{field: environ[name] for field, name in names.items()})


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The composed sandbox: serve `app`; the parts are there for tests."""

    app: Starlette
    slack: Slack
    sender: Sender
    sage_id: SageId
    sage200: Sage200
    live: Live


def utc_now() -> datetime:
    """The clock of a running sandbox."""
    return datetime.now(UTC)


def build(
    *,
    base_url: str,
    product_url: str,
    credentials: Credentials,
    world: World | None = None,
    clock: Callable[[], datetime] = utc_now,
    client: httpx.AsyncClient | None = None,
    begin_again: Callable[[], None] | None = None,
) -> Sandbox:
    """Everything beside the product, itself reached at `base_url`; `client` is how Slack calls the product.

    A MovableClock can be moved from the panel; `begin_again` is what its Reset does.
    """
    product_url = product_url.rstrip("/")
    sage_id = SageId(
        client_id=credentials.sage_client_id,
        client_secret=credentials.sage_client_secret,
        redirect_uris=[f"{product_url}/sage/callback"],
        clock=clock,
    )
    sage200 = Sage200(world=world or demo_world(), sign_in=sage_id, clock=clock)
    slack = Slack(
        client_id=credentials.slack_client_id,
        client_secret=credentials.slack_client_secret,
        signing_secret=credentials.slack_signing_secret,
        redirect_uris=[f"{product_url}/slack/oauth_redirect"],
        base_url=f"{base_url.rstrip('/')}/slack",
        clock=clock,
        # Three seconds are three seconds, however fast the calendar turns.
        stopwatch=utc_now if isinstance(clock, MovableClock) else clock,
    )
    http = client or httpx.AsyncClient(trust_env=False)
    sender = Sender(slack, client=http, url=f"{product_url}/slack/events")
    control = Control(slack, sender, sage200, product_url=product_url)
    movable = clock if isinstance(clock, MovableClock) else None
    panel = Panel(slack, sender, sage_id, sage200, clock=movable, begin_again=begin_again)
    # Names beside our own are refused, so no web site can reach the demo by pointing its name at this machine.
    hosts = ["127.0.0.1", "localhost", urlsplit(base_url).hostname or "localhost"]
    app = Starlette(
        routes=[
            Mount("/sage-id", sage_id.app),
            Mount("/sage-api", sage200.app),
            Mount("/slack", slack.app),
            *panel.routes(),
            *control.routes(),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)],
        lifespan=_closing(http) if client is None else None,
    )
    return Sandbox(app, slack, sender, sage_id, sage200, control.live)


def _closing(http: httpx.AsyncClient) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with http:
            yield

    return lifespan
