"""The Home tab's buttons and forms: each asks a service that looks afresh whether they may, and Home is shown anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Action
from bot.features.admin import views as access
from bot.features.connections.views import connect
from bot.features.home.interaction import Act, Form, Pressed, Submit, acting, filling, opening, submitted_to
from bot.features.home.publisher import HomePublisher
from bot.features.home.views import admin as home_admin
from bot.features.home.views import forms as home_forms
from bot.features.home.views import home
from bot.features.home.views import own as home_own
from bot.features.subscriptions.views import form as subscription_form
from bot.features.subscriptions.views import list as subscriptions
from bot.services import Services
from bot.slack.channels import looking
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.views.message import Message, joined, note
from bot.slack.views.modal import told

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The tab being opened is told to the conversation's listener, which passes it on."""
    app.action(home.REFRESH)(answered(refresh))
    for button, form in _FORMS.items():
        app.action(button)(answered(opening(form)))
    for button, form in _FROM_SAGE.items():
        app.action(button)(answered(filling(form)))
    app.action(home_own.own_part_pressed(home_own.EDIT))(answered(edit_from_home))
    for act, do in _ACTS.items():
        app.action(home_own.own_part_pressed(act))(answered(acting(do)))
    for callback_id, (field, submit) in _SUBMITS.items():
        app.view(callback_id)(answered(submitted_to(field, submit)))


async def refresh(ack: AsyncAck, reply: Reply, show_home: HomePublisher) -> None:
    """The Refresh button."""
    await ack()
    await show_home()


async def edit_from_home(
    ack: AsyncAck,
    reply: Reply,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    client: AsyncWebClient,
    show_home: HomePublisher,
) -> None:
    """The Edit button of a subscription: its form, filled in."""
    await ack()

    async def opened() -> None:
        kept = await services.subscriptions.one(await introduce(), subscriptions.numbers_of(action)[0])
        await client.views_open(trigger_id=body["trigger_id"], view=subscription_form.subscription_form(kept))

    await show_home.unless_refused(opened())


async def _link(pressed: Pressed) -> View:
    return connect.link_modal(await pressed.services.connect_links.offer(pressed.asker, now=pressed.now))


async def _subscription(pressed: Pressed) -> View:
    await pressed.services.subscriptions.may_begin(pressed.asker)
    return subscription_form.subscription_form()


async def _role_form(pressed: Pressed) -> View:
    return home_forms.role_form(await pressed.services.roles.groups(pressed.asker))


async def _customers_form(pressed: Pressed) -> View:
    return home_forms.customers_form(await pressed.services.roles.labels(pressed.asker))


async def _company_menu(pressed: Pressed) -> View:
    companies = await pressed.services.connections.companies(pressed.asker, now=pressed.now)
    return told(connect.company_picker(companies), title=connect.COMPANY_TITLE)


async def _channel_form(pressed: Pressed) -> View:
    await pressed.services.access.require(pressed.asker, Action.SETTINGS)
    return home_forms.channel_form()


async def _settings_form(pressed: Pressed) -> View:
    return home_forms.settings_form((await pressed.services.settings.chosen(pressed.asker)).policy)


async def _hand_over_form(pressed: Pressed) -> View:
    await pressed.services.access.require(pressed.asker, Action.SETTINGS)
    return home_forms.hand_over_form()


_FORMS: dict[str, Form] = {
    home.CONNECT: _link,
    home_own.SUBSCRIBE: _subscription,
    home_admin.ROLES: _role_form,
    home_admin.CHANNELS: _channel_form,
    home_admin.SETTING: _settings_form,
    home_admin.HAND_OVER: _hand_over_form,
}
_FROM_SAGE: dict[str, Form] = {home_admin.CUSTOMERS: _customers_form, connect.CHANGE_COMPANY: _company_menu}


async def _pause(pressed: Pressed, number: int) -> Message:
    return subscriptions.subscription_changed(
        await pressed.services.subscriptions.pause(pressed.asker, number, now=pressed.now)
    )


async def _resume(pressed: Pressed, number: int) -> Message:
    return subscriptions.subscription_changed(
        await pressed.services.subscriptions.resume(pressed.asker, number, now=pressed.now)
    )


async def _delete(pressed: Pressed, number: int) -> Message:
    gone = await pressed.services.subscriptions.remove(pressed.asker, number, now=pressed.now)
    return subscriptions.subscription_removed(gone, at=pressed.now)


_ACTS: dict[str, Act] = {home_own.PAUSE: _pause, home_own.RESUME: _resume, home_own.DELETE: _delete}


async def _give_role(pressed: Pressed, view: dict[str, Any]) -> Message:
    asked, roles = home_forms.role_chosen(view), pressed.services.roles
    if asked is None or bool(asked[0]) is bool(asked[1]):
        raise BadQuestion("Pick either a person or a user group.", hint="")
    user_id, group_id, role = asked
    if group_id:
        return access.access_changed(await roles.give_group(pressed.asker, group_id, role, now=pressed.now))
    colleague = await pressed.colleague(user_id)
    return access.access_changed(await roles.give(pressed.asker, colleague, role, now=pressed.now))


async def _give_customers(pressed: Pressed, view: dict[str, Any]) -> Message:
    user_id, words = home_forms.customers_chosen(view)
    if not user_id:
        raise BadQuestion("Pick a person.", hint="")
    colleague = await pressed.colleague(user_id)
    given = await pressed.services.roles.give_customers(pressed.asker, colleague, words, now=pressed.now)
    return access.access_changed(given)


async def _set_channel(pressed: Pressed, view: dict[str, Any]) -> Message:
    asked = home_forms.channel_chosen(view)
    if asked is None:
        raise BadQuestion("Pick a channel.", hint="")
    channel_id, shown = asked
    look = looking(pressed.client)
    done = await pressed.services.settings.set_channel(pressed.asker, channel_id, shown, look=look, now=pressed.now)
    return access.access_changed(done)


async def _set(pressed: Pressed, view: dict[str, Any]) -> Message:
    words = home_forms.settings_changed(view)
    done = await pressed.services.settings.change_several(pressed.asker, words, now=pressed.now)
    return note(joined([access.access_changed(each).text for each in done]) or "Nothing was changed.")


async def _hand_over(pressed: Pressed, view: dict[str, Any]) -> Message:
    to = home_forms.successor_chosen(view)
    return connect.handed_over(
        await pressed.services.workspace_connections.hand_over(pressed.asker, to=to, now=pressed.now)
    )


_SUBMITS: dict[str, tuple[str, Submit]] = {
    home_forms.ROLE: (home_forms.PERSON, _give_role),
    home_forms.CUSTOMERS: (home_forms.CODES, _give_customers),
    home_forms.CHANNEL: (home_forms.PLACE, _set_channel),
    home_forms.SETTING: (home_forms.FIRST_SETTING, _set),
    home_forms.HAND_OVER: (home_forms.SUCCESSOR, _hand_over),
}
