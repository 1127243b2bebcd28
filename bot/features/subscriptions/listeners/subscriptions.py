"""`/sage subscribe` and the other subscription commands, the form, and the buttons of the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from slack_bolt.async_app import AsyncApp

from bot.domain.company import company_and_words
from bot.domain.text.parsing import whole_number
from bot.errors import BadQuestion
from bot.features.access.model.session import Session
from bot.features.subscriptions.model import mute_parser as mute_words
from bot.features.subscriptions.views import form as forms
from bot.features.subscriptions.views import list as views
from bot.features.subscriptions.views import snoozing
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.fields import beside
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped

_A_DAY = timedelta(days=1)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the form and the buttons; the typed words are in `WORDS`."""
    app.view(forms.MODAL)(answered(submitted))
    app.action(views.JOIN)(answered(join))
    app.action(views.UNDO)(answered(undo))
    app.action(views.subscription_page_pressed(views.EDIT))(answered(edit))
    app.action(views.subscription_page_pressed(views.PAUSE))(answered(pause))
    app.action(views.subscription_page_pressed(views.RESUME))(answered(resume))
    app.action(views.subscription_page_pressed(views.MUTE))(answered(mute))
    app.action(views.subscription_page_pressed(views.DELETE))(answered(delete))
    app.action(views.subscription_page_pressed(views.PAGE))(answered(turn_page))


async def _subscribe(interaction: Interaction) -> Message | None:
    here, look = interaction.channel_id, interaction.look
    if not interaction.words:
        session = await interaction.session()
        await interaction.services.subscriptions.may_begin(session)
        examples = await interaction.services.examples.of(session)
        await interaction.open(forms.subscription_form(here=here, examples=examples))
        return None
    wish = unescaped(interaction.words)
    return views.subscription_created(
        await interaction.services.subscriptions.create((await interaction.session()), wish, here=here, look=look)
    )


async def _subscriptions(interaction: Interaction) -> Message:
    page = _number(interaction.words)[0] if interaction.words else 1
    session = await interaction.session()
    snoozed = snoozing.listed(await interaction.services.customer_snoozes.every(session))
    return views.subscription_list(await interaction.services.subscriptions.every(session), page=page, snoozed=snoozed)


async def _unsubscribe(interaction: Interaction) -> Message:
    number = _one_number(interaction.words)
    return views.subscription_removed(
        await interaction.services.subscriptions.remove((await interaction.session()), number), at=interaction.now
    )


async def _pause(interaction: Interaction) -> Message:
    number = _one_number(interaction.words)
    return views.subscription_changed(
        await interaction.services.subscriptions.pause((await interaction.session()), number)
    )


async def _resume(interaction: Interaction) -> Message:
    number = _one_number(interaction.words)
    return views.subscription_changed(
        await interaction.services.subscriptions.resume((await interaction.session()), number)
    )


async def _mute(interaction: Interaction) -> Message:
    number, words = _number(interaction.words)
    policy = (await interaction.session()).policy
    until = mute_words.parse_mute(words, zone=policy.zone, now=interaction.now)
    return views.subscription_changed(
        await interaction.services.subscriptions.mute((await interaction.session()), number, until=until)
    )


