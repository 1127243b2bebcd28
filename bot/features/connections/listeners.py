"""The commands, buttons and modal of a user's own connection to Sage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slack_bolt.async_app import AsyncApp

from bot.domain.text.parsing import whole_number
from bot.domain.text.slack_ids import user_named
from bot.errors import AlreadyConnected, BadQuestion, ConnectError, NotConnected, ReconnectNeeded, TooLateToOpen
from bot.features.access.model.authorization import Action
from bot.features.assistant.listeners import suggest_anew
from bot.features.connections.views import connect as views
from bot.features.connections.views import succession
from bot.features.delivery.model import DEPUTY_ASKED, HANDOVER_ASKED
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.sending.pressed import pressed_message
from bot.slack.views.blocks import View
from bot.slack.views.help import sage_help
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal

_WITHDRAWS = {"withdraw", "none", "cancel"}


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the modal; the typed words are in `WORDS`."""
    app.action(views.CONNECT)(answered(connect))
    app.action(views.OPEN_LINK)(answered(link_opened))
    app.action(views.ENTER_CODE)(answered(enter_code))
    app.view(views.CODE_MODAL)(answered(code_typed))
    app.action(views.PICK_COMPANY)(answered(pick_company))
    app.action(succession.DISCONNECT_ANYWAY)(answered(disconnect_anyway))
    for button, handle in _PRESSED.items():
        app.action(button)(answered(pressing(handle)))


async def connect(interaction: Interaction) -> None:
    """Open the form with a new connect link and the field for its code; too late for that, reply with the link.

    Raises AlreadyConnected.
    """
    session = await interaction.session()
    try:
        await interaction.services.connections.require_sign_in_due(session)
    except AlreadyConnected:
        await _end_prompt(interaction)
        raise
    offer = await interaction.services.connect_links.offer(session)
    try:
        await interaction.open(views.link_modal(offer))
    except TooLateToOpen:
        await interaction.reply(views.link(offer))


async def _end_prompt(interaction: Interaction) -> None:
    """Take the ways to connect off the pressed message of the user's own conversation; its words stay."""
    pressed, message = pressed_message(interaction.body), interaction.body.get("message") or {}
    blocks = views.without_connecting(message.get("blocks") or [])
    if pressed is not None and blocks:
        await interaction.reply.redraw(pressed, Message(str(message.get("text") or ""), blocks))


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
    await _sign_in_changed(interaction)


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
    await _sign_in_changed(interaction)


async def open_link(interaction: Interaction, why: NotConnected | ReconnectNeeded) -> None:
    """Open the form with a connect link in place of the one that was asked for, and say why."""
    offer = await interaction.services.connect_links.offer(await interaction.session())
    await interaction.open(views.link_modal(offer, why=why.message))


async def push_link(interaction: Interaction, why: NotConnected | ReconnectNeeded) -> None:
    """Answer a submitted form with a connect link on top of the form, which keeps what was filled in."""
    offer = await interaction.services.connect_links.offer(await interaction.session())
    await interaction.ack(response_action="push", view=views.link_modal(offer, why=why.message))


@contextmanager
def repeating(typed: str) -> Iterator[None]:
    """Say what to type again once a missing sign-in is there, so that what was typed is not lost."""
    try:
        yield
    except (NotConnected, ReconnectNeeded) as error:
        error.hint = f"{error.hint} Then type this again: `{typed.replace('`', chr(39))}`"
        raise


async def _connect(interaction: Interaction) -> Message:
    session = await interaction.session()
    return views.link(await interaction.services.connect_links.offer(session))


async def _typed_verify(interaction: Interaction) -> Message | None:
    """Verify the code that was typed; without one, open the form for it, which costs no try."""
    if interaction.words:
        return await _verify(interaction)
    await interaction.session()
    await interaction.open(views.code_modal())
    return None


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
        raise BadQuestion("Type the number beside the company, such as `/sage company 2`.", hint="")
    return views.company_chosen(await interaction.services.connections.choose(session, number=number))


async def _status(interaction: Interaction) -> Message:
    session = await interaction.session()
    return views.connection_status(await interaction.services.connections.status(session))


async def disconnect_anyway(interaction: Interaction) -> None:
    """Disconnect the workspace's own sign-in, as its owner has confirmed."""
    await interaction.reply(await _disconnected(interaction), in_place=True)
    await _sign_in_changed(interaction)


async def _disconnect(interaction: Interaction) -> Message:
    word = interaction.words.strip().casefold()
    if word not in {"", "anyway"}:
        raise BadQuestion("That can't be understood.", typed=interaction.words, hint="Try `/sage disconnect`.")
    rests = await interaction.services.succession.rests_on(await interaction.session())
    if rests is not None and not word:
        return succession.disconnect_asks(rests)
    return await _disconnected(interaction)


