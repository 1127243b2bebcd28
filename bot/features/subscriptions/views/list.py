"""Subscriptions as messages: the confirmation with its preview, the list with its buttons, and each change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.changes import Change, ChangeKind
from bot.domain.text.parsing import whole_number
from bot.errors import NotInChannel
from bot.features.alerts.model import topics as alerts
from bot.features.alerts.model.topics import Target
from bot.features.subscriptions.model.subscription import BY_HAND, Created, Preview, Removed, SubscriptionView
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import channel_mention, escaped, moment, user_mention

EDIT, PAUSE, RESUME, MUTE, DELETE, PAGE = (
    f"subscription.{what}" for what in ("edit", "pause", "resume", "mute", "delete", "page")
)
JOIN, UNDO = "subscription.join", "subscription.undo"
UNDO_FOR = timedelta(minutes=5)
_PER_PAGE = 5
_MOST_NAMED = 3
_LONGEST_VALUE, _LONGEST_ENTRY = 2_000, 200
_CLASSES = {
    "status": "hold status only, no figures (an admin of the app can allow more)",
    "band": "hold status, and how near the limit in bands, no figures",
    "figures": "hold status and figures",
}
_READS_AS_YOU = (
    "{} isn't the company of the workspace's sign-in, so your own Sage sign-in reads it in the background for this."
)
_HAPPENED = {
    ChangeKind.PUT_ON_HOLD: "put on hold",
    ChangeKind.RELEASED: "released",
    ChangeKind.OVER_LIMIT: "over the credit limit",
    ChangeKind.BACK_UNDER_LIMIT: "back under the credit limit",
    ChangeKind.UTILISATION: "use of the credit limit reached a threshold",
    ChangeKind.PAID_WHILE_HELD: "paid while on hold",
    ChangeKind.ORDER_WHILE_HELD: "an order while on hold",
    ChangeKind.OVERDUE: "overdue for so many days",
    ChangeKind.OVERDUE_PAID: "paid overdue debt",
    ChangeKind.PROMISE_BROKEN: "broke a promise to pay",
}


def subscription_created(made: Created) -> Message:
    """Return the confirmation: topics, place, figures shown, what 30 days would have brought, and how to end it."""
    kept = made.kept
    shown = "the figures that you may see" if kept.subscription.target.personal else _CLASSES.get(made.figures_class)
    there = "" if not made.was_there else "That subscription exists already, so nothing was added."
    lines = [
        there,
        f"*Subscription {kept.number}:* {what(kept)}",
        f"Goes to {where(kept.subscription.target)}, about {escaped(kept.company_name)}.",
        f"It shows: {shown or _CLASSES['status']}.",
        _READS_AS_YOU.format(escaped(kept.company_name)) if made.reads_as_owner else "",
        state(kept),
    ]
    if made.was_there:
        change = f"*Edit* changes it; `/sage unsubscribe {kept.number}` ends it."
        return Message(joined([*lines, change]), (section(joined(lines)), _edits(kept.number), aside(change)))
    preview = _preview(made.told)
    undo = f"To undo this: `/sage unsubscribe {kept.number}`"
    if made.overlapping:
        numbers = made.overlapping[:_MOST_NAMED]
        lines.append(f"Some of this goes there already, by subscription {' and '.join(map(str, numbers))}.")
        text = joined([*lines, preview, undo])
        return Message(text, (section(joined(lines)), _edits(*numbers), section(preview), aside(undo)))
    return Message(joined([*lines, preview, undo]), (section(joined(lines)), section(preview), aside(undo)))


def _edits(*numbers: int) -> Block:
    return buttons(*(_button(EDIT, f"Edit {number}", number, 1) for number in numbers))


def _preview(told: Preview) -> str:
    if not told.count:
        return f"In the last {told.days} days this would have sent nothing, as far as changes are known."
    count = f"{'at least ' if told.more else ''}{told.count:,}"
    of = "change" if told.count == 1 else "changes"
    opening = f"In the last {told.days} days this would have sent {count} {of}, the newest:"
    return joined([opening, *(_line(at, change) for at, change in told.newest)])


def _line(at: datetime, change: Change) -> str:
    customer = change.customer
    who = f"{escaped(customer.reference, most=20)} {escaped(customer.name, most=60)}"
    return f"• {moment(at)}: {who}: {_HAPPENED[change.kind]}"


def subscription_list(
    every: Sequence[SubscriptionView], *, page: int, after: Message | None = None, snoozed: Sequence[str] = ()
) -> Message:
    """Return a page of the list by number, and the customers `snoozed`; `after` says what was just done to one."""
    done = after.text if after is not None else ""
    if not every:
        return note(joined([done, "There are no subscriptions yet. `/sage subscribe` makes one.", *snoozed]))
    pages = -(-len(every) // _PER_PAGE)
    page = min(max(page, 1), pages)
    shown = every[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    opening = f"*{len(every)} subscription{'s' if len(every) > 1 else ''}*"
    opening += f", page {page} of {pages} (`/sage subscriptions {min(page + 1, pages)}`)" if pages > 1 else ""
    blocks: list[Block] = [section(joined([done, opening]))]
    for kept in shown:
        blocks += [section(_entry(kept)), buttons(*_buttons(kept, page))]
    if pages > 1:
        blocks.append(buttons(*_pages(page, pages)))
    typed = "Type `/sage pause N`, `resume N`, `mute N 2d`, `unsubscribe N` or `reassign N @PERSON`."
    if snoozed:
        blocks.append(section(joined(snoozed, most=2_900)))
    return Message(joined([done, opening, *map(_entry, shown), *snoozed, typed]), (*blocks, aside(typed)))


def _entry(kept: SubscriptionView) -> str:
    target = kept.subscription.target
    owner = "" if target.personal else f" · owner {user_mention(kept.owner)}"  # in a direct message it is its reader
    place = f"to {where(target)}{owner} · {state(kept) or 'running'}"
    return joined([f"*{kept.number}* {what(kept, most=_LONGEST_ENTRY)}", place])


def what(kept: SubscriptionView, *, most: int = 500) -> str:
    """Return the subscription in words, without the place: `Put on hold, released; own customers only`."""
    words = alerts.describe_topics(kept.subscription, kept.labels)
    return escaped(words[:1].upper() + words[1:], most=most)


def where(target: Target) -> str:
    return f"{user_mention(target.id)} in a direct message" if target.personal else channel_mention(target.id)


def state(kept: SubscriptionView) -> str:
    wanted = kept.subscription
    if wanted.paused:
        since = f" since {moment(kept.paused_since)}" if kept.paused_since else ""
        why = "" if wanted.paused == BY_HAND else f": {escaped(wanted.paused)}"
        return f"paused{since}{why}"
    if kept.stopped:
        return "stopped: no Sage sign-in"
    if wanted.muted_until is not None:
        return f"muted until {moment(wanted.muted_until)}"
    return f"next digest {moment(kept.due_at)}" if kept.due_at else ""


def _buttons(kept: SubscriptionView, page: int) -> list[Element]:
    silent = bool(kept.subscription.paused) or kept.subscription.muted_until is not None
    acts = [(EDIT, "Edit"), *([(RESUME, "Resume")] if silent else [(PAUSE, "Pause"), (MUTE, "Mute for a day")])]
    return [_button(what, text, kept.number, page) for what, text in (*acts, (DELETE, "Delete"))]


def _pages(page: int, pages: int) -> list[Element]:
    turns = [(page - 1, "Previous"), (page + 1, "Next")]
    return [_button(PAGE, text, to, to) for to, text in turns if 1 <= to <= pages]


def _button(what: str, text: str, number: int, page: int) -> Element:
    return button_element(
        text,
        f"{what}.{number}",
        value=f"{number} {page}",
        accessibility_label=f"{text}: {'page' if what == PAGE else 'subscription'} {number}",
    )


def subscription_page_pressed(what: str) -> re.Pattern[str]:
    """Return the pattern of a button's action ids: ids are unique in a message, so each ends in a number."""
    return re.compile(rf"{re.escape(what)}\.\d{{1,9}}")


