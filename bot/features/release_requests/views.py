"""Messages and forms of release requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.customer import Customer
from bot.domain.debt.lateness import Lateness
from bot.domain.text.parsing import whole_number
from bot.features.access.model.authorization import Shown
from bot.features.holds import views as holds
from bot.features.holds.model import LONGEST_REASON, HoldResult, Outcome
from bot.features.overdue.views.lateness import days, overdue_words
from bot.features.release_requests.model import (
    SEEN,
    Answer,
    Decider,
    ReleaseRequest,
    RequestAccount,
    RequestKind,
    Seen,
    ShownRequest,
    State,
)
from bot.features.temporary_releases.model import WaitingHold
from bot.features.temporary_releases.views import term_fields, waiting_line
from bot.slack.views.blocks import (
    Block,
    Element,
    View,
    button_element,
    input_block,
    modal_view,
    mrkdwn,
    plain_text_input,
    section_block,
)
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.table import Figure, Mentions, data_table
from bot.slack.views.text import channel_mention, day, escaped, moment, money, orders, plain, user_mention

APPROVE, DECLINE = "release.approve", "release.decline"
_PLACE = r"(?:\.\d{1,9})?"  # ids in a message must differ, so each ends in the request's number where there are several
DECIDE = re.compile(rf"(?P<action>{re.escape(APPROVE)}|{re.escape(DECLINE)}){_PLACE}")
VIEW = "release.view"
VIEWED = re.compile(rf"{re.escape(VIEW)}{_PLACE}")
MODAL = "release.decide"
ASK_BACK, ANSWER, QUESTION_MODAL = "release.ask_back", "release.answer", "release.question"
ASKED_BACK = re.compile(rf"{re.escape(ASK_BACK)}{_PLACE}")
ANSWERED = re.compile(rf"{re.escape(ANSWER)}{_PLACE}")
_MOST_LISTED = 6
_MOST_OFF_HOLD = 10
_OWED = 4  # the first so many figures are of what is owed, the others of the hold
_AGAIN = "Once released, it would be suggested for a hold again."
_NOT_COPIED = "Figures aren't available here: press *View account* for live ones."
_NOT_HERE = "Press *View account* for figures: only you see them."
_FIELD = "reason"
_VERBS = {APPROVE: "Approve", DECLINE: "Decline"}
_NOUNS = {RequestKind.RELEASE: "release", RequestKind.LIMIT: "limit", RequestKind.ORDER: "order"}
_LET_GO = "Now take the order off hold in Sage 200."
_SECOND = {
    RequestKind.RELEASE: "Its balance is so high that a second person must approve before it's released.",
    RequestKind.LIMIT: "The limit is so high that a second person must approve before it's changed.",
    RequestKind.ORDER: "Its balance is so high that a second person must approve before the order goes.",
}
_LIMIT_OUTCOMES = {
    Outcome.NOT_DONE: "The credit limit in Sage 200 is not as approved: Sage didn't take it, or it was changed back.",
    Outcome.UNKNOWN: "It isn't known whether the limit was changed: Sage 200 didn't answer. Look again in a minute.",
}
_MOST_HOLDERS = 3
_MOST_CHANNELS = 5
_WORDS = {
    State.APPROVED: "✅ Approved",
    State.DECLINED: "❌ Declined",
    State.WITHDRAWN: "Withdrawn",
    State.EXPIRED: "Closed",
}


def request_asked(
    request: ReleaseRequest, account: RequestAccount | None = None, *, lead: str = "", channel: Shown | None = None
) -> Message:
    """Return the message to a user who may decide; once decided, with the outcome in place of the buttons.

    `channel` is how much a channel is shown, where the message stands in one.
    """
    if channel is not None and channel is not Shown.FIGURES:
        # Amounts are typed into words in too many ways to be masked, so they stand only where figures do.
        request = replace(request, limit=None, reason="", held_for="", question="", answer="", decision="")
        account = None
    before = f"{lead}: " if lead and request.state is State.OPEN else ""
    lines = [
        f"*{before}{user_mention(request.asked_by)} asks {_asks(request)}*",
        f"Reason: {escaped(request.reason, most=256)}" if request.reason else "",
        _held(request),
        *_spoken(request),
        f"Approved by {user_mention(request.first_by)}; a second approval is needed." if request.first_by else "",
    ]
    small = f"Request {request.number} · {escaped(request.company_name, most=80)} in Sage 200"
    if request.state is not State.OPEN:
        lines = [*lines[:3], *_spoken(request), request_outcome(request)]
        return _message(lines, small)
    number = request.number
    typed = f"Or type `/sage approve {number}`, `/sage decline {number} REASON` or `/sage ask-back {number} QUESTION`."
    figures = _figures(account) if account is not None else []
    again = [_AGAIN] if account is not None and account.suggested else []
    absent = _NOT_COPIED if channel in {None, Shown.FIGURES} else _NOT_HERE
    as_of = [f"Figures as of {moment(account.as_of)}"] if account is not None else [absent]
    said = joined(lines, most=2_900)
    ways = (
        _button(APPROVE, request),
        _button(DECLINE, request),
        _ask_button(request),
        _view_button(request),
    )
    text = joined([said, *(f"{label}: {value}" for label, value in figures), *again, small, *as_of, typed])
    return Message(
        text,
        (
            section(said),
            *([_fields(figures)] if figures else []),
            *map(section, again),
            buttons(*ways),
            aside(small, *as_of, typed),
        ),
    )


def request_reminded(request: ReleaseRequest, account: RequestAccount | None = None) -> Message:
    """Return the message that a request still waits; once decided, with its outcome."""
    return request_asked(request, account, lead="Still waiting for somebody to decide")


def question_asked(request: ReleaseRequest) -> Message:
    """Return the message to the user who asked, with what they were asked back; once answered, with the answer."""
    lines = [
        f"*{user_mention(request.question_by)} asks about your request {_asks(request)}:* "
        f"{escaped(request.question, most=256)}",
        f"You answered: {escaped(request.answer, most=256)}" if request.answer else "",
    ]
    small = f"Request {request.number} · {escaped(request.company_name, most=80)} in Sage 200"
    if not request.waits_for_answer:
        return _message(lines, small)
    return _message(lines, small, f"Or type `/sage answer {request.number} WORDS`.", ways=(_answer_button(request),))


def question_answered(request: ReleaseRequest) -> Message:
    """Return the message to the user whose question was answered."""
    return note(
        f"*{user_mention(request.asked_by)} answered about {named(request)}* (request {request.number}): "
        f"{escaped(request.answer, most=256)}"
    )


def question_form(request: ReleaseRequest, action: str) -> View:
    """Return the form for a question, or for its answer."""
    is_answer = action == ANSWER
    about = [
        f"{user_mention(request.asked_by)} asks {_asks(request)}: {escaped(request.reason, most=256)}",
        f"{user_mention(request.question_by)} asks: {escaped(request.question, most=256)}" if is_answer else "",
    ]
    field = plain_text_input(_FIELD, max_length=LONGEST_REASON, multiline=True, focus_on_load=True)
    hint = "Shown with the request." if is_answer else "The person who made the request gets it and answers in a form."
    return modal_view(
        [
            section(joined([line for line in about if line], most=2_900)),
            input_block(_FIELD, "Answer" if is_answer else "Question", field, hint=hint),
        ],
        title="Answer" if is_answer else "Ask back",
        close="Cancel",
        submit="Send",
        callback_id=QUESTION_MODAL,
        private_metadata=f"{action} {request.number}",
    )


def question_form_filled(view: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Return (ASK_BACK or ANSWER, request, words) of a sent form; None when the form is not ours."""
    action, _, number = str(view.get("private_metadata") or "").partition(" ")
    found = request_pressed({"value": number})
    try:
        words = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
    except (KeyError, TypeError, AttributeError):
        return None
    return (action, found, str(words)) if action in {ASK_BACK, ANSWER} and found is not None else None


