"""A card's buttons, and `/customer REF order AMOUNT`. Each is asked afresh, as who presses or types it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion, FileNotSent, NotAllowed, SageMissing
from bot.features.access.model.authorization import Asker, Shown
from bot.features.account_detail.model import AgedDebt
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import aged_debt as aged_views
from bot.features.account_detail.views import documents as views
from bot.features.account_detail.views.aged_debt_chart import bars
from bot.features.card.model import order_check
from bot.features.card.model.customer_command import CustomerWord
from bot.features.card.views import card as card_views
from bot.features.card.views import order_check as order_views
from bot.services import Services
from bot.slack.customer_command import Handle, Typed
from bot.slack.files import send_file
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.views.message import Message

Clock = Callable[[], datetime]

_FOR_A_PICTURE = 8.0  # seconds

log = structlog.get_logger(__name__)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Every button of a card."""
    app.action(views.AGED)(answered(aged_debt))
    app.action(aged_views.AGED_BY)(answered(aged_by))
    for action in (views.INVOICES, views.INVOICES_PAGE):
        app.action(action)(answered(invoices))
    for action in (views.ORDERS, views.ORDERS_PAGE):
        app.action(action)(answered(orders))
    app.action(views.CONTACT)(answered(contact))
    app.action(views.REFRESH)(answered(refresh))


async def aged_debt(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
    body: dict[str, Any],
) -> None:
    """The table at once; then the picture, into the conversation of who pressed it: it can't be in an ephemeral one."""
    await ack()
    wanted, _ = _pressed(action)
    asker = await introduce()
    found = await services.documents.aged_debt(asker, wanted, now=clock())
    await reply(aged_views.aged_debt(found))
    if found.buckets:
        told = await _picture(client, asker, found, pressed_in=str((body.get("channel") or {}).get("id") or ""))
        if told is not None:
            await reply(told)


async def aged_by(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """Another way to count age, put where the first table stood."""
    await ack()
    wanted, _ = _pressed(action)
    by = aged_views.aged_by_chosen(str(action.get("action_id") or ""))
    found = await services.documents.aged_debt(await introduce(), wanted, by=by, now=clock())
    await reply(aged_views.aged_debt(found), in_place=True)


async def invoices(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """Below the card; further pages where the first stood."""
    await ack()
    wanted, page = _pressed(action)
    found = await services.documents.open_invoices(await introduce(), wanted, now=clock())
    await reply(views.invoices(found, page=page), in_place=_turned(action))


async def orders(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The same of orders."""
    await ack()
    wanted, page = _pressed(action)
    found = await services.documents.open_orders(await introduce(), wanted, now=clock())
    await reply(views.orders(found, page=page), in_place=_turned(action))


async def contact(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """Below the card."""
    await ack()
    wanted, _ = _pressed(action)
    await reply(views.contact(await services.documents.contact(await introduce(), wanted, now=clock())))


async def refresh(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The card as it is now, where it stood."""
    await ack()
    wanted, _ = _pressed(action)
    card = await services.customers.by_id(await introduce(), wanted.customer_id, now=clock())
    if card.customer.reference != wanted.reference:
        raise SageMissing("That card is of another account than this button asks for now.")
    await reply(card_views.customer_card(card), in_place=True)


async def order(typed: Typed) -> Message:
    """`/customer REF order AMOUNT`."""
    if typed.card.shown is not Shown.FIGURES:
        raise NotAllowed
    asked = order_check.amount(typed.asked.rest)
    copied = typed.card.copied is not None
    return order_views.order_answer(order_check.check_order(typed.card.customer, asked, is_copy=copied), typed.card)


WORDS: dict[CustomerWord, Handle] = {CustomerWord.ORDER: order}


def _pressed(action: dict[str, Any]) -> tuple[DetailRequest, int]:
    found = views.detail_request(action)
    if found is None:
        raise BadQuestion("That card is out of date.", hint="`/customer` and the reference makes a new one.")
    return DetailRequest(found[0], found[2]), found[1]


def _turned(action: dict[str, Any]) -> bool:
    return str(action.get("action_id") or "").rpartition(".")[2].isdigit()


async def _picture(client: AsyncWebClient, asker: Asker, found: AgedDebt, *, pressed_in: str) -> Message | None:
    """Where it is, unless that is right below. Its failure never costs the table, which stands already."""
    try:
        async with asyncio.timeout(_FOR_A_PICTURE):
            content = await asyncio.to_thread(bars, found)
            name, alt = aged_views.picture_name(found), aged_views.alt(found)
            comment = aged_views.picture_comment(found)
            where = await send_file(client, asker.user_id, name=name, content=content, comment=comment, alt=alt)
    except (FileNotSent, TimeoutError, OSError, ValueError) as error:
        log.warning("no picture sent", why=type(error).__name__)
        return aged_views.picture_not_sent()
    return aged_views.picture_sent() if where != pressed_in else None
