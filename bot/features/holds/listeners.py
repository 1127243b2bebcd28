"""Putting on hold, releasing and asking for a release: typed, or by a button and a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.card.model.customer_command import CustomerWord
from bot.features.holds import views
from bot.features.holds.model import HoldAction, reason_from
from bot.features.holds.service.change_hold import HoldChange
from bot.features.release_requests import views as requests
from bot.services import Services
from bot.slack.customer_command import Handle, Typed
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.views.message import Message

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The buttons and the form; the typed words are in `WORDS`."""
    app.action(views.OPEN)(answered(ask_why))
    app.view(views.MODAL)(answered(submitted))


async def _hold(typed: Typed) -> Message:
    return await _do(typed, HoldAction.HOLD)


async def _release(typed: Typed) -> Message:
    return await _do(typed, HoldAction.RELEASE)


async def _do(typed: Typed, deed: HoldAction) -> Message:
    reason_from(typed.asked.rest, typed=f"/customer {typed.card.customer.reference} {deed} REASON")
    wish = HoldChange(deed, typed.card.customer.id, typed.asked.rest, company=typed.card.company_key)
    return views.hold_done(await typed.services.doing.do(typed.asker, wish, now=typed.now))


async def _request(typed: Typed) -> Message:
    about, why = typed.card, typed.asked.rest
    asking = typed.services.release_requests.ask
    return requests.request_sent(
        await asking(typed.asker, about.customer.id, why, company=about.company_key, now=typed.now)
    )


WORDS: dict[CustomerWord, Handle] = {
    CustomerWord.HOLD: _hold,
    CustomerWord.RELEASE: _release,
    CustomerWord.REQUEST_RELEASE: _request,
}


async def ask_why(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    client: AsyncWebClient,
    reply: Reply,
) -> None:
    """A button of a card: the form, for those who may. Sage isn't asked: Slack gives three seconds to open one."""
    await ack()
    wanted = views.hold_button_pressed(action)
    if wanted is None:
        raise BadQuestion("That button is out of date.")
    asker = await introduce()
    if wanted.deed is None:
        company = (await services.release_requests.may_ask(asker, card=wanted.company)).company
    else:
        company = await services.doing.may(asker, wanted.deed, card=wanted.company)
    await client.views_open(trigger_id=body["trigger_id"], view=views.hold_form(wanted, company))


async def submitted(
    ack: AsyncAck,
    view: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """The form, sent: who sent it is asked about afresh."""
    filled = views.hold_form_filled(view)
    wanted, reason = filled or (None, "")
    if wanted is None:
        await ack()
        raise BadQuestion("That form is out of date.")
    try:
        reason_from(reason)
    except BadQuestion as error:
        await ack(response_action="errors", errors=views.beside(error.message))
        return
    await ack()
    asker, now, about = await introduce(), clock(), wanted.company
    if wanted.deed is None:
        asked = await services.release_requests.ask(asker, wanted.customer_id, reason, company=about, now=now)
        await reply(requests.request_sent(asked))
        return
    wish = HoldChange(wanted.deed, wanted.customer_id, reason, wanted.seen, about)
    await reply(views.hold_done(await services.doing.do(asker, wish, now=now)))
