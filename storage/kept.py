"""Every table: what is kept in it, why and how long, and what erases it. docs/data.md is written from this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Erase(StrEnum):
    """What the erasure of a person does to a row that names them."""

    DELETE = "delete"
    FORGET = "forget"  # the row stays, without the person
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. `person` are the columns that hold a Slack user id; `is_of_customer`: its rows are about a customer.

    `history` is the column by which rows older than HISTORY_DAYS are deleted, `past` the condition that they are over.
    """

    what: str
    why: str
    until: str
    erased_by: str
    person: Mapping[str, Erase] = field(default_factory=dict)
    is_of_customer: bool = False
    history: str = ""
    past: str = ""


_WORKSPACE = "uninstalling, then `RETENTION_DAYS`"
_PERSON = f"`bot erase --person`; {_WORKSPACE}"
_CUSTOMER = f"`bot erase --customer`; {_WORKSPACE}"
_CLOSED = "24 months after it was closed"
_RUNNING = "to run the app for this workspace"

KEPT: Mapping[str, Kept] = {
    "workspaces": Kept(
        "name and Slack ids of the workspace, who installed, the bot token (sealed), "
        "which tables and charts Slack refused",
        _RUNNING,
        "while installed; the tokens go at once",
        _PERSON,
        {"installed_by": Erase.FORGET},
    ),
    "heartbeats": Kept("which process was alive, and when", "to say whether a worker runs", "an hour", "time"),
    "seen_requests": Kept(
        "hashes of Slack requests; the page that ended an installation", "to answer each once", "26 hours", "time"
    ),
    "leases": Kept("whose turn it is", "so that two processes don't do the same", "minutes", "time"),
    "member_roles": Kept(
        "who has which role, given by whom",
        "to decide who may see and do what",
        "until taken away; within a day after Slack deactivated them",
        _PERSON,
        {"user_id": Erase.DELETE, "granted_by": Erase.FORGET},
    ),
    "successions": Kept(
        "who was asked to let their sign-in answer for the workspace, by whom, and who agreed to be the deputy",
        "to ask before it does",
        "7 days for a question; a deputy until they or an admin end it",
        _PERSON,
        {"user_id": Erase.DELETE, "asked_by": Erase.FORGET},
    ),
    "access_requests": Kept(
        "who asked for access, with their reason, and who decided it",
        "to decide it once, and so that a no is not asked again at once",
        "`HISTORY_DAYS` after it was asked, once decided",
        _PERSON,
        {"asked_by": Erase.DELETE, "decided_by": Erase.FORGET},
        False,
        "asked_at",
        "state <> 'open'",
    ),
    "group_roles": Kept(
        "which user group has which role, given by whom",
        "to decide who may see and do what",
        "until taken away",
        _PERSON,
        {"granted_by": Erase.FORGET},
    ),
    "own_customer_codes": Kept(
        "which analysis codes are a person's customers",
        "to show people in sales their own",
        "until taken away; within a day after Slack deactivated them",
        _PERSON,
        {"user_id": Erase.DELETE, "set_by": Erase.FORGET},
    ),
    "sage_refusals": Kept(
        "which company Sage refused whom",
        "Sage's no is final",
        "until Sage grants it again",
        _PERSON,
        {"user_id": Erase.DELETE},
    ),
    "workspace_settings": Kept(
        "the chosen settings, and who changed them last",
        _RUNNING,
        "while installed",
        _PERSON,
        {"changed_by": Erase.FORGET},
    ),
    "channel_classes": Kept(
        "which channel may be shown how much and takes requests, set by whom",
        "figures reach no other channel",
        "while installed",
        _PERSON,
        {"set_by": Erase.FORGET},
    ),
    "companies": Kept(
        "name, site and ids of a Sage company, and how its Sage is asked", _RUNNING, "while installed", _WORKSPACE
    ),
    "connect_links": Kept(
        "who began to sign in, with name; hashes and sealed tokens of what is not finished",
        "so that a link serves its person, once",
        "10 minutes, then a minute",
        _PERSON,
        {"user_id": Erase.DELETE},
    ),
    "connections": Kept(
        "a person's Sage sign-in: sealed tokens, a hash of the Sage ID, the companies it opens and the one in use, the "
        "state",
        "Sage is asked as the person themselves",
        "tokens and hash: until disconnected, or `RETENTION_DAYS` after it ended or its owner left Slack, when they "
        "are revoked at Sage as far as Sage allows; the row without them: `HISTORY_DAYS`",
        f"`/sage disconnect`; {_PERSON}",
        {"user_id": Erase.DELETE},
    ),
    "conversation_subjects": Kept(
        "which customers a person last asked about or was shown in a list, and what was asked, a list with the names "
        "that narrow it",
        "to know who “it” and “the second one” are, and what “and LOW011?” and “next page” ask",
        "an hour",
        f"time; {_PERSON}; `bot erase --customer`, where the customer was asked about, shown or named",
        {"user_id": Erase.DELETE},
        True,
    ),
    "answer_counts": Kept(
        "how many questions in plain English of each kind were answered or not understood on each day; no words and "
        "no person",
        "to see what people ask, and what isn't understood",
        "90 days",
        f"time; {_WORKSPACE}",
    ),
    "answer_feedback": Kept(
        "who pressed 👍 or 👎 under which answer, and its kind; admins see numbers alone",
        "to count one press a person, which may be changed",
        "90 days",
        f"time; {_PERSON}",
        {"user_id": Erase.DELETE},
    ),
    "unclear_questions": Kept(
        "the words of questions that weren't understood, and who asked; only while admins have set `keep-questions on`",
        "so that admins see what people want to ask",
        "30 days, or until an admin sets `keep-questions off`",
        f"time; {_PERSON}",
        {"user_id": Erase.DELETE},
    ),
    "mirror_states": Kept(
        "how far the copy of a company has got",
        "to copy changes only",
        "as long as the copy is needed, then `RETENTION_DAYS`",
        _WORKSPACE,
    ),
    "code_sets": Kept(
        "the sets of analysis codes that the copied customers have, such as their region and salesperson, in clear",
        "to find the customers that a filter fits",
        "until no customer has that set, at the latest by the next night; with the copy of the customers",
        _WORKSPACE,
    ),
    "code_values": Kept(
        "the values of these sets, such as a region or a salesperson, one a row, in clear",
        "to find the sets that a filter fits",
        "with the set",
        _WORKSPACE,
    ),
    "name_words": Kept(
        "the words of the copied customers' names, each once, in clear",
        "to find customers by a part of a name",
        "until no customer has the word, at the latest by the next night; with the copy of the customers",
        _WORKSPACE,
    ),
    "customer_words": Kept(
        "which copied customer has which of these words in its name",
        "to find customers by a part of a name",
        "with the copy of the customers",
        _CUSTOMER,
        {},
        True,
    ),
    "mirrored_customers": Kept(
        "a copy of the customers in clear: names, postcode, contact and telephone, balance, limit, orders, hold "
        "and reason",
        "to answer while Sage is away, and to find changes",
        "until Sage has it no more; `RETENTION_DAYS` after neither the workspace's sign-in nor a subscription needs "
        "the company",
        _CUSTOMER,
        {},
        True,
    ),
    "open_items": Kept(
        "a copy of what customers owe in clear: each invoice, credit and receipt that isn't settled, with references, "
        "days and amounts",
        "to say what is overdue, also of many customers at once",
        "until it is settled; with the copy of the customers",
        _CUSTOMER,
        {},
        True,
    ),
    "customer_debts": Kept(
        "what the open items of a customer come to, which days of lateness were told, and at the beginning of seven "
        "months in how many days it pays and how much of the limit it uses",
        "to say what is overdue, to tell it once, and to warn early of what gets worse",
        "until nothing is open; with the copy of the customers",
        _CUSTOMER,
        {},
        True,
    ),
    "debt_days": Kept(
        "what each customer owed late, on each working day",
        "to compare a week's debt with the last",
        "15 days; with the copy of the customers",
        f"time; {_CUSTOMER}",
        {},
        True,
    ),
    "month_sales": Kept(
        "what a company invoiced in each month, and what was owed at its end, by currency",
        "to say how many days of sales are outstanding",
        "13 months; with the copy of the customers",
        f"time; {_WORKSPACE}",
    ),
    "receipts_seen": Kept(
        "receipts that the copy met: customer, day and amount",
        "to tell each payment once",
        "90 days; with the copy of the customers",
        f"time; {_CUSTOMER}",
        {},
        True,
    ),
    "customer_snoozes": Kept(
        "of which customer nothing is told before when: to whom or in which channel, or as a suggestion for a hold; "
        "who said so",
        "so that people read what is to be looked at",
        "until then: at most 92 days; with the copy of the customers",
        f"time; {_PERSON}; `bot erase --customer`",
        {"target_id": Erase.DELETE, "set_by": Erase.FORGET},
        True,
    ),
    "promises": Kept(
        "promises to pay: customer, amount, day, who of the customer said so, and who noted it here",
        "to judge them by what is received, and to say who keeps their word",
        _CLOSED,
        f"time; {_PERSON}; `bot erase --customer`",
        {"made_by": Erase.FORGET, "ended_by": Erase.FORGET},
        True,
    ),
    "disputes": Kept(
        "disputed invoices: which, the reason, who raised, accepted and closed it",
        "so that nobody chases what is in dispute",
        _CLOSED,
        f"time; {_PERSON}; `bot erase --customer`",
        {"raised_by": Erase.FORGET, "accepted_by": Erase.FORGET, "ended_by": Erase.FORGET},
        True,
    ),
    "debt_notes": Kept(
        "notes on a customer's debt, up to 200 characters each, and who wrote them",
        "so that colleagues know what was said",
        "24 months",
        f"time; {_PERSON}; `bot erase --customer`",
        {"written_by": Erase.FORGET},
        True,
    ),
    "hold_episodes": Kept(
        "when an account was on hold and why, what was overdue then, and who did it here",
        "Sage doesn't keep it",
        "`HISTORY_DAYS` after its end; with the copy",
        f"{_PERSON}; `bot erase --customer`",
        {"opened_by": Erase.FORGET, "closed_by": Erase.FORGET},
        True,
        "closed_at",
        "closed_at is not null",
    ),
    "seen_changes": Kept(
        "what changed at an account: hold, balance and limit before and after, late debt, and who did it here",
        "to tell each change once",
        "`HISTORY_DAYS`; with the copy",
        f"{_PERSON}; `bot erase --customer`",
        {"by_user": Erase.FORGET},
        True,
        "seen_at",
    ),
    "subscriptions": Kept(
        "who wants which alerts where, and of which customers where they are named",
        "to send them",
        "until ended",
        f"`/sage unsubscribe`; {_PERSON}; `bot erase --customer` (of a customer by name)",
        {"owner": Erase.DELETE, "target_id": Erase.DELETE},
        True,
    ),
    "defaults_off": Kept(
        "who ended the alerts about their own customers that were switched on for them",
        "so that they stay off",
        "while installed",
        _PERSON,
        {"user_id": Erase.DELETE},
    ),
    "outbox": Kept(
        "messages to post and posted ones, with the figures in them and the Slack ids of people that they name",
        "so that each is posted once",
        "`RETENTION_DAYS` after it was written, once posted",
        f"{_PERSON}; `bot erase --customer`",
        {"target_id": Erase.DELETE},
        True,
    ),
    "live_cards": Kept(
        "where the message about a stay on hold stands",
        "to bring it up to date",
        "with its stay on hold",
        _PERSON,
        {"target_id": Erase.DELETE},
    ),
    "change_intents": Kept(
        "a hold, a release or a credit limit changed through the app: who, which account, the limit, the reason",
        "so that it keeps its author after a crash",
        "7 days after it is done",
        f"{_PERSON}; `bot erase --customer`",
        {"user_id": Erase.FORGET},
        True,
    ),
    "hold_notes": Kept(
        "the alert and the memo that a hold left in Sage: which account, their text, and who put it on hold or "
        "released it",
        "to write them once, and to take them back at the release",
        "`HISTORY_DAYS` after it was taken back",
        f"{_PERSON}; `bot erase --customer`",
        {"user_id": Erase.FORGET},
        True,
        "wanted_at",
        "due_at is null and not is_wanted",
    ),
    "release_requests": Kept(
        "requests for a release, a credit limit or an order: who asked, answered and decided, with reasons, the limit "
        "asked for and the balance at the first approval",
        "to decide them, and to prove who did",
        "`HISTORY_DAYS` after it was decided or ran out",
        f"{_PERSON}; `bot erase --customer`",
        {
            "asked_by": Erase.DELETE,
            "question_by": Erase.FORGET,
            "first_by": Erase.FORGET,
            "claimed_by": Erase.FORGET,
            "decided_by": Erase.FORGET,
        },
        True,
        "expires_at",
        "state <> 'open'",
    ),
    "temporary_releases": Kept(
        "accounts released until a day or for one order: who agreed to it and asked for it, why, and what became of it",
        "to put them on hold again in time",
        "`HISTORY_DAYS` after it ended",
        f"{_PERSON}; `bot erase --customer`",
        {"agreed_by": Erase.DELETE, "asked_by": Erase.FORGET},
        True,
        "ended_at",
        "ended_at is not null",
    ),
    "audit_entries": Kept(
        "the record: who did what when, with reasons; who read figures of which customer, and who was refused; no "
        "amounts",
        "to prove who changed and who saw what (legitimate interest, UK GDPR art. 6(1)(f); art. 17(3)(b) and (e) for "
        "what is kept on after an erasure)",
        "changes `RECORD_DAYS`, reads and refusals `ACCESS_RECORD_DAYS`, whole months at a time",
        f"time; {_WORKSPACE}",
        {"who": Erase.KEEP},
    ),
    "audit_heads": Kept(
        "the number of lines and the last hash of each record (sealed), also of deleted workspaces; no personal data",
        "so that no record can be taken away unseen",
        "for ever",
        "nothing",
    ),
}


def as_table() -> str:
    """Return the list as the table of docs/data.md."""
    lines = ["| table | what is kept | why | how long | what erases it |", "|---|---|---|---|---|"]
    for name, kept in sorted(KEPT.items()):
        lines.append(f"| `{name}` | {kept.what} | {kept.why} | {kept.until} | {kept.erased_by} |")
    return "\n".join(lines)
