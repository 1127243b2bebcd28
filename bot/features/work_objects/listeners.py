"""A viewer opens a customer's side pane: they see in it what a command would show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.errors import RECONNECTS, BotError
from bot.features.work_objects import views
from bot.features.work_objects.model import CustomerObject, object_in
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.views.errors import explain

log = structlog.get_logger(__name__)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the event, which Slack sends only to an app that was set up for it."""
    app.event("entity_details_requested")(answered(opened))


@for_anybody
async def opened(interaction: Interaction) -> None:
    """Fill the pane with the customer as this viewer may see it, or with why not."""
    if not interaction.services.object_url:
        return None
    what = object_in(interaction.payload, interaction.services.object_url)
    if what is None:
        return await _present(interaction, error=views.missing())
    try:
        metadata = await _shown(interaction, what)
    except BotError as error:
        return await _refused(interaction, error)
    return await _present(interaction, metadata=metadata)


async def _shown(interaction: Interaction, what: CustomerObject) -> views.Entity:
    # Before anything of the customer: a guest learns no more than that they are one.
    session = await interaction.session_in(what.company_pk)
    services = interaction.services
    card = await services.debts.with_debt(session, await services.customers.by_id(session, what.customer_id))
    return views.pane(what, card, services.object_url, now=interaction.now)


async def _refused(interaction: Interaction, error: BotError) -> None:
    interaction.note_refusal(error)
    log.info("a side pane tells an error", why=type(error).__name__)
    if isinstance(error, RECONNECTS):
        offer = await interaction.services.connect_links.offer_unasked(await interaction.session())
        if offer is not None:
            return await _present(interaction, **views.signs_in(offer))
    return await _present(interaction, error=views.refusal(explain(error)))


async def _present(interaction: Interaction, **content: Any) -> None:
    """Answer Slack. A failure is logged: the pane says itself that there was no answer."""
    trigger_id = str(interaction.payload.get("trigger_id") or "")
    try:
        await interaction.client.entity_presentDetails(trigger_id=trigger_id, **content)
    except SlackApiError as error:
        log.warning("Slack refused a side pane", why=error.response.get("error"))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("no side pane shown", why=type(error).__name__)
