"""The commands, buttons and modal of a user's own connection to Sage."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.domain.parsing import whole_number
from bot.errors import BadQuestion, ConnectError
from bot.features.connections.views import connect as views
from bot.slack.interaction import Handle, Interaction, user_named
from bot.slack.listener_frame import Listener
from bot.slack.views.blocks import View
from bot.slack.views.help import sage_help
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the modal; the typed words are in `WORDS`."""
    app.action(views.CONNECT)(answered(connect))
    app.action(views.OPEN_LINK)(answered(link_opened))
    app.action(views.ENTER_CODE)(answered(enter_code))
    app.view(views.CODE_MODAL)(answered(code_typed))
    app.action(views.PICK_COMPANY)(answered(pick_company))


async def connect(interaction: Interaction) -> None:
    """Reply with a new connect link."""
    await interaction.reply(await _connect(interaction))


async def link_opened(interaction: Interaction) -> None:
    """Do nothing: Slack reports the click on a link button, and the browser does the rest."""


async def enter_code(interaction: Interaction) -> None:
    """Open the modal for the code."""
    await interaction.open(views.code_modal())


async def code_typed(interaction: Interaction) -> None:
    """Verify the code from the modal; a wrong code is an error below its field."""
    code = views.typed_code(interaction.payload)
    # Only our own database is asked before the ack, which has to come within three seconds.
    try:
        await interaction.services.verification.check_code(
            workspace_id=interaction.workspace_id, user_id=interaction.user_id, code=code, now=interaction.now
        )
    except ConnectError as error:
        await interaction.ack(response_action="errors", errors={views.CODE_BLOCK: error.message})
        return
    await interaction.ack()
    await interaction.reply(await _verify(interaction.after(code)))
    await interaction.home.if_seen()


async def pick_company(interaction: Interaction) -> None:
    """Use the company chosen in the menu, in a message or in the modal."""
    edition, site_id, company_id = views.company_key(interaction.selected)
    named = {"edition": edition, "site_id": site_id, "company_id": company_id}

    async def chosen() -> Message:
        session = await interaction.session()
        return views.company_chosen(await interaction.services.connections.choose_by_key(session, **named))

    async def fill() -> View:
        return message_modal(await chosen(), title=views.COMPANY_TITLE)

    if "view" in interaction.body:
        await interaction.fill(fill)
    else:
        await interaction.reply(await chosen(), in_place=True)
    await interaction.home.if_seen()


async def _connect(interaction: Interaction) -> Message:
    session = await interaction.session()
    return views.link(await interaction.services.connect_links.offer(session))


async def _verify(interaction: Interaction) -> Message:
    session = await interaction.session()
    verified = await interaction.services.verification.verify(session, interaction.words)
    companies = await interaction.services.connections.companies(await interaction.fresh_session())
    return views.sign_in_connected(companies, answers_again=verified.answers_again)


async def _company(interaction: Interaction) -> Message:
    session = await interaction.session()
    if not interaction.words:
        return views.company_picker(await interaction.services.connections.companies(session))
    number = whole_number(interaction.words, digits=5)
    if number is None:
        raise BadQuestion("Type the number beside the company, as in `/sage company 2`.")
    return views.company_chosen(await interaction.services.connections.choose(session, number=number))


async def _status(interaction: Interaction) -> Message:
    session = await interaction.session()
    return views.connection_status(await interaction.services.connections.status(session))


async def _disconnect(interaction: Interaction) -> Message:
    session = await interaction.session()
    await interaction.services.connections.disconnect(session)
    return views.sign_in_disconnected()


async def _hand_over(interaction: Interaction) -> Message:
    session = await interaction.session()
    successor = session.user_id if interaction.words.strip().lower() == "me" else user_named(interaction.words)
    if successor is None:
        raise BadQuestion("Name a person, as in `/sage handover @Ben`, or say `/sage handover me`.")
    return views.handed_over(await interaction.services.workspace_connections.hand_over(session, to=successor))


async def _help(interaction: Interaction) -> Message:
    session = await interaction.anybodys_session()
    return sage_help(session.permissions)


WORDS: dict[str, Handle] = {
    "": _help,
    "help": _help,
    "connect": _connect,
    "verify": _verify,
    "company": _company,
    "status": _status,
    "disconnect": _disconnect,
    "handover": _hand_over,
}
