"""Connecting: the link, the code, the company picker, the state of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ButtonElement,
    InputBlock,
    InteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.domain.company import Company, Edition
from bot.errors import NoCompanies
from bot.features.connections.model import Companies, ConnectionStatus, ConnectLinkOffer
from bot.features.connections.views.status import hint_of, sign_in_state
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, plain, user_mention

CONNECT = "connect.start"
OPEN_LINK = "connect.open_link"
ENTER_CODE = "connect.enter_code"
CODE_MODAL = "connect.code"
CODE_BLOCK, CODE_INPUT = "code", "typed"
PICK_COMPANY = "company.pick"
CHANGE_COMPANY = "company.change"
COMPANY_TITLE = "Your company"
# Slack would take 100 options, but refuses messages of about 13,200 characters in all (bolt-js issue 2509).
_MOST_OPTIONS = 25
_LONGEST_LIST = 2_000

_EDITIONS = {Edition.STANDARD: "Standard", Edition.PROFESSIONAL: "Professional"}


def connect_button(text: str = "Connect Sage 200") -> ButtonElement:
    """Asks for a fresh link."""
    return ButtonElement(text=text, action_id=CONNECT, style="primary")


def link(offer: ConnectLinkOffer) -> Message:
    """The person's own link. It is theirs alone, so it is only ever sent to them privately."""
    opening = (
        "*Connect your Sage ID.* This link is for you alone, works once, and lasts ten minutes. You sign in at "
        "Sage ID; I never see your password, and everything I read in Sage 200 uses your own Sage permissions."
    )
    then = "Afterwards the page shows a short code: type it here with `/sage verify CODE`."
    rows: list[InteractiveElement] = [
        ButtonElement(text="Continue to Sage ID", url=offer.url, action_id=OPEN_LINK, style="primary"),
        ButtonElement(text="Enter the code", action_id=ENTER_CODE),
    ]
    return Message(
        joined(
            [
                opening,
                workspace_connection_note(becomes_workspace_connection=offer.becomes_workspace_connection),
                then,
                f"<{offer.url}|Continue to Sage ID>",
            ]
        ),
        (
            section(
                joined(
                    [
                        opening,
                        workspace_connection_note(becomes_workspace_connection=offer.becomes_workspace_connection),
                    ]
                )
            ),
            buttons(*rows),
            aside(then),
        ),
    )


def link_modal(offer: ConnectLinkOffer) -> View:
    """The same where there is no message to send: the link and, below it, where the code is typed."""
    opening = (
        "*Connect your Sage ID.* This link is for you alone, works once, and lasts ten minutes. Sign in there; the "
        "page then shows a short code for the field below."
    )
    form = code_modal()
    press = ButtonElement(text="Continue to Sage ID", url=offer.url, action_id=OPEN_LINK, style="primary")
    form.blocks = [
        section(
            joined(
                [opening, workspace_connection_note(becomes_workspace_connection=offer.becomes_workspace_connection)]
            )
        ),
        buttons(press),
        *(form.blocks or []),
    ]
    return form


def workspace_connection_note(*, becomes_workspace_connection: bool) -> str:
    """Said before anything is connected: what being first brings."""
    if not becomes_workspace_connection:
        return ""
    return (
        "You are the first here, so your connection will also be this *workspace's own* (it keeps the data fresh and "
        "answers the colleagues you name), and you become the app's first admin."
    )


def code_modal() -> View:
    """Where the code is typed."""
    return View(
        type="modal",
        callback_id=CODE_MODAL,
        title=PlainTextObject(text="Connect Sage 200"),
        submit=PlainTextObject(text="Connect"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            InputBlock(
                block_id=CODE_BLOCK,
                label=PlainTextObject(text="The code shown after you signed in"),
                hint=PlainTextObject(text="Six letters and digits, like ABC-234. It lasts ten minutes."),
                element=PlainTextInputElement(action_id=CODE_INPUT, min_length=6, max_length=20),
            )
        ],
    )


def sign_in_connected(companies: Companies, *, founded: bool) -> Message:
    """What follows the code: the company in use, or the choice to make."""
    crown = "Your connection is now the workspace's own, and you are the app's first admin." if founded else ""
    if companies.chosen is None:
        return company_picker(companies, opening=joined(["*Your Sage ID is connected.*", crown]))
    name = escaped(companies.chosen.company_name)
    text = joined([f"*Connected to {name}.* Try `/customer` with a reference, a name or a postcode.", crown])
    return note(text)


