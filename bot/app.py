"""The composition root: opens everything from the settings, and closes it again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from pathlib import Path

import aiohttp
import httpx
from prometheus_client import REGISTRY
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.command_names import commands_named
from bot.config import BadSettings, Settings
from bot.coordination.background_tasks import BackgroundTasks
from bot.coordination.limits import Limits
from bot.features.connections.routes import ConnectRoutes
from bot.features.connections.service.workspace_connection import SignInLifetime
from bot.features.delivery.slack_messenger import SlackMessenger, unrepeating
from bot.features.installations.routes import Install
from bot.features.installations.scopes import asked_scopes
from bot.features.installations.service.block_refusals import BlockRefusals
from bot.features.installations.service.installations import Bot, Installations
from bot.features.installations.token_rotation import Rotation
from bot.features.installations.workspace_cache import WorkspaceCache, adopt_token
from bot.features.mcp.routes.endpoint import ToolsEndpoint
from bot.jobs.heartbeat import WORKER
from bot.jobs.job import Dispatch
from bot.jobs.local import LocalDispatch
from bot.jobs.tasks import Finders, HasLeft, Tasks
from bot.sage.auth import TOKEN_TIMEOUT, SageId
from bot.sage.client import SageClient
from bot.sage.http_client import sage_http
from bot.services import Services, assemble
from bot.slack.guard import SlackGuard, check_rpc_shape, check_shape
from bot.slack.middleware import InteractionMiddleware
from bot.slack.users import SlackUsers, has_left
from bot.slack_app.app import build
from bot.web.health import HealthRoutes
from bot.web.outlook import DatabaseOutlook
from bot.web.pages import Pages, StrictTransport
from bot.web.readiness import Readiness
from bot.web.request_log import RequestLog
from storage.cipher import Cipher
from storage.database import Database, sqlite_file
from storage.outage import is_table_missing, outage

Clock = Callable[[], datetime]
CANNOT_OPEN = "DATABASE_URL can't be opened. Check the address, and that the server runs."
SAGE_CONNECTIONS = 300
"""To Sage 200, many times what one workspace may use at once (`coordination/sage_places.py`)."""
_NO_DRIVER = (
    "DATABASE_URL names a PostgreSQL, and what is needed for it is not installed: "
    "pip install 'sage200-for-slack[postgres]'"
)
_NO_TABLES = "DATABASE_URL can be opened, but its tables are missing or old: run bot db upgrade"
_DRAIN_SECONDS = 25  # hosting platforms give 30 before they kill
# Each reading of the authorities' certificates takes some 25 ms: one does for every client.
_trusted = cache(httpx.create_ssl_context)


def utc_now() -> datetime:
    """Return the time now, as the clock of a running product."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Product:
    """An opened product: the services, the worker's tasks, and the HTTP app, which a worker never builds."""

    tasks: Tasks
    finders: Finders
    dispatch: Dispatch
    services: Services
    work: BackgroundTasks
    _build_asgi: Callable[[], ASGIApp]

    @cached_property
    def asgi(self) -> ASGIApp:
        """Return the HTTP app: Slack's endpoint, the pages and the health routes."""
        return self._build_asgi()


@asynccontextmanager
async def opened(
    settings: Settings, *, clock: Clock = utc_now, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Product]:
    """Open everything; on leaving, finish accepted work and close it all.

    `transport` carries the requests to Sage: the network, or an ASGI app in this process.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(commands_named(settings.command_prefix))
        database = open_database(settings.database_url)
        stack.push_async_callback(database.close)
        http = await _http_clients(stack, transport)
        # No cookies: all workspaces share the session, and a payload names the host of a `response_url`.
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        slack = _slack_client(settings, session)
        work = BackgroundTasks()
        services = _services(settings, database=database, http=http, slack=slack, work=work, clock=clock)
        stack.push_async_callback(services.sage_tokens.settled)
        stack.push_async_callback(services.bot_tokens.settled)
        stack.push_async_callback(services.permission.settled)
        stack.push_async_callback(services.answer_counts.write)
        stack.push_async_callback(_drain, work)
        if settings.slack_bot_token is not None:
            with usable(settings.database_url):
                await _adopt(services, slack, settings.slack_bot_token.get_secret_value(), clock=clock)
        build_asgi = partial(_asgi, settings, services=services, slack=slack, work=work, clock=clock)
        tasks = Tasks(services, clock, _has_left(services.installations, slack))
        dispatch = _dispatch(database, tasks)
        yield Product(tasks, Finders(services, dispatch), dispatch, services, work, build_asgi)


@dataclass(frozen=True, slots=True)
class HttpClients:
    """One client, and so one pool of connections, for each service: none waits for a connection of another's."""

    sage: httpx.AsyncClient
    sage_id: httpx.AsyncClient