async def _reassign(interaction: Interaction) -> Message:
    number, mention = _number(interaction.words)
    successor = await interaction.colleague(mention)
    return views.subscription_changed(
        await interaction.services.subscriptions.hand_over((await interaction.session()), number, to=successor)
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
    """Return the number that was typed first, and what follows."""
    first, _, more = rest.strip().removeprefix("#").partition(" ")
    number = whole_number(first, digits=9)
    if number is None:
        raise BadQuestion("Say which by its number.", typed=first, hint="`/sage subscriptions` lists them.")
    return number, more.strip()


def _one_number(rest: str) -> int:
    """Return the number that was typed. Raises BadQuestion where more follows: it would be left undone unsaid."""
    number, more = _number(rest)
    if more:
        raise BadQuestion("Type one number at a time.", typed=rest, hint="Nothing was changed.")
    return number


async def submitted(interaction: Interaction) -> None:
    """Take the sent form: mistakes known within Slack's three seconds are shown beside their fields."""
    form, number, here = forms.subscription_form_filled(interaction.payload)
    session = await interaction.session() if number is None else await _session_of(interaction, number)
    look = interaction.look
    wrong = await interaction.services.subscriptions.problems(session, form, here=here, look=look, number=number)
    if wrong:
        await interaction.ack(response_action="errors", errors=beside(wrong))
        return
    await interaction.ack()
    if number is None:
        made = await interaction.services.subscriptions.create(session, form, here=here, look=look)
    else:
        made = await interaction.services.subscriptions.edit(session, number, form, here=here, look=look)
    await interaction.reply(views.subscription_created(made))
    await interaction.home.if_seen()


async def join(interaction: Interaction) -> None:
    """The Join button: once the subscription is allowed as a whole, join the channel and subscribe."""
    company_key, wish = company_and_words(interaction.value)
    session = await interaction.session_in(company_key)
    made = await interaction.services.subscriptions.create(session, wish, here="", look=interaction.look_and_join)
    await interaction.reply(views.subscription_created(made), in_place=True)


async def undo(interaction: Interaction) -> None:
    """The Undo button: subscribe again as before, within five minutes and by the user's rights of now."""
    wish = views.undoable(interaction.value, now=interaction.now)
    if not wish:
        raise BadQuestion("That was too long ago to undo.", hint="`/sage subscribe` makes it again.")
    company_key, wish = company_and_words(wish)
    session = await interaction.session_in(company_key)
    made = await interaction.services.subscriptions.create(session, wish, here="", look=interaction.look)
    await interaction.reply(views.subscription_created(made), in_place=True)


async def edit(interaction: Interaction) -> None:
    """The Edit button: the form, filled in."""
    number, _ = views.numbers_of(interaction.payload)
    session = await _session_of(interaction, number)
    kept = await interaction.services.subscriptions.one(session, number)
    await interaction.open(forms.subscription_form(kept, examples=await interaction.services.examples.of(session)))


async def _session_of(interaction: Interaction, number: int) -> Session:
    """Return the session in the company of the subscription, whichever the user who pressed has in use."""
    company_pk = await interaction.services.subscriptions.company_of(await interaction.session(), number)
    return await interaction.session_in(company_pk)


async def pause(interaction: Interaction) -> None:
    """The Pause button."""
    number, page = views.numbers_of(interaction.payload)
    session = await interaction.session()
    done = views.subscription_changed(await interaction.services.subscriptions.pause(session, number))
    await _relist(interaction, page, after=done)


async def resume(interaction: Interaction) -> None:
    """The Resume button."""
    number, page = views.numbers_of(interaction.payload)
    session = await interaction.session()
    done = views.subscription_changed(await interaction.services.subscriptions.resume(session, number))
    await _relist(interaction, page, after=done)


async def mute(interaction: Interaction) -> None:
    """The Mute button: a day; other times are typed."""
    number, page = views.numbers_of(interaction.payload)
    session = await interaction.session()
    now = interaction.now
    done = views.subscription_changed(
        await interaction.services.subscriptions.mute(session, number, until=now + _A_DAY)
    )
    await _relist(interaction, page, after=done)


async def delete(interaction: Interaction) -> None:
    """The Delete button: no question first, but Undo afterwards."""
    number, _ = views.numbers_of(interaction.payload)
    session, now = await interaction.session(), interaction.now
    await interaction.reply(
        views.subscription_removed(await interaction.services.subscriptions.remove(session, number), at=now)
    )


async def turn_page(interaction: Interaction) -> None:
    """The list's other pages."""
    _, page = views.numbers_of(interaction.payload)
    await _relist(interaction, page)


async def _relist(interaction: Interaction, page: int, *, after: Message | None = None) -> None:
    """Replace the list with one that shows what was done, below `after`, which says it."""
    every = await interaction.services.subscriptions.every(await interaction.session())
    await interaction.reply(views.subscription_list(every, page=page, after=after), in_place=True)