async def _disconnected(interaction: Interaction) -> Message:
    session = await interaction.session()
    await interaction.services.connections.disconnect(session)
    await interaction.services.succession.take_over(session.workspace_id, now=interaction.now)
    return views.sign_in_disconnected()


async def _hand_over(interaction: Interaction) -> Message:
    session, word = await interaction.session(), interaction.words.strip().casefold()
    if word == "me":
        return succession.answers_now(await interaction.services.succession.hand_over_to_self(session))
    if word in _WITHDRAWS:
        was_open = await interaction.services.succession.withdraw(session, HANDOVER_ASKED)
        return succession.withdrawn(was_open=was_open)
    return await offer_handover(interaction, interaction.words)


async def offer_handover(interaction: Interaction, mention: str) -> Message:
    """Ask a person to let their sign-in answer for the workspace."""
    session = await interaction.session()
    session.require(Action.SETTINGS)
    if user_named(mention) is None:
        raise BadQuestion("Name a person, such as `/sage handover @Ben`, or type `/sage handover me`.", hint="")
    colleague = await interaction.colleague(mention)
    if colleague.user_id == session.user_id:
        return succession.answers_now(await interaction.services.succession.hand_over_to_self(session))
    await interaction.services.succession.offer(session, colleague, HANDOVER_ASKED)
    return succession.offered(colleague.user_id, what="handover")


async def _deputy(interaction: Interaction) -> Message:
    session, word = await interaction.session(), interaction.words.strip().casefold()
    service = interaction.services.succession
    if not word:
        return succession.deputies(await service.deputies(session))
    if word in {"none", "resign", "remove", "off"}:
        return succession.deputy_ended(was_one=await service.end_deputy(session))
    if word in _WITHDRAWS:
        return succession.withdrawn(was_open=await service.withdraw(session, DEPUTY_ASKED))
    session.require(Action.SETTINGS)
    if user_named(interaction.words) is None:
        raise BadQuestion("Name a person, such as `/sage deputy @Ben`, or type `/sage deputy none`.", hint="")
    colleague = await interaction.colleague(interaction.words)
    await service.offer(session, colleague, DEPUTY_ASKED)
    return succession.offered(colleague.user_id, what="deputy")


async def _accept_handover(interaction: Interaction) -> Message:
    session = await interaction.session()
    return succession.answers_now(await interaction.services.succession.accept(session, HANDOVER_ASKED))


async def _accept_deputy(interaction: Interaction) -> Message:
    session = await interaction.session()
    return succession.deputy_accepted(await interaction.services.succession.accept(session, DEPUTY_ASKED))


async def _refuse_handover(interaction: Interaction) -> Message:
    await interaction.services.succession.refuse(await interaction.session(), HANDOVER_ASKED)
    return succession.refused()


async def _refuse_deputy(interaction: Interaction) -> Message:
    await interaction.services.succession.refuse(await interaction.session(), DEPUTY_ASKED)
    return succession.refused()


async def _claim(interaction: Interaction) -> Message:
    await interaction.services.succession.claim(await interaction.session())
    return succession.claimed()


def pressing(handle: Handle) -> Listener:
    """Return the listener of a button that does what its word does, and answers in its place."""

    async def press(interaction: Interaction) -> None:
        answer = await handle(interaction)
        if answer is not None:
            await interaction.reply(answer, in_place=True)
        await interaction.home.if_seen()

    return press


def _changing(handle: Handle) -> Handle:
    """Return the handler of a word that changes the user's sign-in: what shows that is drawn anew after the answer."""

    async def change(interaction: Interaction) -> None:
        answer = await handle(interaction)
        if answer is not None:
            await interaction.reply(answer)
            await _sign_in_changed(interaction)

    return change


async def _sign_in_changed(interaction: Interaction) -> None:
    """Publish Home and suggest questions anew, for the user's sign-in as it is now."""
    await interaction.home()
    await suggest_anew(interaction)


async def _help(interaction: Interaction) -> Message:
    session = await interaction.anybodys_session()
    examples = await interaction.services.examples.of(session)
    return sage_help(session.permissions, topic=interaction.words, examples=examples)


_PRESSED: dict[str, Handle] = {
    succession.ACCEPT_HANDOVER: _accept_handover,
    succession.REFUSE_HANDOVER: _refuse_handover,
    succession.ACCEPT_DEPUTY: _accept_deputy,
    succession.REFUSE_DEPUTY: _refuse_deputy,
    succession.CLAIM: _claim,
}

WORDS: dict[str, Handle] = {
    "": _help,
    "help": _help,
    "connect": _connect,
    "verify": _changing(_typed_verify),
    "company": _changing(_company),
    "status": _status,
    "disconnect": _changing(_disconnect),
    "handover": _hand_over,
    "accept-handover": _accept_handover,
    "refuse-handover": _refuse_handover,
    "deputy": _deputy,
    "accept-deputy": _accept_deputy,
    "refuse-deputy": _refuse_deputy,
    "claim": _claim,
}
