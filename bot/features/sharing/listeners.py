"""A card's Share button, the form with its preview, and the sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import documents as buttons
from bot.features.sharing import views
from bot.services import Services
from bot.slack.channels import looking
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.modals import filled, opened
from bot.slack.post import post
from bot.slack.reply import Reply
from bot.slack.views.modal import waiting

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The button, the choice of a channel, and the form."""
    app.action(views.SHARE)(answered(begin))
    app.action(views.CHANNEL)(answered(preview))
    app.view(views.MODAL)(answered(send))


async def begin(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The form, for those who may share this customer."""
    await ack()
    pressed = buttons.detail_request(action)
    if pressed is None:
        raise BadQuestion("That button is out of date.", hint="`/customer` and the reference makes a new one.")

    async def fill() -> View:
        wanted = DetailRequest(pressed[0], pressed[2])
        return views.form(await services.sharing.begin(await introduce(), wanted, now=clock()))

    await opened(client, reply, body, waiting(title=views.TITLE), fill)


async def preview(
    ack: AsyncAck,
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """A channel was chosen: what would be posted there just now."""
    await ack()
    view = body.get("view") or {}
    wanted, (channel_id, _) = DetailRequest(*views.share_note(view)), views.share_form_filled(view)

    async def fill() -> View:
        ready = await services.sharing.ready(await introduce(), wanted, channel_id, look=looking(client), now=clock())
        return views.form(ready.card, preview=ready)

    await filled(client, reply, str(view.get("id") or ""), fill, refused=lambda why: views.share_refused(view, why))


async def send(
    ack: AsyncAck,
    view: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """Post it, from what Sage says now and as far as the person may now, whatever the preview showed."""
    await ack(response_action="update", view=waiting("Sharing…", title=views.TITLE))
    wanted, (channel_id, comment) = DetailRequest(*views.share_note(view)), views.share_form_filled(view)

    async def fill() -> View:
        ready = await services.sharing.share(await introduce(), wanted, channel_id, look=looking(client), now=clock())
        await post(client, ready.channel_id, views.shared(ready, comment))
        return views.share_done(ready)

    await filled(client, reply, str(view.get("id") or ""), fill)
