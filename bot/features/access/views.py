"""Roles as people are told of their own: what one means, what to try, and how to connect."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.command_names import CUSTOMER, named
from bot.domain.filters.filter_examples import DEMO, FilterExamples
from bot.features.access.model.access_request import AccessAsked, AccessRequest
from bot.features.access.model.authorization import Role
from bot.features.access.model.welcome import RoleWelcome
from bot.features.connections.views.connect import LINK_LASTS, link_buttons, link_line
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, group_mention, user_mention, words

A_ROLE: Mapping[str, str] = {
    "admin": "an admin of this app",
    "controller": "a controller",
    "sales": "a member of sales",
    "viewer": "a viewer",
}
ASK = "access.ask"
OFF = "access.switch_off"
DECISIONS: Mapping[str, Role | None] = {
    "access.give.sales": Role.SALES,
    "access.give.controller": Role.CONTROLLER,
    "access.give.viewer": Role.VIEWER,
    "access.refuse": None,
}
_BUTTONS = {each: role.value.capitalize() if role is not None else "No" for each, role in DECISIONS.items()}
_MEANS: Mapping[str, str] = {
    "admin": "You see every customer's figures, decide release requests, and change roles and settings.",
    "controller": "You see every customer's figures, decide release requests, and set up alerts for channels.",
    "sales": "You see whether customers are on hold, what they owe and their credit limit, and can ask for a release.",
    "viewer": "You see every customer's figures, but can't change anything.",
}
_TRY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sales": (
        ("{customer} REFERENCE order 1500", "whether a £1,500 order fits"),
        ("{onhold} mine", "your accounts on hold"),
    ),
    "viewer": (("{onhold}", "the accounts on hold"), ("{overdue}", "who is overdue")),
    "controller": (("{onhold}", "the accounts on hold"), ("{overdue}", "who is overdue")),
    "admin": (("{onhold}", "the accounts on hold"), ("/sage roles", "who may see and do what")),
}


def ask_button() -> Element:
    """Return the button that asks the admins of the app for a role."""
    return button_element("Ask for access", ASK)


def access_asked(done: AccessAsked) -> Message:
    """Return the answer to a person who asked for access."""
    if not done.is_new:
        return note("*You have already asked.* You get a message when an admin of this app decides.")
    admins = "The admin of this app has" if done.admins == 1 else f"The {done.admins} admins of this app have"
    return note(f"*Sent.* {admins} your request. You get a message when they decide.")


def access_shown(request: AccessRequest, *, examples: FilterExamples = DEMO) -> Message:
    """Return the request as the admins see it: with buttons while it is open, else with its outcome."""
    who, reason = user_mention(request.asked_by), escaped(request.reason, most=300)
    said = f"Reason: {reason}" if reason else ""
    if request.state == "open":
        press = [button_element(text, each, value=str(request.number)) for each, text in _BUTTONS.items()]
        how = "Sales see their own customers, once you assign them: `/sage roles @PERSON customers`."
        return note(joined([f"*{who} asks for access to Sage 200.*", said]), buttons(*press), aside(how))
    by = user_mention(request.decided_by) if request.decided_by else "Nobody"
    outcome = {
        "given": f"{by} made them {A_ROLE.get(request.role, 'a member')}.",
        "refused": f"{by} said no.",
    }.get(request.state, "Nobody answered for a week.")
    typed = f"/sage roles {who} customers {words(examples.condition)}"
    mine = f"Say which customers are theirs: {typed}" if request.role == "sales" else ""
    return note(joined([f"*{who} asked for access to Sage 200.* {outcome}", said, mine]))


def access_refused(request: AccessRequest) -> Message:
    """Return what the asker is told of a no."""
    by = user_mention(request.decided_by) if request.decided_by else "An admin of this app"
    return note(
        f"*{by} said no to your request for access.* If you have a Sage 200 user of your own, `/sage connect` "
        "shows you what that user sees."
    )


def role_given(facts: Mapping[str, str], welcome: RoleWelcome) -> Message:
    """Return the one message for a person who was given a role; their own link makes the message private."""
    role = welcome.role.value
    text = joined([f"*{_by(facts, A_ROLE.get(role, role))}.* {_MEANS.get(role, '')}".rstrip(), _own(welcome)])
    tries = joined(["*Try*", *(f"• `{typed}`: {what}" for typed, what in _examples(welcome))])
    how = _connecting(welcome)
    blocks: list[Block] = [section(text), *([buttons(_off())] if welcome.is_followed else []), section(tries)]
    if how:
        blocks += [section(how), link_buttons(welcome.link)]
    return Message(joined([text, tries, how, link_line(welcome.link)]), tuple(blocks))


def own_customers(facts: Mapping[str, str], welcome: RoleWelcome) -> Message:
    """Return what a person is told whose own customers were changed."""
    where, by = f" in {escaped(facts['company'], most=80)}" if facts["company"] else "", user_mention(facts["by"])
    if facts["after"] == "none":
        return note(f"*{by} changed your customers{where}:* none are assigned to you now.")
    line = f"*{by} changed your customers{where}:* {escaped(facts['after'], most=600)}"
    return note(joined([line, _FOLLOWED]), buttons(_off())) if welcome.is_followed else note(line)


def switched_off(numbers: Collection[int]) -> Message:
    """Return the confirmation that a person is told nothing that they haven't asked for."""
    how = "`/sage subscribe holds,releases in me where mine` switches them on again."
    return note(f"*Switched off.* {how}" if numbers else f"*These alerts were off already.* {how}")


