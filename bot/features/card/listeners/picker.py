"""The shortcut “Look up a customer”, and the options of every customer menu."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.features.card.views import picker as views
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.views.blocks import View
from bot.slack.views.modal import waiting


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the shortcut, its menu, and the options of both kinds of menu."""
    app.global_shortcut(views.SHORTCUT)(answered(begin))
    app.action(views.PICK)(answered(picked))
    app.options(views.PICK)(answered(by_id))
    app.options(views.NAMED)(answered(by_reference))


async def begin(interaction: Interaction) -> None:
    """Open the modal with the customer menu. Shows a refusal to users who may not look customers up."""

    async def fill() -> View:
        await interaction.services.type_ahead.may_begin(await interaction.session())
        return views.look_up()

    await interaction.open_filled(waiting(), fill)


@for_anybody
async def by_id(interaction: Interaction) -> None:
    """Send the options for a menu whose values are customer ids."""
    own, *others = await interaction.services.type_ahead.suggest_in_all(interaction.session, interaction.value)
    options = views.options(own.names, by_reference=False)
    if not others:
        return await interaction.ack(options=options)
    answering = (await interaction.session()).answering
    name = answering.company.company_name if answering is not None else ""
    groups = [views.group(name, options)] if options else []
    groups += [views.group(each.company_name, views.options_of(each.company_key, each.names)) for each in others]
    return await interaction.ack(option_groups=groups)


@for_anybody
async def by_reference(interaction: Interaction) -> None:
    """Send the options for a form's menu, whose values are references."""
    found = await interaction.services.type_ahead.suggest(interaction.session, interaction.value)
    await interaction.ack(options=views.options(found, by_reference=True))


async def picked(interaction: Interaction) -> None:
    """Show the chosen customer's card below the menu."""

    async def fill() -> View:
        company_key, customer_id = views.picked_customer(interaction.payload)
        if not customer_id:
            return views.look_up(views.nothing())
        session = await interaction.session_in(company_key)
        card = await interaction.services.customers.by_id(session, customer_id)
        return views.look_up(views.card_blocks(await interaction.services.account_detail.whole(session, card)))

    await interaction.fill(fill, refused=views.look_up)
