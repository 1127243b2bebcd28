"""The Bolt app: authorization, middleware, and every feature's listeners."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.coordination.background_tasks import BackgroundTasks
from bot.errors import BotError, StorageDown
from bot.features.access import listeners as access
from bot.features.account_detail import listeners as account_detail
from bot.features.admin import listeners as admin
from bot.features.alerts import listeners as alerts
from bot.features.assistant import listeners as assistant
from bot.features.audit import listeners as audit
from bot.features.card.listeners import customer as customers
from bot.features.card.listeners import mentions, picker
from bot.features.connections import listeners as connections
from bot.features.holds import listeners as holds
from bot.features.home import listeners as home
from bot.features.installations import listeners as installations
from bot.features.installations.workspace_cache import authorize_result
from bot.features.on_hold import listeners as on_hold
from bot.features.overdue import listeners as overdue
from bot.features.promises import listeners as promises
from bot.features.release_requests import listeners as release_requests
from bot.features.sharing import listeners as sharing
from bot.features.subscriptions.listeners import subscriptions, watching
from bot.features.team import listeners as team
from bot.features.work_objects import listeners as work_objects
from bot.slack.listener_frame import Listener, answering
from bot.slack.middleware import InteractionMiddleware
from bot.slack.views.errors import explain
from bot.slack_app import sage_command
from storage.outage import outage

log = structlog.get_logger(__name__)


def build(
    *,
    client: AsyncWebClient,
    signing_secret: str,
    interactions: InteractionMiddleware,
    work: BackgroundTasks,
    public_url: str,
) -> AsyncApp:
    """Return the app with everything that Slack can send registered."""

    async def authorize(
        context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        bot = await interactions.workspaces.find(
            enterprise_id=enterprise_id, team_id=team_id, org_wide=bool(context.is_enterprise_install)
        )
        return authorize_result(bot, enterprise_id=enterprise_id, team_id=team_id) if bot is not None else None

    app = AsyncApp(
        name="sage200",  # without a name Bolt walks the whole stack, and reads its source files, to find one
        client=client,
        signing_secret=signing_secret,
        authorize=authorize,  # type: ignore[arg-type]  # None means "not installed" (AsyncMultiTeamsAuthorization)
        process_before_response=True,
        # Bolt's own warning about what no listener takes repeats the body, and fails on a `view` of null.
        raise_error_for_unhandled_request=True,
        # The guard has verified the raw bytes already, by the product's own clock.
        request_verification_enabled=False,
        user_facing_authorize_error_message=(
            f"Sage 200 isn't installed in this workspace. An admin can install it at {public_url}/slack/install."
        ),
        logger=logging.getLogger("bot.slack_app.app"),
    )
    app.middleware(interactions.make)
    app.error(_failed)
    listen(app, answering(work), interactions)
    return app


def listen(app: AsyncApp, answered: Callable[[Listener], Listener], interactions: InteractionMiddleware) -> None:
    """Register the listeners of every feature."""
    # Bolt asks one after another, and a card is what is asked for most.
    customers.register(app, answered)
    admin.register(app, answered)
    access.register(app, answered)
    alerts.register(app, answered)
    team.register(app, answered)
    account_detail.register(app, answered)
    holds.register(app, answered)
    release_requests.register(app, answered)
    promises.register(app, answered)
    audit.register(app, answered)
    connections.register(app, answered)
    home.register(app, answered)
    on_hold.register(app, answered)
    overdue.register(app, answered)
    subscriptions.register(app, answered)
    sage_command.register(app, answered)
    assistant.register(app, answered)
    watching.register(app, answered)
    sharing.register(app, answered)
    picker.register(app, answered)
    mentions.register(app, answered)
    installations.register(app, interactions.workspaces)
    work_objects.register(app, answered)


_EVENTS = {"event_callback", "app_rate_limited"}


async def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Answer a request that failed before its listener ran: a command in words, an event so that Slack sends it again.

    A user who clicked sees Slack's own warning. What no listener takes is no failure: an event is answered 200,
    anything else 404.
    """
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("nothing listens to this", kind=body.get("type"))
        # Slack sends an event three times more that is answered so, and counts it as the app's failure.
        return BoltResponse(status=200 if body.get("type") in _EVENTS else 404)
    why = type(error).__name__ if isinstance(error, BotError) else outage(error)
    log.error("a request failed", **({"why": why} if why else {"exc_info": error}))
    if "command" in body:
        known = error if isinstance(error, BotError) else StorageDown()
        said = explain(known if why else BotError()).payload()
        return BoltResponse(status=200, body={"response_type": "ephemeral", **said})
    return BoltResponse(status=503 if why else 500)