_FOLLOWED = "You get a message here when one of them is put on hold, released, or doesn't pay as promised."


def _off() -> Element:
    return button_element("Switch these off", OFF)


def own_role_changed(facts: Mapping[str, str]) -> str:
    """Return the one line for a person whose role was changed or taken away."""
    before, after = A_ROLE.get(facts["before"], ""), A_ROLE.get(facts["after"], "")
    by, is_group = user_mention(facts["by"]), facts["who"].startswith("S")
    whose = f"everybody in {group_mention(facts['who'])}" if is_group else "you"
    if not after and is_group:
        return f"*{by} took away the role of {group_mention(facts['who'])}*: {before}. Your own role stays."
    if not after:
        return f"*{by} took away your role in this app.* You were {before}."
    return f"*{by} made {whose} {after}.* Before: {before}. {_MEANS.get(facts['after'], '')}".rstrip()


def _by(facts: Mapping[str, str], role: str) -> str:
    people = f"everybody in {group_mention(facts['who'])}, so you too," if facts["who"].startswith("S") else "you"
    return f"{user_mention(facts['by'])} made {people} {role}"


def _own(welcome: RoleWelcome) -> str:
    where = f" in {escaped(welcome.company_name, most=80)}" if welcome.company_name else ""
    if welcome.own:
        count = f" ({welcome.own_count:,} accounts)" if welcome.own_count > 1 else ""
        followed = _FOLLOWED if welcome.is_followed else ""
        return joined([f"*Your customers{where}:* {escaped(welcome.own, most=600)}{count}", followed])
    if welcome.role is Role.SALES and not welcome.sees_all:
        return (
            f"*Your customers{where}:* none have been assigned to you yet. Ask an admin of this app: "
            "`/sage roles @YOU customers`."
        )
    return ""


def _examples(welcome: RoleWelcome) -> list[tuple[str, str]]:
    """Return what to type, and what that answers, with customers whom the person sees."""
    first, *others = welcome.examples or (("", ""),)
    reference, name = (escaped(part, most=60).replace("`", "'") for part in first)
    other = escaped(others[0][0], most=60).replace("`", "'") if others else reference
    card = f"{name or reference or 'a customer'}: on hold or not, balance and limit"
    lines = [(f"{CUSTOMER} {reference or 'NAME'}", card)]
    known = _TRY.get(welcome.role.value, ())
    return lines + [(named(typed).replace("REFERENCE", other or "NAME"), what) for typed, what in known]


def _connecting(welcome: RoleWelcome) -> str:
    """Return why to connect a Sage ID of one's own, and what there is to know of the link."""
    if welcome.is_connected:
        return ""
    why = {
        Role.SALES: "You can start asking now. With your own Sage ID you see what your Sage 200 user can see.",
        Role.CONTROLLER: "To put accounts on hold and release them, connect your own Sage ID.",
        Role.ADMIN: "To put accounts on hold and release them, connect your own Sage ID.",
    }.get(welcome.role, "You can start asking now. Connecting your own Sage ID is optional.")
    if welcome.link is None:
        return why
    return f"{why} {LINK_LASTS}"