def question_said(answer: Answer) -> Message:
    """Return the answer to the user who has asked back, or answered; or who was too late."""
    request = answer.request
    if not answer.is_news:
        return request_decided(answer)
    if request.answer:
        return note(f"Sent to {user_mention(request.question_by)}, and shown with request {request.number}.")
    return note(
        f"Sent to {user_mention(request.asked_by)}. Request {request.number} about {named(request)} stays open; you "
        "get a message when it is answered."
    )


def _spoken(request: ReleaseRequest, *, most: int = 256) -> list[str]:
    """Return what was asked back about a request, and the answer."""
    if not request.question:
        return []
    asked = f"{user_mention(request.question_by)} asked: {escaped(request.question, most=most)}"
    said = f"{user_mention(request.asked_by)} answered: {escaped(request.answer, most=most)}"
    return [asked, said if request.answer else "No answer yet."]


def request_told(request: ReleaseRequest) -> Message:
    """Return the message to the user who asked, with the decision."""
    said = [f"*Your request {_asks(request)}:* {request_outcome(request)}"]
    if request.kind is RequestKind.ORDER and request.state is State.APPROVED:
        said.append("Credit control takes the order off hold in Sage 200.")
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
            f"Sent to credit control: {_matter(request)} in "
            f"{escaped(request.company_name, most=80)} (request {request.number}). You get a "
            f"message when it is decided. To cancel: `/sage withdraw {request.number}`.{_posted(answer)}"
        )
    by = user_mention(request.asked_by)
    return note(f"{by} already asked (request {request.number}). It's still waiting.")


