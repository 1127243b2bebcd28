"""The commands of this app's admins: `/sage roles`, `/sage channel` and `/sage settings`."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion, BotError
from bot.features.access.model.authorization import AccessChange, Action
from bot.features.admin import views
from bot.features.admin.model import role_command as role_words
from bot.features.admin.model.channel_command import parse_channel_command
from bot.features.admin.model.role_command import RoleCommand
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register nothing: these commands have no buttons, and their words are in `WORDS`."""


async def _roles(interaction: Interaction) -> Message:
    roles = interaction.services.roles
    if not interaction.words:
        return views.role_overview(await roles.overview(await interaction.session()))
    wanted = role_words.parse_role_command(interaction.words)
    session = await interaction.session()
    session.require(Action.SETTINGS)
    examples = await interaction.services.examples.of(session)
    if len(wanted) == 1:
        return views.access_changed(await _give(interaction, wanted[0]), examples=examples)
    outcomes: list[tuple[str, AccessChange | BotError]] = []
    for each in wanted:
        try:
            outcomes.append((each.who, await _give(interaction, each)))
        except BotError as error:
            outcomes.append((each.who, error))
    return views.several_changed(outcomes)


async def _give(interaction: Interaction, wanted: RoleCommand) -> AccessChange:
    """Give one person or group what is wanted."""
    roles, session = interaction.services.roles, await interaction.session()
    # Slack turns a typed person into an id, but not always a user group.
    group_id = wanted.group_id or (await roles.group_called(session, wanted.handle) if wanted.handle else None)
    if group_id is not None:
        if wanted.customers is not None:
            raise BadQuestion("Customers belong to a person, not to a group.", hint=role_words.EXAMPLE)
        return await roles.give_group(session, group_id, wanted.role)
    colleague = await interaction.colleague(wanted.who)
    if wanted.customers is not None:
        return await roles.give_customers(session, colleague, unescaped(wanted.customers))
    return await roles.give(session, colleague, wanted.role)


async def _channel(interaction: Interaction) -> Message:
    """Show or change what a channel is shown and takes of a company: the asker's own unless another is named."""
    asked = parse_channel_command(unescaped(interaction.words), here=interaction.channel_id)
    session, settings, look = await interaction.session(), interaction.services.settings, interaction.look
    if asked.shown is None and asked.takes_requests is None:
        return views.channel_class(await settings.channel(session, asked.channel_id, look=look))
    company_pk = await settings.company_named(session, asked.company) if asked.company else None
    if asked.takes_requests is not None:
        look, takes = interaction.look_and_join, asked.takes_requests
        set_requests = settings.set_requests
        return views.access_changed(
            await set_requests(session, asked.channel_id, takes, look=look, company_pk=company_pk)
        )
    assert asked.shown is not None  # noqa: S101 - one of the two was asked for
    return views.access_changed(
        await settings.set_channel(session, asked.channel_id, asked.shown, look=look, company_pk=company_pk)
    )


async def _settings(interaction: Interaction) -> Message:
    if not interaction.words:
        return views.workspace_settings(await interaction.services.settings.chosen(await interaction.session()))
    return views.access_changed(
        await interaction.services.settings.change((await interaction.session()), unescaped(interaction.words))
    )


WORDS: dict[str, Handle] = {"roles": _roles, "channel": _channel, "settings": _settings}
