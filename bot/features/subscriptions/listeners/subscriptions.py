"""`/sage subscribe` and everything about subscriptions: typed words, the form, and the buttons of the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.parsing import whole_number
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Asker
from bot.features.home.publisher import HomePublisher
from bot.features.subscriptions.model import mute_parser as mute_words
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.subscriptions.views import form as forms
from bot.features.subscriptions.views import list as views
from bot.services import Services
from bot.slack.channels import joining, looking
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.sage_command import Handle, Typed
from bot.slack.views.fields import beside
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]
Act = Callable[[Services, Asker, int, datetime], Awaitable[SubscriptionView]]
_A_DAY = timedelta(days=1)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The form and the buttons; the typed words are in `WORDS`."""
    app.view(forms.MODAL)(answered(submitted))
    app.action(views.JOIN)(answered(join))
    app.action(views.UNDO)(answered(undo))
    app.action(views.subscription_page_pressed(views.EDIT))(answered(edit))
    app.action(views.subscription_page_pressed(views.PAUSE))(answered(pause))
    app.action(views.subscription_page_pressed(views.RESUME))(answered(resume))
    app.action(views.subscription_page_pressed(views.MUTE))(answered(mute))
    app.action(views.subscription_page_pressed(views.DELETE))(answered(delete))
    app.action(views.subscription_page_pressed(views.PAGE))(answered(turn_page))


async def _subscribe(typed: Typed) -> Message | None:
    here, look = typed.channel_id, looking(typed.client)
    if not typed.rest:
        await typed.services.subscriptions.may_begin(typed.asker)
        await typed.client.views_open(trigger_id=typed.command["trigger_id"], view=forms.subscription_form(here=here))
        return None
    wish = unescaped(typed.rest)
    return views.subscription_created(
        await typed.services.subscriptions.create(typed.asker, wish, here=here, look=look, now=typed.now)
    )


async def _subscriptions(typed: Typed) -> Message:
    page = _number(typed.rest)[0] if typed.rest else 1
    return views.subscription_list(await typed.services.subscriptions.every(typed.asker), page=page)


async def _unsubscribe(typed: Typed) -> Message:
    number, _ = _number(typed.rest)
    return views.subscription_removed(
        await typed.services.subscriptions.remove(typed.asker, number, now=typed.now), at=typed.now
    )


async def _pause(typed: Typed) -> Message:
    number, _ = _number(typed.rest)
    return views.subscription_changed(await typed.services.subscriptions.pause(typed.asker, number, now=typed.now))


async def _resume(typed: Typed) -> Message:
    number, _ = _number(typed.rest)
    return views.subscription_changed(await typed.services.subscriptions.resume(typed.asker, number, now=typed.now))


async def _mute(typed: Typed) -> Message:
    number, words = _number(typed.rest)
    policy = await typed.services.access.policy(typed.asker.workspace_id)
    until = mute_words.parse_mute(words, zone=policy.zone, now=typed.now)
    return views.subscription_changed(
        await typed.services.subscriptions.mute(typed.asker, number, until=until, now=typed.now)
    )


async def _reassign(typed: Typed) -> Message:
    number, mention = _number(typed.rest)
    successor = await typed.colleague(mention)
    return views.subscription_changed(
        await typed.services.subscriptions.hand_over(typed.asker, number, to=successor, now=typed.now)
    )


WORDS: dict[str, Handle] = {
    "subscribe": _subscribe,
    "subscriptions": _subscriptions,
    "unsubscribe": _unsubscribe,
    "pause": _pause,
    "resume": _resume,
    "mute": _mute,
    "reassign": _reassign,
}


def _number(rest: str) -> tuple[int, str]:
    """The number that comes first, and what follows it."""
    first, _, more = rest.strip().removeprefix("#").partition(" ")
    number = whole_number(first, digits=9)
    if number is None:
        raise BadQuestion("Say which by its number.", typed=first, hint="`/sage subscriptions` lists them.")
    return number, more.strip()


async def submitted(
    ack: AsyncAck,
    view: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
    show_home: HomePublisher,
) -> None:
    """The form: what is wrong is said beside its field, as far as that is known within Slack's three seconds."""
    form, number, here = forms.subscription_form_filled(view)
    asker, look = await introduce(), looking(client)
    wrong = await services.subscriptions.problems(asker, form, here=here, look=look, number=number)
    if wrong:
        await ack(response_action="errors", errors=beside(wrong))
        return
    await ack()
    if number is None:
        made = await services.subscriptions.create(asker, form, here=here, look=look, now=clock())
    else:
        made = await services.subscriptions.edit(asker, number, form, here=here, look=look, now=clock())
    await reply(views.subscription_created(made))
    await show_home.if_seen()


async def join(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The Join button: into the channel, once all of the subscription is allowed, and subscribe."""
    await ack()
    wish = str(action.get("value") or "")
    asker = await introduce()
    made = await services.subscriptions.create(asker, wish, here="", look=joining(client), now=clock())
    await reply(views.subscription_created(made), in_place=True)


async def undo(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The Undo button: the same again, for five minutes, and only if its owner still may."""
    await ack()
    wish = views.undoable(str(action.get("value") or ""), now=clock())
    if not wish:
        raise BadQuestion("That was too long ago to undo.", hint="`/sage subscribe` makes it again.")
    asker = await introduce()
    made = await services.subscriptions.create(asker, wish, here="", look=looking(client), now=clock())
    await reply(views.subscription_created(made), in_place=True)


async def edit(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    client: AsyncWebClient,
) -> None:
    """The Edit button: the form, filled in."""
    await ack()
    number, _ = views.numbers_of(action)
    kept = await services.subscriptions.one(await introduce(), number)
    await client.views_open(trigger_id=body["trigger_id"], view=forms.subscription_form(kept))


async def pause(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The Pause button."""
    await ack()
    number, page = views.numbers_of(action)
    asker = await introduce()
    done = views.subscription_changed(await services.subscriptions.pause(asker, number, now=clock()))
    await reply(
        views.subscription_list(await services.subscriptions.every(asker), page=page, after=done), in_place=True
    )


async def resume(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The Resume button."""
    await ack()
    number, page = views.numbers_of(action)
    asker = await introduce()
    done = views.subscription_changed(await services.subscriptions.resume(asker, number, now=clock()))
    await reply(
        views.subscription_list(await services.subscriptions.every(asker), page=page, after=done), in_place=True
    )


async def mute(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The Mute button: a day; other times are typed."""
    await ack()
    number, page = views.numbers_of(action)
    asker = await introduce()
    now = clock()
    done = views.subscription_changed(await services.subscriptions.mute(asker, number, until=now + _A_DAY, now=now))
    await reply(
        views.subscription_list(await services.subscriptions.every(asker), page=page, after=done), in_place=True
    )


async def delete(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The Delete button: no question first, but Undo afterwards."""
    await ack()
    number, _ = views.numbers_of(action)
    asker, now = await introduce(), clock()
    await reply(views.subscription_removed(await services.subscriptions.remove(asker, number, now=now), at=now))


async def turn_page(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply
) -> None:
    """The list's other pages."""
    await ack()
    _, page = views.numbers_of(action)
    await reply(
        views.subscription_list(await services.subscriptions.every(await introduce()), page=page), in_place=True
    )