def _posted(answer: Answer) -> str:
    where = ", ".join(channel_mention(each) for each in answer.posted_in[:_MOST_CHANNELS])
    return f" Also posted in {where}." if where else ""


def request_decided(answer: Answer) -> Message:
    """Return the answer to the user who has just decided, or was too late."""
    request = answer.request
    unfinished = _unfinished(answer)
    if unfinished is not None:
        return unfinished
    if answer.is_news and request.state is State.OPEN:
        return note(f"*Approved by you: {named(request)}.* {_SECOND[request.kind]}{_lapsed(answer.lapsed)}")
    if answer.is_news:
        is_order = request.kind is RequestKind.ORDER and request.state is State.APPROVED
        ending = " ".join(filter(None, [_whom(request), _LET_GO if is_order else ""]))
        return note(f"*{named(request)}:* {request_outcome(request)}. {ending}")
    if request.state is State.OPEN:
        return note(
            f"{user_mention(answer.deciding)} is deciding about {named(request)} at this moment. Look again shortly."
        )
    return note(f"Already decided. {named(request)}: {request_outcome(request)}")


def _unfinished(answer: Answer) -> Message | None:
    """Return the answer where Sage was asked and the request isn't approved for it; None otherwise."""
    request = answer.request
    if answer.changed and answer.customer is not None:
        return _changed(answer, answer.customer)
    if answer.limited is not None and request.state is State.OPEN:
        return note(f"Request {request.number} stays open. {_LIMIT_OUTCOMES[answer.limited.outcome]}")
    if answer.done is not None and request.state is State.OPEN:
        return _above(f"Request {request.number} stays open.", answer.done)
    if answer.done is not None and request.state is State.EXPIRED:
        return _above(f"Request {request.number} is closed: it is on hold for another reason now.", answer.done)
    return None


def open_requests(requests: Sequence[ShownRequest], off_hold: Sequence[WaitingHold] = ()) -> Message:
    """Return the list of open requests, each with what its reader may see and do; and accounts off hold for a time."""
    below = _off_hold(off_hold)
    if not requests:
        nothing = note("No requests are waiting.")
        return Message(joined([nothing.text, *below]), (*nothing.blocks, *map(section, below)))
    title = "*Requests waiting*"
    lines = [_listed(each) for each in requests[:_MOST_LISTED]]
    blocks: list[Block] = [section(title)]
    for each, line in zip(requests, lines, strict=False):
        blocks += [section(line), buttons(*_ways(each))]
    small = [
        f"… and {len(requests) - _MOST_LISTED:,} more, listed once these are answered."
        if len(requests) > _MOST_LISTED
        else "",
        "`/sage approve N` · `/sage decline N REASON` · `/sage withdraw N`",
        next((f"Figures as of {moment(each.account.as_of)}" for each in requests if each.account is not None), ""),
    ]
    said = [part for part in small if part]
    return Message(joined([title, *lines, *below, *said]), (*blocks, *map(section, below), aside(*said)))


def request_entry(asked: ShownRequest) -> list[Block]:
    """Return one request of several, with its buttons."""
    return [section(_listed(asked)), buttons(*_ways(asked))]


def _off_hold(held: Sequence[WaitingHold]) -> list[str]:
    """Return the accounts that are off hold for a time, in one text under a heading."""
    if not held:
        return []
    lines = [waiting_line(each) for each in held[:_MOST_OFF_HOLD]]
    more = [f"… and {len(held) - _MOST_OFF_HOLD:,} more."] if len(held) > _MOST_OFF_HOLD else []
    return [joined(["*Released for a limited time*", *lines, *more], most=2_900)]


