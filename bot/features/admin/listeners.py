"""`/sage roles`, `/sage channel` and `/sage settings`: the typed words of the app's admins."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Shown
from bot.features.admin import views
from bot.features.admin.model import role_command as role_words
from bot.features.subscriptions.model import command_parser as alert_words
from bot.slack.channels import looking
from bot.slack.listener_frame import Listener
from bot.slack.sage_command import Handle, Typed
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Nothing is pressed here: the typed words are in `WORDS`."""


async def _roles(typed: Typed) -> Message:
    roles = typed.services.roles
    if not typed.rest:
        return views.role_overview(await roles.overview(typed.asker))
    wish = role_words.parse_role_command(typed.rest)
    # Slack makes an id of a person's name, and not always of a user group's.
    group_id = wish.group_id or (await roles.group_called(typed.asker, wish.handle) if wish.handle else None)
    if group_id is not None:
        if wish.customers is not None:
            raise BadQuestion("Customers belong to a person, not to a group.", hint=role_words.EXAMPLE)
        return views.access_changed(await roles.give_group(typed.asker, group_id, wish.role, now=typed.now))
    colleague = await typed.colleague(wish.who)
    if wish.customers is not None:
        words = unescaped(wish.customers)
        return views.access_changed(await roles.give_customers(typed.asker, colleague, words, now=typed.now))
    return views.access_changed(await roles.give(typed.asker, colleague, wish.role, now=typed.now))


async def _channel(typed: Typed) -> Message:
    """The class and the channel in either order; here where none is named."""
    channel_id, chosen = typed.channel_id, ""
    for word in typed.rest.split():
        named = alert_words.channel_id(word)
        if named is not None:
            channel_id = named
        elif word.casefold() in set(Shown) and not chosen:
            chosen = word.casefold()
        else:
            raise BadQuestion(
                "I don't know what to make of that.",
                typed=unescaped(word),
                offered=list(Shown),
                hint="Try `/sage channel figures #credit-control`.",
            )
    settings, look = typed.services.settings, looking(typed.client)
    if not chosen:
        return views.channel_class(*await settings.channel(typed.asker, channel_id, look=look))
    return views.access_changed(
        await settings.set_channel(typed.asker, channel_id, Shown(chosen), look=look, now=typed.now)
    )


async def _settings(typed: Typed) -> Message:
    if not typed.rest:
        return views.workspace_settings(await typed.services.settings.chosen(typed.asker))
    return views.access_changed(await typed.services.settings.change(typed.asker, unescaped(typed.rest), now=typed.now))


WORDS: dict[str, Handle] = {"roles": _roles, "channel": _channel, "settings": _settings}
