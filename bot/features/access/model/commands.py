"""The list of everything that can be typed: help, the nearest words to a typo and the manifest's check come from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.command_names import PREFIXED, CommandName
from bot.domain.filters.filter_examples import DEMO
from bot.domain.text.parsing import nearest
from bot.features.access.model.authorization import Action


class CommandGroup(StrEnum):
    """The headings of the help, in order."""

    CUSTOMERS = "Customers"
    PROMISES = "Promises, disputes and notes"
    HOLDS = "Putting on hold and releasing"
    ON_HOLD = "Accounts on hold"
    OVERDUE = "Overdue debt"
    CONNECTION = "Connecting your Sage ID"
    NEWS = "Alerts"
    ADMINS = "For admins of this app"
    HELP = "Help"


SUBJECTS: Mapping[CommandGroup, str] = {
    CommandGroup.CUSTOMERS: "customers",
    CommandGroup.PROMISES: "promises",
    CommandGroup.HOLDS: "holds",
    CommandGroup.ON_HOLD: "onhold",
    CommandGroup.OVERDUE: "overdue",
    CommandGroup.CONNECTION: "connecting",
    CommandGroup.NEWS: "alerts",
    CommandGroup.ADMINS: "admins",
}
"""What to type after `/sage help` for the meanings of a heading's commands."""


_NAMES: Mapping[str, CommandName] = {name.plain: name for name in PREFIXED}


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """One thing to type. `needs` is the action that the user must be allowed; None: every full member may type it.

    `typed` begins with the command's plain name, `usage` with the one that the operator chose.
    """

    group: CommandGroup
    typed: str
    meaning: str
    needs: Action | None = None

    @property
    def usage(self) -> str:
        """Return what to type, with the command's name here."""
        name, space, words = self.typed.partition(" ")
        return f"{_NAMES.get(name, name)}{space}{words}"

    @property
    def command(self) -> str:
        """Return the slash command, such as `/sage`."""
        return self.usage.partition(" ")[0]

    @property
    def word(self) -> str:
        """Return the word after the slash command; empty if there is none."""
        return (*self.typed.split(), "")[1]


@dataclass(frozen=True, slots=True)
class Permissions:
    """The actions that a user may do somewhere now, and those they could do after connecting a Sage ID."""

    may: frozenset[Action] = frozenset()
    once_connected: frozenset[Action] = frozenset()
    is_member: bool = True

    def has(self, entry: CommandEntry) -> bool:
        """Return whether this command is of any use to the user now."""
        return self.is_member and (entry.needs is None or entry.needs in self.may)

    def would_have(self, entry: CommandEntry) -> bool:
        """Return whether this command would become useful once the user has connected a Sage ID."""
        return self.is_member and entry.needs in self.once_connected


NO_PERMISSIONS = Permissions(is_member=False)
"""The permissions of guests, strangers and users whom Slack could not describe."""