def who_decided(found: Sequence[Decider]) -> Message:
    """Return who decided how many requests, and how long the median of them waited."""
    small = "Requests approved or declined in the last 90 days. Times run from request to decision, nights included."
    if not found:
        return note(joined(["No requests were decided in the last 90 days.", small]))
    title = "*Who decided requests*"
    lines = [
        f"{_who(each)}: {each.approved:,} approved, {each.declined:,} declined, median {span_words(each.median)}"
        for each in found
    ]
    head = ("Person", "Approved", "Declined", "Median time")
    cells = [
        (
            Mentions(users=(each.user_id,)) if each.user_id else "somebody",
            Figure(each.approved, f"{each.approved:,}"),
            Figure(each.declined, f"{each.declined:,}"),
            Figure(int(each.median.total_seconds()), span_words(each.median)),
        )
        for each in found
    ]
    table = data_table("requests.decided", "Who decided requests", head, cells)
    return Message(joined([title, *lines, small]), (section(title), table, aside(small)))


def _who(decider: Decider) -> str:
    return user_mention(decider.user_id) if decider.user_id else "somebody"


def span_words(span: timedelta) -> str:
    """Return `3 days 4 h`, `2 h 10 min` or `5 min`."""
    minutes = int(span.total_seconds()) // 60
    days_, hours, rest = minutes // 1_440, minutes // 60 % 24, minutes % 60
    if days_:
        return f"{days_} day{'' if days_ == 1 else 's'} {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _listed(asked: ShownRequest) -> str:
    request, account = asked.request, asked.account
    who = f"{escaped(request.name, most=40)} ({escaped(request.reference, most=20)})"
    what = {
        RequestKind.RELEASE: "to release it",
        RequestKind.LIMIT: f"for {_limit(request)}",
        RequestKind.ORDER: f"to let {_order(request)} go",
    }[request.kind]
    asks = "You asked" if asked.is_own else f"{user_mention(request.asked_by)} asks"
    lines = [f"*{request.number}: {who}*", f"{asks} {what}: {escaped(request.reason, most=60)}"]
    lines.append(f"Reason for hold: {escaped(request.held_for, most=60)}" if request.held_for else "")
    if account is not None:
        facts = [f"{label}: {value}" for label, value in _figures(account)]
        lines += [" · ".join(facts[:_OWED]), " · ".join(facts[_OWED:])]
        lines.append(_AGAIN if account.suggested else "")
    lines += _spoken(request, most=60)
    lines.append(f"To cancel: `/sage withdraw {request.number}`" if asked.is_own else "")
    return joined(lines, most=900)


def _ways(asked: ShownRequest) -> list[Element]:
    """Return the buttons of one of several requests."""
    request = asked.request
    deciding = (
        [_button(APPROVE, request), _button(DECLINE, request), _ask_button(request)]
        if asked.may_decide
        else [_answer_button(request)] * request.waits_for_answer
    )
    made = [*deciding, _view_button(asked.request)]
    return [{**each, "action_id": f"{each['action_id']}.{asked.request.number}"} for each in made]


def decision_pressed(action: Mapping[str, Any]) -> str:
    """Return which button was pressed, APPROVE or DECLINE; empty if it is not ours."""
    found = DECIDE.fullmatch(str(action.get("action_id")))
    return found["action"] if found is not None else ""


def _figures(account: RequestAccount) -> list[tuple[str, str]]:
    """Return the figures of an account, each with its label."""

    def show(amount: Decimal | None, otherwise: str = "not given by Sage 200") -> str:
        return money(account.currency, amount) if amount is not None else otherwise

    limit = show(account.credit_limit) if account.credit_limit != 0 else "no limit set"
    since = day(account.held_since) if account.held_since is not None else ""
    held = f"{since} or before" if account.already_held else since
    facts = [
        ("Balance", show(account.balance)),
        ("Credit limit", limit),
        ("Open orders", orders(account.currency, account.open_orders) or "not given by Sage 200"),
        ("Overdue now", _overdue(account)),
        ("Overdue when held", show(account.held_overdue, "not known")),
        ("Paid since held", show(account.paid, "not known")),
        ("On hold since", held),
        (
            "Promised",
            f"{show(account.promised)} by {day(account.promised_by)}" if account.promised_by is not None else "",
        ),
        ("On hold in the last 12 months", _history(account)),
    ]
    if account.paid == 0:
        facts[5] = (facts[5][0], "nothing")
    return [(label, value) for label, value in facts if value]