async def _http_clients(stack: AsyncExitStack, transport: httpx.AsyncBaseTransport | None) -> HttpClients:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=25)
    sage = (
        sage_http(connections=SAGE_CONNECTIONS, verify=_trusted())
        if transport is None
        else httpx.AsyncClient(transport=transport)
    )
    sage_id = httpx.AsyncClient(
        follow_redirects=False, transport=transport, limits=limits, timeout=TOKEN_TIMEOUT, verify=_trusted()
    )
    return HttpClients(await stack.enter_async_context(sage), await stack.enter_async_context(sage_id))


def open_database(url: str) -> Database:
    """Return the database of DATABASE_URL. Raises BadSettings."""
    try:
        return Database(url)
    except ValueError as error:  # no message repeats the address, which may hold a password
        raise BadSettings([f"DATABASE_URL is not valid. {error}"]) from None
    except ImportError:
        raise BadSettings([_NO_DRIVER]) from None
    except (OSError, sqlite3.Error):
        raise BadSettings([_cannot_open(url)]) from None


@contextmanager
def usable(url: str) -> Iterator[None]:
    """Raise BadSettings in place of an error that says that the database can't be used; for the start of a command."""
    try:
        yield
    except DBAPIError as error:
        if is_table_missing(error):
            raise BadSettings([_NO_TABLES]) from None
        if not outage(error):
            raise
        raise BadSettings([_cannot_open(url)]) from None


def _cannot_open(url: str) -> str:
    file = sqlite_file(url)
    if file is None:
        return CANNOT_OPEN
    return (
        f"DATABASE_URL can't be opened: the folder {file.resolve().parent} is full or can't be written by this user. "
        "Free some room, let this user write there, or name another file."
    )


def _dispatch(database: Database, tasks: Tasks) -> Dispatch:
    """Return the job dispatch: in this process on SQLite, the job engine on PostgreSQL."""
    if database.dialect == "sqlite":
        return LocalDispatch(tasks.run)
    try:
        from bot.jobs.engine import PostgresDispatch  # an embedded installation needn't have the engine's library
    except ImportError:
        raise BadSettings([_NO_DRIVER]) from None
    return PostgresDispatch(database.libpq_address, tasks.run)


