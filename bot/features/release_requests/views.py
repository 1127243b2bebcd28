"""Messages and forms of release requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.parsing import whole_number
from bot.features.holds import views as holds
from bot.features.holds.model import LONGEST_REASON, HoldResult
from bot.features.release_requests.model import Answer, ReleaseRequest, State
from bot.slack.views.blocks import Element, View, button_element, input_block, modal_view, plain_text_input
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, plain, user_mention

APPROVE, DECLINE = "release.approve", "release.decline"
DECIDE = re.compile(rf"(?:{re.escape(APPROVE)}|{re.escape(DECLINE)})")
MODAL = "release.decide"
_FIELD = "reason"
_TITLES = {APPROVE: "Approve release", DECLINE: "Decline release"}
_WORDS = {
    State.APPROVED: "✅ Approved",
    State.DECLINED: "❌ Declined",
    State.WITHDRAWN: "Withdrawn",
    State.EXPIRED: "Closed",
}


def request_asked(request: ReleaseRequest) -> Message:
    """Return the message to a user who may decide; once decided, with the outcome in place of the buttons."""
    lines = [
        f"*{user_mention(request.asked_by)} asks to release {named(request)}*",
        f"Reason: {escaped(request.reason, most=256)}",
        _held(request),
        f"Approved by {user_mention(request.first_by)}; a second approval is needed." if request.first_by else "",
    ]
    small = f"Request {request.number} · {escaped(request.company_name, most=80)} in Sage 200"
    if request.state is not State.OPEN:
        lines = [*lines[:3], request_outcome(request)]
        return _message(lines, small)
    typed = f"Or type `/sage approve {request.number}` or `/sage decline {request.number} REASON`."
    return _message(lines, small, typed, ways=(_button(APPROVE, request), _button(DECLINE, request)))


def request_told(request: ReleaseRequest) -> Message:
    """Return the message to the user who asked, with the decision."""
    said = [f"*Your request to release {named(request)}:* {request_outcome(request)}"]
    small = f"Request {request.number} · {escaped(request.company_name, most=80)} in Sage 200"
    return _message(said, small)


def request_outcome(request: ReleaseRequest) -> str:
    """Return the outcome: `✅ Approved by @Anna: paid`."""
    by = f" by {user_mention(request.decided_by)}" if request.decided_by and request.state is not State.EXPIRED else ""
    why = f": {escaped(request.decision, most=256)}" if request.decision else ""
    return f"{_WORDS.get(request.state, 'Open')}{by}{why}"


def request_sent(answer: Answer) -> Message:
    """Return the answer to the user who has just asked."""
    request = answer.request
    if answer.is_news:
        return note(
            f"I have asked those who may release {named(request)} in {escaped(request.company_name, most=80)} "
            f"(request {request.number}). You are told what they decide; "
            f"`/sage withdraw {request.number}` takes it back."
        )
    by = user_mention(request.asked_by)
    return note(f"{by} has asked for that already (request {request.number}), and nobody has decided yet.")


def request_decided(answer: Answer) -> Message:
    """Return the answer to the user who has just decided, or was too late."""
    request = answer.request
    if answer.done is not None and request.state is State.OPEN:
        return _above(f"Request {request.number} stays open.", answer.done)
    if answer.done is not None and request.state is State.EXPIRED:
        return _above(f"Request {request.number} is closed: it is on hold for another reason now.", answer.done)
    if answer.is_news and request.state is State.OPEN:
        return note(
            f"*Approved by you: {named(request)}.* It owes so much that a second person has to approve it as well. "
            f"It is on hold until then.{_lapsed(answer.lapsed)}"
        )
    if answer.is_news:
        return note(f"*{named(request)}:* {request_outcome(request)}. {_whom(request)}")
    if request.state is State.OPEN:
        return note(
            f"{user_mention(answer.deciding)} is deciding about {named(request)} just now. Look again in a moment."
        )
    return note(f"That is decided already. {named(request)}: {request_outcome(request)}")


def open_requests(requests: Sequence[ReleaseRequest]) -> Message:
    """Return the list of open requests."""
    if not requests:
        return note("No request for a release is waiting.")
    lines = [
        f"{each.number}: {named(each)}, asked by {user_mention(each.asked_by)}: {escaped(each.reason, most=100)}"
        for each in requests[:20]
    ]
    more = f"… and {len(requests) - 20:,} more." if len(requests) > 20 else ""
    return note(
        joined(
            [
                "*Requests for a release*",
                *lines,
                more,
                "`/sage approve N` · `/sage decline N REASON` · `/sage withdraw N`",
            ],
            most=2_900,
        )
    )


def request_pressed(action: Mapping[str, Any]) -> int | None:
    """Return the number of the request in a button; None when the button is not ours."""
    value = str(action.get("value") or "")
    return whole_number(value, digits=9)


def request_form(action: str, request: ReleaseRequest) -> View:
    """Return the form that asks why; for an approval the reason is optional."""
    title = _TITLES[action]
    about = [
        f"*{title}: {named(request)}*",
        f"{user_mention(request.asked_by)} asks: {escaped(request.reason, most=256)}",
        *filter(None, [_held(request)]),
    ]
    return modal_view(
        [
            section(joined(about, most=2_900)),
            input_block(
                _FIELD,
                "Reason",
                plain_text_input(_FIELD, max_length=LONGEST_REASON),
                hint=f"{plain(request.reference, most=20)}: whoever asked is told.",
                optional=action == APPROVE,
            ),
        ],
        title=title,
        close="Cancel",
        submit=title.partition(" ")[0],
        callback_id=MODAL,
        private_metadata=f"{action} {request.number}",
    )


def request_form_filled(view: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Return (action, request, reason) of a sent form; None when the form is not ours."""
    action, _, number = str(view.get("private_metadata") or "").partition(" ")
    found = request_pressed({"value": number})
    try:
        reason = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
    except (KeyError, TypeError, AttributeError):
        return None
    return (action, found, str(reason)) if action in _TITLES and found is not None else None


def beside(words: str) -> dict[str, str]:
    """Return an error beside the form's reason field."""
    return {_FIELD: words}


def named(request: ReleaseRequest) -> str:
    """Return the customer's name and reference, escaped."""
    return f"{escaped(request.name, most=80)} ({escaped(request.reference, most=20)})"


def _held(request: ReleaseRequest) -> str:
    return f"On hold for: {escaped(request.held_for, most=256)}" if request.held_for else ""


def _above(lead: str, done: HoldResult) -> Message:
    below = holds.hold_done(done)
    return Message(joined([lead, below.text]), (section(lead), *below.blocks))


def _lapsed(first: str) -> str:
    if not first:
        return ""
    return f" The balance has grown since {user_mention(first)} approved, so that approval counts no more."


def _whom(request: ReleaseRequest) -> str:
    return "" if request.state is State.WITHDRAWN else f"{user_mention(request.asked_by)} is told."


def _button(action: str, request: ReleaseRequest) -> Element:
    return button_element(
        _TITLES[action].partition(" ")[0],
        action,
        value=str(request.number),
        style="primary" if action == APPROVE else None,
        accessibility_label=plain(f"{_TITLES[action]}: {request.reference}", most=75),
    )


def _message(lines: list[str], *small: str, ways: tuple[Element, ...] = ()) -> Message:
    said = [line for line in lines if line]
    return Message(
        joined([*said, *small]), (section(joined(said, most=2_900)), *([buttons(*ways)] if ways else []), aside(*small))
    )
