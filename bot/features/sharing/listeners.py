"""Listeners of a card's Share button, the form with its preview, and the sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.domain.changes import Snapshot
from bot.errors import OutOfDate
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import documents
from bot.features.sharing import views
from bot.features.work_objects.model import CustomerObject
from bot.features.work_objects.views import card_entity
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.sending.post import post
from bot.slack.views.blocks import View
from bot.slack.views.modal import waiting


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the button, the choice of a channel, and the form."""
    app.action(views.SHARE)(answered(begin))
    app.action(views.CHANNEL)(answered(preview))
    app.view(views.MODAL)(answered(send))


async def begin(interaction: Interaction) -> None:
    """Open the form, for users who may share this customer."""
    pressed = documents.detail_request(interaction.payload)
    if pressed is None:
        raise OutOfDate("button", hint=f"Type `{CUSTOMER}` and the reference for a new one.")

    async def fill() -> View:
        session = await interaction.session_in(pressed.company)
        wanted = DetailRequest(pressed.customer_id, pressed.reference)
        return views.form(await interaction.services.sharing.begin(session, wanted))

    await interaction.open_filled(waiting(title=views.TITLE), fill)


async def preview(interaction: Interaction) -> None:
    """Show in the form what would be posted in the chosen channel."""
    view = interaction.body.get("view") or {}
    customer_id, reference, company = views.share_note(view)
    channel_id, _ = views.share_form_filled(view)

    async def fill() -> View:
        session, wanted = await interaction.session_in(company), DetailRequest(customer_id, reference)
        ready = await interaction.services.sharing.ready(session, wanted, channel_id, look=interaction.look)
        return views.form(ready.card, preview=ready)

    await interaction.fill(fill, refused=lambda why: views.share_refused(view, why))


async def send(interaction: Interaction) -> None:
    """Post the customer, from Sage's answer and the user's rights now, whatever the preview showed."""
    await interaction.ack(response_action="update", view=waiting("Sharing…", title=views.TITLE))
    view = interaction.payload
    customer_id, reference, company = views.share_note(view)
    channel_id, comment = views.share_form_filled(view)

    async def fill() -> View:
        session, sharing = await interaction.session_in(company), interaction.services.sharing
        wanted = DetailRequest(customer_id, reference)
        ready = await sharing.share(
            session, wanted, channel_id, look=interaction.look, look_and_join=interaction.look_and_join
        )
        message = views.shared(ready, comment)
        if interaction.services.object_url and session.company_pk is not None:
            what = CustomerObject(session.company_pk, ready.card.customer.id)
            entity = card_entity(
                what, Snapshot.of(ready.card.customer), interaction.services.object_url, now=interaction.now
            )
            message = replace(message, entities=(entity,))
        ts = await post(interaction.client, interaction.ladder, ready.channel_id, message)
        await sharing.stands(session, ready.channel_id, ts)
        return views.share_done(ready)

    await interaction.fill(fill)