_TABLE: Mapping[CommandGroup, tuple[tuple[str, str, Action | None], ...]] = {
    CommandGroup.CUSTOMERS: (
        (
            "/customer ABS001",
            "on hold or not, balance and credit limit, by reference, name, short name or postcode",
            Action.STATUS,
        ),
        (
            "/customer ABS001 history",
            "how often and how long the account was on hold, why, and who put it on hold and released it",
            Action.FIGURES,
        ),
        ("/sage balances", "who owes the most: `min:5000`, `not on hold`, a filter or words narrow it", Action.FIGURES),
        ("/sage over-limit", "who is over their credit limit; `80%`: who has used so much of it", Action.FIGURES),
        (
            "/sage totals",
            "what all customers owe, and how much of it is overdue or on hold; a filter or words narrow it",
            Action.FIGURES,
        ),
        ("/customer ABS001 order 1500", "check whether a £1,500 order fits", Action.FIGURES),
        (
            "/customer ABS001 watch",
            "alerts when its hold changes or it goes over its limit; `unwatch` ends it",
            Action.SUBSCRIBE_SELF,
        ),
        (
            "/customer ABS001 snooze 7d",
            "no alerts about it for 7 days; `snooze off` ends that, `snooze 7d here` is for a channel",
            Action.SUBSCRIBE_SELF,
        ),
        (
            "/customer help",
            "everything about one customer: timed releases, limits, promises, disputes, notes",
            None,
        ),
    ),
    CommandGroup.PROMISES: (
        (
            "/customer ABS001 promise 500 by Friday Jane",
            "note what the customer promised to pay, by when and who said so; `promise off` withdraws it",
            Action.PROMISE,
        ),
        (
            "/customer ABS001 dispute INV12 REASON",
            "mark an invoice as disputed; once a controller accepts, it no longer counts as overdue",
            Action.DISPUTE,
        ),
        ("/customer ABS001 resolve INV12", "end the dispute", Action.DISPUTE),
        ("/customer ABS001 note TEXT", "write a note for colleagues, shown on the card", Action.NOTE),
    ),
    CommandGroup.HOLDS: (
        ("/customer ABS001 hold REASON", "put it on hold in Sage 200, in your name", Action.HOLD),
        ("/customer ABS001 release REASON", "release it in Sage 200, in your name", Action.RELEASE),
        (
            "/customer ABS001 release until Friday REASON",
            "for a limited time, or `for order 12345`: it then goes back on hold, with your Sage sign-in",
            Action.RELEASE,
        ),
        ("/customer ABS001 request-release REASON", "ask credit control to release it", Action.REQUEST_RELEASE),
        (
            "/customer ABS001 request-limit 6000 REASON",
            "ask for a credit limit",
            Action.REQUEST_RELEASE,
        ),
        (
            "/customer ABS001 request-order 0000012345 REASON",
            "ask to let an order go",
            Action.REQUEST_RELEASE,
        ),
        ("/sage requests", "requests that are waiting", Action.REQUEST_RELEASE),
        ("/sage requests decided", "who decided how many, and how fast", Action.AUDIT_ALL),
        (
            "/sage approve N",
            "approve request N (note optional), also `until Friday`",
            Action.DECIDE_RELEASE,
        ),
        ("/sage decline N REASON", "decline request N, with the reason", Action.DECIDE_RELEASE),
        ("/sage ask-back N QUESTION", "ask the person who made the request something", Action.DECIDE_RELEASE),
        ("/sage answer N WORDS", "answer a question about your request", Action.REQUEST_RELEASE),
        ("/sage withdraw N", "cancel your request", Action.REQUEST_RELEASE),
        (
            "/sage audit WORDS",
            "who did or looked at what, `since 1 Nov by @Anna customer ABS001`; `csv` or `json` first sends a file",
            Action.AUDIT_OWN,
        ),
    ),
    CommandGroup.ON_HOLD: (
        ("/onhold", "the accounts on hold, the longest first", Action.FIGURES),
        ("/onhold mine", "your own customers only", Action.FIGURES),
        (
            f"/onhold {DEMO.condition} min:500",
            "by your company's analysis codes, balance, currency, or part of a name",
            Action.FIGURES,
        ),
        (
            "/onhold mine 30+",
            "those with debt 30 days overdue or more; also `over limit`, `promised`, `disputed`, `not promised`",
            Action.FIGURES,
        ),
        ("/onhold since Monday", "those put on hold since then; also `last week`, `1 Nov to 7 Nov`", Action.FIGURES),
        ("/onhold released this week", "those released then, the latest first, and why", Action.FIGURES),
        ("/onhold reasons", "how many are on hold for which reason", Action.FIGURES),
        ("/onhold top 5", "the five longest on hold; can be combined with a filter", Action.FIGURES),
        ("/onhold page 2", "the next page; can be combined with a filter", Action.FIGURES),
        ("/onhold csv", "all of them as a file, sent to you by the app; can be combined with a filter", Action.FIGURES),
        ("/onhold help", "how to ask for the accounts on hold", None),
    ),
    CommandGroup.OVERDUE: (
        ("/overdue", "who is overdue, the oldest debt first, with totals", Action.FIGURES),
        ("/overdue mine", "your own customers only", Action.FIGURES),
        (
            "/overdue 30+",
            "debt 30 days overdue or more; can be combined with a filter or part of a name",
            Action.FIGURES,
        ),
        ("/overdue min:1000", "accounts with at least £1,000 overdue", Action.FIGURES),
        ("/overdue chase", "accounts to chase: overdue, without a promise to pay", Action.FIGURES),
        (
            "/overdue warning",
            "early warnings: paying later, using more of the limit, or breaking promises",
            Action.FIGURES,
        ),
        ("/overdue promised", "accounts with a promise to pay", Action.FIGURES),
        ("/overdue broken", "accounts that broke a promise and still owe", Action.FIGURES),
        ("/overdue disputed", "accounts with debt in query", Action.FIGURES),
        ("/overdue suggested", "accounts that your policy suggests for a hold", Action.FIGURES),
        ("/overdue mine not on hold", "those not on hold; also `over limit`, `not disputed`", Action.FIGURES),
        ("/overdue top 5", "the five with the oldest debt; can be combined with a filter", Action.FIGURES),
        ("/overdue page 2", "the next page; can be combined with a filter", Action.FIGURES),
        (
            "/overdue csv",
            ("a line for each invoice, as a file sent to you by the app; can be combined with a filter"),
            Action.FIGURES,
        ),
        ("/overdue help", "how to ask for overdue debt", None),
    ),
    CommandGroup.CONNECTION: (
        ("/sage connect", "connect your own Sage ID", None),
        ("/sage verify CODE", "finish connecting with the code from the page", None),
        ("/sage company", "list your companies; `/sage company 2` picks the second", None),
        ("/sage status", "whether you are connected, since when, and to which company", None),
        ("/sage request-access REASON", "ask for a role", None),
        ("/sage disconnect", "erase your Sage sign-in here", None),
        ("/sage accept-handover", "agree to share your Sage sign-in, if asked", None),
        ("/sage refuse-handover", "say no to that", None),
        ("/sage accept-deputy", "agree to be the deputy, if asked", None),
        ("/sage refuse-deputy", "say no to that", None),
        ("/sage claim", "Slack admins: become an admin of this app where none is left", None),
    ),
    CommandGroup.NEWS: (
        (
            "/sage subscribe KINDS",
            f"alerts, such as `holds in #sales where {DEMO.condition}`, `ping` mentions the rep; alone it opens a form",
            Action.SUBSCRIBE_SELF,
        ),
        (
            "/sage subscribe overdue 30,60,90",
            "whose debt reaches so many days overdue, at 08:00 on working days; `overdue-paid`: who paid some; "
            "`promise-broken`: who broke a promise",
            Action.SUBSCRIBE_SELF,
        ),
        (
            "/sage subscribe debts mondays 08:00",
            "what is overdue, compared with a week ago",
            Action.SUBSCRIBE_SELF,
        ),
        ("/sage subscriptions", "your alerts, by number", Action.SUBSCRIBE_SELF),
        ("/sage unsubscribe N", "end alert N", Action.SUBSCRIBE_SELF),
        ("/sage pause N", "pause alert N", Action.SUBSCRIBE_SELF),
        ("/sage resume N", "turn it back on", Action.SUBSCRIBE_SELF),
        ("/sage mute N 2d", "silence it for two days, or `until friday`", Action.SUBSCRIBE_SELF),
        ("/sage reassign N @PERSON", "give it to somebody else", Action.SUBSCRIBE_SELF),
    ),
    CommandGroup.ADMINS: (
        (
            "/sage team",
            "everybody's role, customers and Sage ID; roles for many people at once",
            Action.SETTINGS,
        ),
        (
            "/sage roles",
            "who has which role; `@PERSON sales` gives one to people and groups (or `admin`, `controller`, `viewer`)",
            Action.SETTINGS,
        ),
        ("/sage roles remove @PERSON", "take it away", Action.SETTINGS),
        (f"/sage roles @PERSON customers {DEMO.condition}", "say which customers are a person's own", Action.SETTINGS),
        (
            "/sage channel figures",
            "what a channel may show: `status`, `band` or `figures`; `for NAME` is about another company",
            Action.SETTINGS,
        ),
        (
            "/sage channel requests",
            "post requests for releases, limits and orders in a channel; `requests off` ends it",
            Action.SETTINGS,
        ),
        (
            "/sage settings",
            "what members without a role see, time zone, bank holidays and more",
            Action.SETTINGS,
        ),
        ("/sage questions", "what people ask in plain English, and what wasn't understood", Action.SETTINGS),
        (
            "/sage handover @PERSON",
            "choose whose Sage sign-in the workspace uses, or `me`",
            Action.SETTINGS,
        ),
        ("/sage deputy @PERSON", "ask a person to take over when that sign-in stops; `none` ends it", Action.SETTINGS),
    ),
    CommandGroup.HELP: (("/sage help", "every command; with a subject, what each does: `/sage help holds`", None),),
}