def company_picker(companies: Companies, *, opening: str = "") -> Message:
    """Companies by number, for typing, and as a menu."""
    lines = [_line(number, company, companies.chosen) for number, company in enumerate(companies.offered, start=1)]
    if not lines:
        return note(joined([opening, NoCompanies().message, NoCompanies.hint]))
    if len(lines) == 1:
        return note(joined([opening, "Your Sage ID opens one company:", *lines]))
    question = joined([opening, f"Your Sage ID opens {len(lines)} companies. Which one do you want answers from?"])
    advice = "Pick one below, or type `/sage company` and its number."
    menu = StaticSelectElement(
        action_id=PICK_COMPANY,
        placeholder=PlainTextObject(text="Pick a company"),
        options=[_option(number, each) for number, each in enumerate(companies.offered[:_MOST_OPTIONS], start=1)],
    )
    return Message(
        joined([question, _cut(lines), advice]),
        (section(joined([question, _listed(lines), advice])), buttons(menu)),
    )


def _listed(lines: Sequence[str]) -> str:
    """All of them, or only those that the menu can't hold: it shows the numbers of the others."""
    whole = joined(lines)
    return whole if len(whole) <= _LONGEST_LIST else _cut(lines[_MOST_OPTIONS:])


def _cut(lines: Sequence[str]) -> str:
    """As many as there is room for, and how many that leaves out."""
    kept = joined(lines, most=_LONGEST_LIST)
    left_out = len(lines) - len(kept.splitlines())
    return joined([kept, f"… and {left_out} more" if left_out else ""])


def company_chosen(company: Company) -> Message:
    """Confirms the choice."""
    name = escaped(company.company_name)
    return note(
        f"*Using {name}* ({escaped(company.site_name)}). Try `/customer` with a reference, a name or a postcode."
    )


def connection_status(stands: ConnectionStatus) -> Message:
    """`/sage status`: state, since when, company, and the mend; then how the workspace's own sign-in does."""
    text, hint = sign_in_state(stands), hint_of(stands)
    return note(text, buttons(connect_button(hint))) if hint else note(text)


def handed_over(user_id: str) -> Message:
    """Confirms who answers for the workspace now."""
    return note(f"*{user_mention(user_id)}'s Sage sign-in now answers for this workspace.* They have been told.")


def sign_in_disconnected() -> Message:
    """Confirms that nothing is left."""
    return note(
        "*Disconnected.* Your Sage tokens are erased here, and cancelled at Sage ID as far as it allows. "
        "`/sage connect` starts again at any time."
    )


def welcome(name: str) -> Message:
    """The one message the installer gets."""
    place = escaped(name) or "your workspace"
    text = (
        f"*Sage 200 is installed in {place}.* I answer customer balance and on-hold questions from Sage 200, "
        "privately, and I only read what you write to me.\n*1.* Connect your Sage ID  *2.* Pick the company  "
        "*3.* Ask: `/customer ABS001`"
    )
    return note(text, buttons(connect_button()), aside("Figures are never posted to a channel."))


def _line(number: int, company: Company, chosen: Company | None) -> str:
    mark = " ← in use" if chosen is not None and chosen.key == company.key else ""
    return f"`{number}` {escaped(company.company_name, most=60)} · {escaped(_where(company), most=60)}{mark}"


def _where(company: Company) -> str:
    return " · ".join(part for part in (company.site_name, _EDITIONS[company.edition]) if part)


def _option(number: int, company: Company) -> Option:
    return Option(
        text=PlainTextObject(text=f"{number} · {plain(company.company_name, most=45) or '(no name)'}", emoji=False),
        description=PlainTextObject(text=plain(_where(company), most=40), emoji=False),
        value=f"{company.edition.value}|{company.site_id}|{company.company_id}",
    )


def company_key(value: str) -> tuple[str, str, str]:
    """The three names in a menu's value; blanks when it is not one of ours."""
    edition, _, rest = value.partition("|")
    site_id, _, company_id = rest.partition("|")
    return edition, site_id, company_id


def typed_code(view: Mapping[str, Any]) -> str:
    """The code out of the modal's state; blank when the state is not ours."""
    values = (view.get("state") or {}).get("values") or {}
    field = (values.get(CODE_BLOCK) or {}).get(CODE_INPUT) or {}
    return str(field.get("value") or "")