def _history(account: RequestAccount) -> str:
    """Return `once, by @Anna`, `twice, both by @Anna`, or `3 times: 2 by @Anna, 1 in Sage 200`."""
    who = [(f"by {user_mention(by)}" if by else "in Sage 200", count) for by, count in account.held_by[:_MOST_HOLDERS]]
    times = "twice" if account.times_held == 2 else f"{account.times_held} times"
    if len(who) == 1:
        every = {1: "once,", 2: "twice, both"}.get(account.times_held, f"{times}, all")
        return f"{every} {who[0][0]}"
    counted = ", ".join(f"{count} {holder}" for holder, count in who)
    return f"{times}: {counted}" if counted else ""


def _overdue(account: RequestAccount) -> str:
    if account.overdue is None:
        return overdue_words(Lateness(None, account.overdue_unknown, read=account.items_read), account.currency)
    parts = [f"{money(account.currency, account.overdue)}, oldest {days(account.oldest_days)}"]
    if not account.overdue:
        parts = ["nothing"]
    if account.disputed:
        parts.append(f"in query {money(account.currency, account.disputed)}")
    if account.overdue_unknown is not None:
        parts.append("unconfirmed: the balance differs from the open items")
    return "; ".join(parts)


def _fields(facts: Sequence[tuple[str, str]]) -> Block:
    return section_block(fields=[mrkdwn(f"*{label}*\n{value}") for label, value in facts])


def request_pressed(action: Mapping[str, Any]) -> int | None:
    """Return the number of the request in a button; None when the button is not ours."""
    value = str(action.get("value") or "")
    return whole_number(value.partition(" ")[0], digits=9)


def figures_pressed(action: Mapping[str, Any]) -> Seen | None:
    """Return the figures that a button was shown with; None where it has none."""
    return _seen(str(action.get("value") or "").partition(" ")[2])


def _seen(text: str) -> Seen | None:
    try:
        return SEEN.read(json.loads(text)) if text else None
    except ValueError:
        return None


def request_form(action: str, asked: ShownRequest, seen: Seen | None = None) -> View:
    """Return the form that asks why; for an approval the reason is optional.

    `seen` are the figures that the approval is about, where those of the copy were shown to differ from Sage's.
    """
    request, account = asked.request, asked.account
    title = _title(action, request)
    about = [
        f"*{title}: {_named_in_full(request)}*",
        f"{user_mention(request.asked_by)} asks: {escaped(request.reason, most=256)}",
        *filter(None, [_held(request)]),
    ]
    if seen is None and account is not None:
        seen = Seen(account.balance, account.credit_limit)
    return modal_view(
        [
            section(joined(about, most=2_900)),
            *([_fields(_figures(account))] if account is not None else []),
            *([section(_AGAIN)] if account is not None and account.suggested else []),
            input_block(
                _FIELD,
                "Reason",
                plain_text_input(_FIELD, max_length=LONGEST_REASON),
                hint=f"{plain(request.reference, most=20)}: the person who asked gets this.",
                optional=action == APPROVE,
            ),
            *(term_fields() if action == APPROVE and request.kind is RequestKind.RELEASE else []),
        ],
        title=title,
        close="Cancel",
        submit=_VERBS[action],
        callback_id=MODAL,
        private_metadata=f"{action} {request.number} {_written(seen)}".rstrip(),
    )


def _written(seen: Seen | None) -> str:
    return json.dumps(SEEN.write(seen)) if seen is not None else ""


