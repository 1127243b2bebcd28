"""Connecting as messages and modals: the link, the code, the company picker, the state of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.command_names import CUSTOMER
from bot.domain.company import Company, Edition
from bot.errors import NoCompanies
from bot.features.connections.model import Companies, CompanyChosen, ConnectionStatus, ConnectLinkOffer
from bot.features.connections.views.status import hint_of, sign_in_state
from bot.slack.views.blocks import (
    Block,
    Element,
    Option,
    View,
    button_element,
    input_block,
    modal_view,
    option_object,
    plain_text_input,
    static_select,
)
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, plain, words

CONNECT = "connect.start"
OPEN_LINK = "connect.open_link"
ENTER_CODE = "connect.enter_code"
_CONNECTING = {CONNECT, OPEN_LINK, ENTER_CODE}
CODE_MODAL = "connect.code"
CODE_BLOCK, CODE_INPUT = "code", "typed"
PICK_COMPANY = "company.pick"
CHANGE_COMPANY = "company.change"
COMPANY_TITLE = "Your company"
# Slack would take 100 options, but refuses messages of about 13,200 characters in all (bolt-js issue 2509).
_MOST_OPTIONS = 25
_LONGEST_LIST = 2_000

_FOUNDED = "Your sign-in is now the one this workspace uses, and you are the app's first admin."
_EDITIONS = {Edition.STANDARD: "Standard", Edition.PROFESSIONAL: "Professional"}


def connect_button(text: str = "Connect Sage 200") -> Element:
    """Return the button that asks for a new link."""
    return button_element(text, CONNECT, style="primary")


def link_line(offer: ConnectLinkOffer | None) -> str:
    """Return the user's link for a message's text; empty without one."""
    return f"<{offer.url}|Continue to Sage ID>" if offer is not None else ""


def link_buttons(offer: ConnectLinkOffer | None) -> Block:
    """Return the user's link as a button, the way to type its code, and the way to a new link; or the last alone."""
    # A link can't wait for its reader: it lasts ten minutes, so that an old message opens nobody's Sage. The button
    # beside it makes a new one whenever the message is read.
    if offer is None:
        return buttons(connect_button())
    return buttons(
        button_element("Continue to Sage ID", OPEN_LINK, url=offer.url, style="primary"),
        button_element("Enter the code", ENTER_CODE),
        button_element("New link", CONNECT),
    )


