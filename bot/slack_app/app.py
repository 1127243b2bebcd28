"""The Bolt app: authorize, middleware, listeners."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.features.account_detail import listeners as documents
from bot.features.admin import listeners as access
from bot.features.assistant import listeners as talk
from bot.features.audit import listeners as audit
from bot.features.card.listeners import customer as customers
from bot.features.card.listeners import mentions, picker
from bot.features.connections import listeners as connect
from bot.features.holds import listeners as doing
from bot.features.home import listeners as home
from bot.features.installations import listeners as lifecycle
from bot.features.installations.workspace_cache import authorize_result
from bot.features.on_hold import listeners as on_hold
from bot.features.release_requests import listeners as releases
from bot.features.sharing import listeners as share
from bot.features.subscriptions.listeners import subscriptions, watching
from bot.slack.background_tasks import BackgroundTasks
from bot.slack.listener_frame import answering
from bot.slack.middleware import Lending
from bot.slack_app import sage_command as sage


def build(
    *, client: AsyncWebClient, signing_secret: str, lending: Lending, work: BackgroundTasks, public_url: str
) -> AsyncApp:
    """Everything that Slack can ask, wired."""

    async def authorize(
        context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        bot = await lending.workspaces.find(
            enterprise_id=enterprise_id, team_id=team_id, org_wide=bool(context.is_enterprise_install)
        )
        return authorize_result(bot, enterprise_id=enterprise_id, team_id=team_id) if bot is not None else None

    app = AsyncApp(
        name="sage200",  # otherwise Bolt walks the whole stack, and every source file on it, for one
        client=client,
        signing_secret=signing_secret,
        authorize=authorize,  # type: ignore[arg-type]  # None means "not installed" (AsyncMultiTeamsAuthorization)
        process_before_response=True,
        # The guard has verified the raw bytes already, by the product's own clock.
        request_verification_enabled=False,
        user_facing_authorize_error_message=(
            f"Sage 200 isn't installed in this workspace. An admin can install it at {public_url}/slack/install."
        ),
        logger=logging.getLogger("bot.slack_app.app"),
    )
    app.middleware(lending.drop_repeats)
    app.middleware(lending.lend)
    answered = answering(work)
    access.register(app, answered)
    customers.register(app, answered)
    documents.register(app, answered)
    doing.register(app, answered)
    releases.register(app, answered)
    audit.register(app, answered)
    connect.register(app, answered)
    home.register(app, answered)
    on_hold.register(app, answered)
    subscriptions.register(app, answered)
    sage.register(app, answered)
    talk.register(app, answered)
    watching.register(app, answered)
    share.register(app, answered)
    picker.register(app, answered)
    mentions.register(app, answered)
    lifecycle.register(app, lending.workspaces)
    return app