def request_form_filled(view: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Return (action, request, reason) of a sent form; None when the form is not ours."""
    action, _, about = str(view.get("private_metadata") or "").partition(" ")
    found = request_pressed({"value": about})
    try:
        reason = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
    except (KeyError, TypeError, AttributeError):
        return None
    return (action, found, str(reason)) if action in _VERBS and found is not None else None


def figures_of_form(view: Mapping[str, Any]) -> Seen | None:
    """Return the figures that a sent form was shown with; None where it has none. Untrusted."""
    return _seen(str(view.get("private_metadata") or "").partition(" ")[2].partition(" ")[2])


def beside(words: str) -> dict[str, str]:
    """Return an error beside the form's reason field."""
    return {_FIELD: words}


def _asks(request: ReleaseRequest) -> str:
    """Return what is asked: `to release Acme (ACME01)`."""
    return {
        RequestKind.RELEASE: f"to release {named(request)}",
        RequestKind.LIMIT: f"for {_limit(request)} for {named(request)}",
        RequestKind.ORDER: f"to let {_order(request)} of {named(request)} go",
    }[request.kind]


def _matter(request: ReleaseRequest) -> str:
    return {
        RequestKind.RELEASE: f"the release of {named(request)}",
        RequestKind.LIMIT: f"{_limit(request)} for {named(request)}",
        RequestKind.ORDER: f"{_order(request)} of {named(request)}",
    }[request.kind]


def _named_in_full(request: ReleaseRequest) -> str:
    return named(request) if request.kind is RequestKind.RELEASE else _matter(request)


def _limit(request: ReleaseRequest) -> str:
    if request.limit is None:
        return "another credit limit"
    return f"a credit limit of {money(request.currency, request.limit)}"


def _order(request: ReleaseRequest) -> str:
    return f"order {escaped(request.order_number, most=20)}"


def _title(action: str, request: ReleaseRequest) -> str:
    return f"{_VERBS[action]} {_NOUNS[request.kind]}"


def _changed(answer: Answer, customer: Customer) -> Message:
    """Return what differs in Sage from what the user was shown, with a button to approve all the same."""
    request = answer.request
    lead = f"*{named(request)} was changed in Sage 200 since you looked.* Nothing was changed."
    lines = [
        f"{each.what.value}: {_amount(customer, each.before)} → {_amount(customer, each.after)}"
        for each in answer.changed
    ]
    seen = Seen(customer.balance, customer.credit_limit)
    again = button_element(
        "Approve anyway",
        APPROVE,
        value=f"{request.number} {_written(seen)}",
        accessibility_label=plain(f"Approve anyway: {request.reference}", most=75),
    )
    return _message([lead, *lines], f"Request {request.number} stays open.", ways=(again,))


def _amount(customer: Customer, value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return money(customer.currency, value) if isinstance(value, Decimal) else escaped(str(value), most=60)


def named(request: ReleaseRequest) -> str:
    """Return the customer's name and reference, escaped."""
    return f"{escaped(request.name, most=80)} ({escaped(request.reference, most=20)})"


def _held(request: ReleaseRequest) -> str:
    return f"Reason for hold: {escaped(request.held_for, most=256)}" if request.held_for else ""


def _above(lead: str, done: HoldResult) -> Message:
    below = holds.hold_done(done)
    return Message(joined([lead, below.text]), (section(lead), *below.blocks))


def _lapsed(first: str) -> str:
    if not first:
        return ""
    return f" The balance has grown since {user_mention(first)} approved, so that approval no longer counts."


def _whom(request: ReleaseRequest) -> str:
    return "" if request.state is State.WITHDRAWN else f"{user_mention(request.asked_by)} gets a message."


def _button(action: str, request: ReleaseRequest) -> Element:
    return button_element(
        _VERBS[action],
        action,
        value=str(request.number),
        style="primary" if action == APPROVE else None,
        accessibility_label=plain(f"{_title(action, request)}: {request.reference}", most=75),
    )


def _ask_button(request: ReleaseRequest) -> Element:
    about = plain(f"Ask back: {request.reference}", most=75)
    return button_element("Ask back", ASK_BACK, value=str(request.number), accessibility_label=about)


def _answer_button(request: ReleaseRequest) -> Element:
    about = plain(f"Answer: {request.reference}", most=75)
    return button_element("Answer", ANSWER, value=str(request.number), style="primary", accessibility_label=about)


def _view_button(request: ReleaseRequest) -> Element:
    about = plain(f"View account: {request.reference}", most=75)
    return button_element("View account", VIEW, value=str(request.number), accessibility_label=about)


def _message(lines: list[str], *small: str, ways: tuple[Element, ...] = ()) -> Message:
    said = [line for line in lines if line]
    return Message(
        joined([*said, *small]), (section(joined(said, most=2_900)), *([buttons(*ways)] if ways else []), aside(*small))
    )
