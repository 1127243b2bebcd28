"""The buttons and forms of the Home tab. Each asks a service, which authorizes again, and republishes Home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion, BotError, FieldsRefused
from bot.features.access.model.authorization import Action
from bot.features.admin import views as access
from bot.features.assistant.views import feedback
from bot.features.card.listeners import picker
from bot.features.connections.listeners import offer_handover
from bot.features.connections.views import connect
from bot.features.home.views import admin as home_admin
from bot.features.home.views import forms as home_forms
from bot.features.home.views import home
from bot.features.home.views import own as home_own
from bot.features.subscriptions.views import form as subscription_form
from bot.features.subscriptions.views import list as subscriptions
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.views.blocks import View
from bot.slack.views.errors import explain
from bot.slack.views.fields import beside
from bot.slack.views.message import Message, joined, note
from bot.slack.views.modal import message_modal, waiting


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and forms. The opened tab itself is an event of the assistant's listeners."""
    app.action(home.REFRESH)(answered(refresh))
    app.action(home.LOOK_UP)(answered(picker.begin))
    for button, form in _FORMS.items():
        app.action(button)(answered(opening(form)))
    for button, form in _FROM_SAGE.items():
        app.action(button)(answered(filling(form)))
    app.action(home_own.own_part_pressed(home_own.EDIT))(answered(edit_from_home))
    for act, do in _ACTS.items():
        app.action(home_own.own_part_pressed(act))(answered(acting(do)))
    for callback_id, (field, submit) in _SUBMITS.items():
        app.view(callback_id)(answered(submitted_to(field, submit)))


Form = Callable[[Interaction], Awaitable[View]]
Act = Callable[[Interaction, int], Awaitable[Message | None]]
Submit = Callable[[Interaction, Mapping[str, Any]], Awaitable[Message]]


def opening(form: Form) -> Listener:
    """Return the listener of a button that opens a form. A refusal republishes Home with the reason."""

    @for_anybody
    async def open_home_form(interaction: Interaction) -> None:
        async def shown() -> None:
            await interaction.open(await form(interaction))

        await interaction.home.unless_refused(shown())

    return open_home_form


def filling(form: Form) -> Listener:
    """Like `opening`, for forms that need a Sage call.

    Opens a "please wait" modal first (trigger_ids expire in 3 s), then fills it, then republishes Home.
    """

    async def fill_home_form(interaction: Interaction) -> None:
        async def fill() -> View:
            return await form(interaction)

        await interaction.home.unless_refused(interaction.open_filled(waiting(), fill))
        await interaction.home.if_seen()

    return fill_home_form


def acting(act: Act) -> Listener:
    """Return the listener of a button of a numbered subscription. Home then shows the result."""

    @for_anybody
    async def press_home(interaction: Interaction) -> None:
        await interaction.home.after(act(interaction, subscriptions.numbers_of(interaction.payload)[0]))

    return press_home


def submitted_to(field: str, submit: Submit) -> Listener:
    """Return the listener of a form. Errors appear below their field, or below `field`."""
    # A refusal also republishes Home, without what the user may see no more.

    @for_anybody
    async def submit_home_form(interaction: Interaction) -> None:
        try:
            done = await submit(interaction, interaction.payload)
        except FieldsRefused as error:
            wrong = {name: explain(each).text for name, each in error.fields.items()}
            await interaction.ack(response_action="errors", errors=beside(wrong))
        except BotError as error:
            await interaction.ack(response_action="errors", errors=beside({field: explain(error).text}))
            await interaction.home()
        else:
            await interaction.ack()
            await interaction.home(done.text)

    return submit_home_form


@for_anybody
async def refresh(interaction: Interaction) -> None:
    """Republish Home."""
    await interaction.home()


@for_anybody
async def edit_from_home(interaction: Interaction) -> None:
    """Open the form of a subscription, filled in."""

    async def opened() -> None:
        session = await interaction.session()
        found = await interaction.services.subscriptions.one(session, subscriptions.numbers_of(interaction.payload)[0])
        examples = await interaction.services.examples.of(session)
        await interaction.open(subscription_form.subscription_form(found, examples=examples))

    await interaction.home.unless_refused(opened())


async def _link(interaction: Interaction) -> View:
    session = await interaction.session()
    await interaction.services.connections.require_sign_in_due(session)
    return connect.link_modal(await interaction.services.connect_links.offer(session))


async def _subscription(interaction: Interaction) -> View:
    session = await interaction.session()
    await interaction.services.subscriptions.may_begin(session)
    return subscription_form.subscription_form(examples=await interaction.services.examples.of(session))


async def _role_form(interaction: Interaction) -> View:
    return home_forms.role_form(await interaction.services.roles.groups(await interaction.session()))


async def _customers_form(interaction: Interaction) -> View:
    session = await interaction.session()
    labels = await interaction.services.roles.labels(session)
    return home_forms.customers_form(labels, await interaction.services.examples.of(session))