def without_connecting(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks of a message without the buttons that connect, nor what is said of their link."""
    made: list[Block] = []
    for block in blocks:
        if block.get("type") != "actions":
            made.append(block)
            continue
        kept = [each for each in block.get("elements", []) if each.get("action_id") not in _CONNECTING]
        made += [{**block, "elements": kept}] if kept else []
    return tuple(made)


LINK_LASTS = "This link is for you alone, works once and lasts ten minutes; press *New link* for another."


def link(offer: ConnectLinkOffer) -> Message:
    """Return the user's link. It is personal, so it may only be sent in private."""
    opening = (
        "*Connect your Sage ID.* This link is for you alone, works once, and lasts ten minutes. You sign in at "
        "Sage ID: the app never sees your password, and your own Sage permissions decide what you see and do."
    )
    then = "Afterwards the page shows a short code: type it here with `/sage verify CODE`."
    rows = [
        button_element("Continue to Sage ID", OPEN_LINK, url=offer.url, style="primary"),
        button_element("Enter the code", ENTER_CODE),
    ]
    return Message(
        joined(
            [
                opening,
                workspace_connection_note(
                    becomes_workspace_connection=offer.becomes_workspace_connection, answers_again=offer.answers_again
                ),
                then,
                f"<{offer.url}|Continue to Sage ID>",
            ]
        ),
        (
            section(
                joined(
                    [
                        opening,
                        workspace_connection_note(
                            becomes_workspace_connection=offer.becomes_workspace_connection,
                            answers_again=offer.answers_again,
                        ),
                    ]
                )
            ),
            buttons(*rows),
            aside(then),
        ),
    )


def link_modal(offer: ConnectLinkOffer, *, why: str = "") -> View:
    """Return the link and the field for its code as one modal; `why` is what the sign-in is needed for."""
    opening = (
        "*Connect your Sage ID.* This link is for you alone, works once, and lasts ten minutes. Sign in there; the "
        "page then shows a short code for the field below."
    )
    form = code_modal()
    press = button_element("Continue to Sage ID", OPEN_LINK, url=offer.url, style="primary")
    blocks = [
        section(
            joined(
                [
                    words(why),
                    opening,
                    workspace_connection_note(
                        becomes_workspace_connection=offer.becomes_workspace_connection,
                        answers_again=offer.answers_again,
                    ),
                ]
            )
        ),
        buttons(press),
        *form["blocks"],
    ]
    return {**form, "blocks": blocks}


def workspace_connection_note(*, becomes_workspace_connection: bool, answers_again: bool = False) -> str:
    """Return what connecting does for the whole workspace; empty if it does nothing."""
    if becomes_workspace_connection:
        return (
            "You are the first here: once your Sage ID has opened a company, your sign-in is "
            "also used for alerts and for colleagues you give access to, and you become the "
            "app's first admin."
        )
    if answers_again:
        return (
            "Your sign-in is the one this workspace uses: signing in makes alerts and answers for colleagues work "
            "again."
        )
    return ""


def code_modal() -> View:
    """Return the modal for the code."""
    return modal_view(
        [
            input_block(
                CODE_BLOCK,
                "The code shown after you signed in",
                plain_text_input(CODE_INPUT, min_length=6, max_length=20),
                hint="Six letters and digits, such as ABC-234. It lasts ten minutes.",
            )
        ],
        title="Connect Sage 200",
        close="Cancel",
        submit="Connect",
        callback_id=CODE_MODAL,
    )


def sign_in_connected(companies: Companies, *, answers_again: bool = False) -> Message:
    """Return what follows the code: the company in use, or the choice of one."""
    again = "Alerts and answers for colleagues work again." if answers_again else ""
    if companies.chosen is None or companies.founds:
        return company_picker(companies, opening=joined(["*Your Sage ID is connected.*", again]))
    name = escaped(companies.chosen.company_name)
    lines = [f"*Connected to {name}.* Try `{CUSTOMER}` with a reference, a name or a postcode.", again]
    return note(joined([*lines, _FOUNDED if companies.founded else ""]))


def company_picker(companies: Companies, *, opening: str = "") -> Message:
    """Return the companies by number, for typing, and as a menu."""
    lines = [_line(number, company, companies.chosen) for number, company in enumerate(companies.offered, start=1)]
    if not lines:
        return note(joined([opening, NoCompanies().message, NoCompanies.hint]))
    if len(lines) == 1:
        founded = _FOUNDED if companies.founded else ""
        return note(joined([opening, "Your Sage ID opens one company:", *lines, founded]))
    founds = (
        "Once you pick a company, the whole workspace uses your sign-in, and you become the app's first admin."
        if companies.founds
        else ""
    )
    asks = f"Your Sage ID opens {len(lines)} companies. Which one do you want answers from?"
    question = joined([opening, asks, founds])
    advice = "Pick one below, or type `/sage company` and its number."
    menu = static_select(
        PICK_COMPANY,
        placeholder="Pick a company",
        options=[_option(number, each) for number, each in enumerate(companies.offered[:_MOST_OPTIONS], start=1)],
    )
    return Message(
        joined([question, _cut(lines), advice]),
        (section(joined([question, _listed(lines), advice])), buttons(menu)),
    )


def _listed(lines: Sequence[str]) -> str:
    """Return all lines if they fit; else only those that the menu can't hold, whose own options show the others."""
    whole = joined(lines)
    return whole if len(whole) <= _LONGEST_LIST else _cut(lines[_MOST_OPTIONS:])


def _cut(lines: Sequence[str]) -> str:
    """Return as many lines as fit, and how many are left out."""
    fitting = joined(lines, most=_LONGEST_LIST)
    left_out = len(lines) - len(fitting.splitlines())
    return joined([fitting, f"… and {left_out} more" if left_out else ""])


def company_chosen(chosen: CompanyChosen) -> Message:
    """Return the confirmation of the choice."""
    name, site = escaped(chosen.company.company_name), escaped(chosen.company.site_name)
    using = f"*Using {name}* ({site}). Try `{CUSTOMER}` with a reference, a name or a postcode."
    return note(joined([using, _FOUNDED if chosen.founded else ""]))


def connection_status(status: ConnectionStatus) -> Message:
    """Return `/sage status`: state, since when, company and hint, then the workspace connection."""
    text, hint = sign_in_state(status), hint_of(status)
    return note(text, buttons(connect_button(hint))) if hint else note(text)


def sign_in_disconnected() -> Message:
    """Return the confirmation that the tokens are erased."""
    return note(
        "*Disconnected.* Your Sage sign-in has been deleted from this app. `/sage connect` starts again at any time."
    )


def welcome(name: str) -> Message:
    """Return the one message that the installer gets."""
    place = escaped(name) or "your workspace"
    text = (
        f"*Sage 200 is installed in {place}.* Ask about customers' balances and holds. Only "
        "you see the answers.\n*1.* Connect your Sage ID  *2.* Pick the company  *3.* Ask: "
        f"`{CUSTOMER} ABS001`"
    )
    return note(
        text, buttons(connect_button()), aside("Figures are posted to a channel only if an admin of the app allows it.")
    )


def _line(number: int, company: Company, chosen: Company | None) -> str:
    mark = " ← in use" if chosen is not None and chosen.key == company.key else ""
    return f"`{number}` {escaped(company.company_name, most=60)} · {escaped(_where(company), most=60)}{mark}"


def _where(company: Company) -> str:
    return " · ".join(part for part in (company.site_name, _EDITIONS[company.edition]) if part)


def _option(number: int, company: Company) -> Option:
    return option_object(
        f"{number} · {plain(company.company_name, most=45) or '(no name)'}",
        f"{company.edition.value}|{company.site_id}|{company.company_id}",
        description=plain(_where(company), most=40),
    )


def company_key(value: str) -> tuple[str, str, str]:
    """Return (edition, site id, company id) from a menu's value; blanks if the value is not one of ours."""
    edition, _, rest = value.partition("|")
    site_id, _, company_id = rest.partition("|")
    return edition, site_id, company_id


def typed_code(view: Mapping[str, Any]) -> str:
    """Return the code in the modal's state; empty if the state is not ours."""
    values = (view.get("state") or {}).get("values") or {}
    field = (values.get(CODE_BLOCK) or {}).get(CODE_INPUT) or {}
    return str(field.get("value") or "")