def numbers_of(action: Mapping[str, Any]) -> tuple[int, int]:
    """Return a pressed button's subscription number and list page; zeros for a misshapen value."""
    number, _, page = str(action.get("value") or "").partition(" ")
    return _whole(number), _whole(page)


def _whole(text: str) -> int:
    return whole_number(text, digits=9) or 0


def subscription_changed(kept: SubscriptionView) -> Message:
    """Return the state of a subscription after a change."""
    text = f"*Subscription {kept.number}* ({what(kept)}; owner {user_mention(kept.owner)}): {state(kept) or 'on'}."
    if kept.subscription.paused:
        return note(joined([text, f"To turn it back on: `/sage resume {kept.number}`"]))
    if kept.subscription.muted_until is not None:
        return note(joined([text, f"To turn it back on now: `/sage mute {kept.number} off`"]))
    return note(text)


def subscription_removed(gone: Removed, *, at: datetime) -> Message:
    """Return the message for a subscription that has ended, with Undo for its owner."""
    text = f"*Subscription {gone.kept.number} has ended:* {what(gone.kept)}, to {where(gone.kept.subscription.target)}."
    value = f"{int(at.timestamp())} {gone.typed}"
    if not gone.typed or len(value) > _LONGEST_VALUE:
        return note(text)
    return note(text, buttons(button_element("Undo", UNDO, value=value)), aside("Undo works for 5 minutes."))


def undoable(value: str, *, now: datetime) -> str:
    """Return the words that an Undo button would subscribe with; empty once its time is over."""
    at, _, typed = value.partition(" ")
    known = re.fullmatch("[0-9]{10}", at)
    return typed if known and 0 <= now.timestamp() - int(at) <= UNDO_FOR.total_seconds() else ""


def not_in(error: NotInChannel) -> Message:
    """Return the message for a channel that the app is not in, with Join where the app may join by itself."""
    text = joined(
        [f"{channel_mention(error.channel_id)}: {error.message}" if error.channel_id else error.message, error.hint]
    )
    if not error.may_join or len(error.again) > _LONGEST_VALUE:
        return note(text)
    return note(text, buttons(button_element("Join and subscribe", JOIN, value=error.again, style="primary")))