async def _adopt(services: Services, slack: AsyncWebClient, token: str, *, clock: Clock) -> None:
    try:
        await adopt_token(services.installations, slack, token, clock=clock)
    except SlackApiError as error:
        raise BadSettings(
            [f"SLACK_BOT_TOKEN was refused by Slack ({str(error.response.get('error'))[:40]})."]
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise BadSettings(["SLACK_BOT_TOKEN could not be checked: Slack is not reachable at SLACK_API_URL."]) from None


def _has_left(installations: Installations, slack: AsyncWebClient) -> HasLeft:
    async def ask(workspace_id: str, user_id: str) -> bool:
        bot = await installations.bot_of(workspace_id)
        return bot is not None and await has_left(slack, bot.token, user_id)

    return ask


async def _drain(work: BackgroundTasks) -> None:
    await work.drain(seconds=_DRAIN_SECONDS)


def _slack_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    client = AsyncWebClient(base_url=settings.slack_api_url, session=session, timeout=10)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    return client


def _speaking_as(client: AsyncWebClient, bot: Bot | None) -> AsyncWebClient:
    """Return the client with the bot's token, as Bolt makes one for each of its requests."""
    copy = AsyncWebClient(
        token=bot.token if bot is not None else None,
        base_url=client.base_url,
        session=client.session,
        timeout=client.timeout,
    )
    copy.retry_handlers = client.retry_handlers
    return copy


def _services(
    settings: Settings,
    *,
    database: Database,
    http: HttpClients,
    slack: AsyncWebClient,
    work: BackgroundTasks,
    clock: Clock,
) -> Services:
    key = settings.sage_subscription_key
    object_url = settings.public_url if settings.slack_work_objects else ""
    refusals = BlockRefusals(database, is_native=settings.slack_tables)
    return assemble(
        database=database,
        cipher=Cipher.from_text(settings.encryption_keys.get_secret_value()),
        sage_id=SageId(
            http.sage_id,
            base_url=settings.sage_id_url,
            client_id=settings.sage_client_id,
            client_secret=settings.sage_client_secret.get_secret_value(),
            redirect_uri=settings.sage_redirect_uri,
            uses_pkce=settings.sage_pkce,
        ),
        open_sage=lambda tokens, company, gate: SageClient(
            http.sage,
            base_url=settings.sage_api_url,
            tokens=tokens,
            company=company,
            gate=gate,
            subscription_key=key.get_secret_value() if key else "",
        ),
        life=SignInLifetime(timedelta(days=settings.sage_sign_in_days), settings.sage_sign_in_slides),
        retention=timedelta(days=settings.retention_days),
        history=timedelta(days=settings.history_days),
        keep_record=timedelta(days=settings.record_days),
        keep_access=timedelta(days=settings.access_record_days),
        heavy_reads=settings.sage_heavy_reads,
        sync_interval=timedelta(seconds=settings.sync_interval),
        public_url=settings.public_url,
        posting=SlackMessenger(unrepeating(slack), refusals=refusals, object_url=object_url, clock=clock),
        object_url=object_url,
        block_refusals=refusals,
        rotate=Rotation(
            slack, client_id=settings.slack_client_id, client_secret=settings.slack_client_secret.get_secret_value()
        ),
        clock=clock,
        work=work,
        limits=Limits(settings.limit_factor),
    )


def _asgi(
    settings: Settings, *, services: Services, slack: AsyncWebClient, work: BackgroundTasks, clock: Clock
) -> ASGIApp:
    pages = Pages(sage_id_url=settings.sage_id_url, retention_days=settings.retention_days)
    interactions = InteractionMiddleware(services, WorkspaceCache(services.installations), SlackUsers(), clock)
    secret = settings.slack_signing_secret.get_secret_value()
    app = build(
        client=slack, signing_secret=secret, interactions=interactions, work=work, public_url=settings.public_url
    )
    install = Install(
        installations=services.installations,
        workspaces=interactions.workspaces,
        admins=services.admins,
        client=slack,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        public_url=settings.public_url,
        scopes=asked_scopes(slack_mcp=settings.slack_mcp),
        render=pages.render,
        clock=clock,
    )
    connect = ConnectRoutes(
        connect_links=services.connect_links, pages=pages, clock=clock, served_over_https=settings.served_over_https
    )

    def guarded(inside: ASGIApp, shape: Callable[[str, bytes], None] = check_shape) -> ASGIApp:
        return SlackGuard(inside, signing_secret=secret, clock=lambda: clock().timestamp(), shape=shape)

    tools = ToolsEndpoint(
        services=services,
        users=interactions.users,
        workspaces=interactions.workspaces,
        client=lambda bot: _speaking_as(slack, bot),
        work=work,
        clock=clock,
    )
    pages_and_events = Starlette(
        routes=[
            Route("/", pages.front_door, methods=["GET"]),
            Route("/slack/events", guarded(_events(app))),
            Route("/mcp", guarded(tools, check_rpc_shape)),
            Route("/slack/install", install.start, methods=["GET"]),
            Route("/slack/oauth_redirect", install.finish, methods=["GET"]),
            *connect.routes(),
            *([Route("/customers/{id}", pages.customer, methods=["GET"])] if services.object_url else []),
            *health_routes(services.database),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static")),
        ],
        exception_handlers=pages.error_handlers(),
    )
    # A redirect to the address without its slash would go to whatever host the request names.
    pages_and_events.router.redirect_slashes = False
    return RequestLog(StrictTransport(pages_and_events) if settings.served_over_https else pages_and_events)


def health_routes(database: Database) -> list[Route]:
    """Return the health routes and the metrics, which a worker serves too."""
    return HealthRoutes(
        ready=Readiness(database, utc_now, worker=WORKER),
        outlook=DatabaseOutlook(database, utc_now, worker=WORKER),
        registry=REGISTRY,
    ).routes()


def _events(app: AsyncApp) -> ASGIApp:
    handler = AsyncSlackRequestHandler(app)

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler.handle(Request(scope, receive))
        await response(scope, receive, send)

    return events