ENTRIES = tuple(CommandEntry(group, *row) for group, rows in _TABLE.items() for row in rows)


def entries_of(command: str, entries: Iterable[CommandEntry] = ENTRIES) -> tuple[CommandEntry, ...]:
    """Return the entries of one slash command, in order."""
    return tuple(entry for entry in entries if entry.command == command)


def entries_about(topic: str, permissions: Permissions) -> tuple[CommandEntry, ...]:
    """Return the commands about a word, of those that the user may use: by their heading, or by what they say."""
    wanted = _stem(topic)
    usable = [entry for entry in ENTRIES if permissions.has(entry) and wanted]
    headed = [entry for entry in usable if wanted in map(_stem, _WORD.findall(entry.group))]
    typed = [entry for entry in usable if wanted in map(_stem, _WORD.findall(entry.typed))]
    said = [entry for entry in usable if wanted in map(_stem, _WORD.findall(entry.meaning))]
    return tuple(dict.fromkeys([*typed, *headed] or said))


_WORD = re.compile(r"[\w-]+")
_SUFFIXES = ("ing", "es", "s")


def _stem(word: str) -> str:
    """Return the word without its ending: `holds` and `holding` are about `hold`."""
    lower = word.casefold()
    ending = next((each for each in _SUFFIXES if lower.endswith(each) and len(lower) - len(each) >= 3), "")
    return lower.removesuffix(ending).removesuffix("e")


def nearest_commands(word: str, permissions: Permissions) -> tuple[str, ...]:
    """Return at most two `/sage` usages whose word is most like the mistyped one, of those that the user may use."""
    known = {entry.word: entry for entry in reversed(entries_of("/sage")) if permissions.has(entry)}
    return tuple(known[each].usage for each in nearest(word.casefold(), known)[:2]) if word else ()