async def _company_menu(interaction: Interaction) -> View:
    companies = await interaction.services.connections.companies(await interaction.session())
    return message_modal(connect.company_picker(companies), title=connect.COMPANY_TITLE)


async def _channel_form(interaction: Interaction) -> View:
    return home_forms.channel_form(await interaction.services.settings.companies(await interaction.session()))


async def _settings_form(interaction: Interaction) -> View:
    return home_forms.settings_form((await interaction.services.settings.chosen(await interaction.session())).policy)


async def _answer_report(interaction: Interaction) -> View:
    found = await interaction.services.answer_counts.report(await interaction.session())
    return message_modal(feedback.answer_report(found), title="Questions")


async def _hand_over_form(interaction: Interaction) -> View:
    (await interaction.session()).require(Action.SETTINGS)
    return home_forms.hand_over_form()


_FORMS: dict[str, Form] = {
    home.CONNECT: _link,
    home_own.SUBSCRIBE: _subscription,
    home_admin.ROLES: _role_form,
    home_admin.CHANNELS: _channel_form,
    home_admin.SETTING: _settings_form,
    home_admin.HAND_OVER: _hand_over_form,
    home_admin.QUESTIONS: _answer_report,
}
_FROM_SAGE: dict[str, Form] = {home_admin.CUSTOMERS: _customers_form, connect.CHANGE_COMPANY: _company_menu}


async def _pause(interaction: Interaction, number: int) -> Message:
    return subscriptions.subscription_changed(
        await interaction.services.subscriptions.pause(await interaction.session(), number)
    )


async def _resume(interaction: Interaction, number: int) -> Message:
    return subscriptions.subscription_changed(
        await interaction.services.subscriptions.resume(await interaction.session(), number)
    )


async def _delete(interaction: Interaction, number: int) -> Message:
    gone = await interaction.services.subscriptions.remove(await interaction.session(), number)
    return subscriptions.subscription_removed(gone, at=interaction.now)


_ACTS: dict[str, Act] = {home_own.PAUSE: _pause, home_own.RESUME: _resume, home_own.DELETE: _delete}


async def _give_role(interaction: Interaction, view: Mapping[str, Any]) -> Message:
    asked, roles = home_forms.role_chosen(view), interaction.services.roles
    if asked is None or bool(asked[0]) is bool(asked[1]):
        raise BadQuestion("Pick either a person or a user group.", hint="")
    user_id, group_id, role = asked
    if group_id:
        return access.access_changed(await roles.give_group(await interaction.session(), group_id, role))
    session, colleague = await interaction.session(), await interaction.colleague(user_id)
    return access.access_changed(
        await roles.give(session, colleague, role), examples=await interaction.services.examples.of(session)
    )


async def _give_customers(interaction: Interaction, view: Mapping[str, Any]) -> Message:
    user_id, words = home_forms.customers_chosen(view)
    if not user_id:
        raise BadQuestion("Pick a person.", hint="")
    colleague = await interaction.colleague(user_id)
    given = await interaction.services.roles.give_customers(await interaction.session(), colleague, words)
    return access.access_changed(given)


async def _set_channel(interaction: Interaction, view: Mapping[str, Any]) -> Message:
    asked = home_forms.channel_chosen(view)
    if asked is None:
        raise BadQuestion("Pick a channel.", hint="")
    channel_id, shown, company_pk = asked
    session, look = await interaction.session(), interaction.look
    settings, takes = interaction.services.settings, home_forms.requests_chosen(view)
    done = await settings.set_channel(session, channel_id, shown, look=look, company_pk=company_pk)
    if takes is None:
        return access.access_changed(done)
    joins = interaction.look_and_join
    more = await settings.set_requests(session, channel_id, takes, look=joins, company_pk=company_pk)
    said = [access.access_changed(each) for each in (done, more)]
    return Message(joined([each.text for each in said]), tuple(block for each in said for block in each.blocks))


async def _set(interaction: Interaction, view: Mapping[str, Any]) -> Message:
    words = home_forms.settings_changed(view)
    done = await interaction.services.settings.change_several(await interaction.session(), words)
    return note(joined([access.access_changed(each).text for each in done]) or "Nothing was changed.")


async def _hand_over(interaction: Interaction, view: Mapping[str, Any]) -> Message:
    to = home_forms.successor_chosen(view)
    return await offer_handover(interaction, to)


_SUBMITS: dict[str, tuple[str, Submit]] = {
    home_forms.ROLE: (home_forms.PERSON, _give_role),
    home_forms.CUSTOMERS: (home_forms.CODES, _give_customers),
    home_forms.CHANNEL: (home_forms.PLACE, _set_channel),
    home_forms.SETTING: (home_forms.FIRST_SETTING, _set),
    home_forms.HAND_OVER: (home_forms.SUCCESSOR, _hand_over),
}
