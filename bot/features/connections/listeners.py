"""Everything about a person's own connection: typed words, buttons and the code's modal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.parsing import whole_number
from bot.errors import BadQuestion, ConnectError
from bot.features.access.model.authorization import Asker
from bot.features.connections.views import connect as views
from bot.features.home.publisher import HomePublisher
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.modals import filled
from bot.slack.reply import Reply
from bot.slack.sage_command import Handle, simply
from bot.slack.views.help import sage_help
from bot.slack.views.message import Message
from bot.slack.views.modal import told

# Slack writes `<@U123|ben>` for a person where the command asks for it (`should_escape`).
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{1,30})(\|[^>]*)?>|(?P<bare>[UW][A-Z0-9]{5,30})")

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The buttons and modal that do what the typed `WORDS` do."""
    app.action(views.CONNECT)(answered(connect))
    app.action(views.OPEN_LINK)(answered(link_opened))
    app.action(views.ENTER_CODE)(answered(enter_code))
    app.view(views.CODE_MODAL)(answered(code_typed))
    app.action(views.PICK_COMPANY)(answered(pick_company))


async def connect(ack: AsyncAck, introduce: Introduce, services: Services, reply: Reply, clock: Clock) -> None:
    """The Connect button: a fresh link."""
    await ack()
    await reply(await _connect(services, await introduce(), "", clock()))


async def link_opened(ack: AsyncAck, reply: Reply) -> None:
    """Slack tells of a click on a link button too; the browser does the rest."""
    await ack()


async def enter_code(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, reply: Reply) -> None:
    """The Enter-the-code button: its modal."""
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=views.code_modal())


async def code_typed(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    workspace_id: str,
    introduce: Introduce,
    services: Services,
    reply: Reply,
    show_home: HomePublisher,
    clock: Clock,
) -> None:
    """The modal's code: a wrong one is said beside the field, which costs only a look into our own database."""
    code = views.typed_code(view)
    try:
        await services.verification.check_code(
            workspace_id=workspace_id, user_id=body["user"]["id"], code=code, now=clock()
        )
    except ConnectError as error:
        await ack(response_action="errors", errors={views.CODE_BLOCK: error.message})
        return
    await ack()
    await reply(await _verify(services, await introduce(), code, clock()))
    await show_home.if_seen()


async def pick_company(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    client: AsyncWebClient,
    show_home: HomePublisher,
    clock: Clock,
) -> None:
    """The company menu, in a message or in the modal."""
    await ack()
    value = str((action.get("selected_option") or {}).get("value", ""))
    edition, site_id, company_id = views.company_key(value)
    named = {"edition": edition, "site_id": site_id, "company_id": company_id}

    async def chosen() -> Message:
        asker = await introduce()
        return views.company_chosen(await services.connections.choose_by_key(asker, **named, now=clock()))

    async def fill() -> View:
        return told(await chosen(), title=views.COMPANY_TITLE)

    if "view" in body:
        await filled(client, reply, str(body["view"]["id"]), fill)
    else:
        await reply(await chosen(), in_place=True)
    await show_home.if_seen()


async def _connect(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    return views.link(await services.connect_links.offer(asker, now=now))


async def _verify(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    verified = await services.verification.verify(asker, rest, now=now)
    return views.sign_in_connected(await services.connections.companies(asker, now=now), founded=verified.founded)


async def _company(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    if not rest:
        return views.company_picker(await services.connections.companies(asker, now=now))
    number = whole_number(rest, digits=5)
    if number is None:
        raise BadQuestion("Type the number beside the company, as in `/sage company 2`.")
    return views.company_chosen(await services.connections.choose(asker, number=number, now=now))


async def _status(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    return views.connection_status(await services.connections.status(asker, now=now))


async def _disconnect(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    await services.connections.disconnect(asker, now=now)
    return views.sign_in_disconnected()


async def _hand_over(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    named = _MENTION.fullmatch(rest.strip())
    if named is None and rest.strip().lower() != "me":
        raise BadQuestion("Name a person, as in `/sage handover @Ben`, or say `/sage handover me`.")
    successor = asker.user_id if named is None else named["id"] or named["bare"]
    return views.handed_over(await services.workspace_connections.hand_over(asker, to=successor, now=now))


async def _help(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    return sage_help(await services.access.reach(asker))


WORDS: dict[str, Handle] = {
    "": simply(_help),
    "help": simply(_help),
    "connect": simply(_connect),
    "verify": simply(_verify),
    "company": simply(_company),
    "status": simply(_status),
    "disconnect": simply(_disconnect),
    "handover": simply(_hand_over),
}
