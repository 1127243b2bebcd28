"""Every question that can be asked in plain English, as a closed set of types."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bot.domain.filters.customer_states import StateIs


@dataclass(frozen=True, slots=True)
class Named:
    """A customer by reference, name or postcode, as typed. Untrusted: Sage resolves it."""

    words: str


@dataclass(frozen=True, slots=True)
class It:
    """The customer asked about last in this thread."""


@dataclass(frozen=True, slots=True)
class Known:
    """A customer chosen from a menu, by Sage's id in the asker's own company."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Nobody: the sentence names no customer, and no word in it points back at one."""


@dataclass(frozen=True, slots=True)
class Both:
    """The customers of the last answer, of which it had two or a few: “are they both on hold?”"""


@dataclass(frozen=True, slots=True)
class Nth:
    """One of the customers of the last list or menu, counted from 1; `LAST` of them: “the second one”."""

    place: int


LAST = -1
Subject = Named | It | Known | Unsaid | Both | Nth


@dataclass(frozen=True, slots=True)
class AboutOne:
    """A question about one customer."""

    who: Subject


@dataclass(frozen=True, slots=True)
class WholeCard(AboutOne):
    """“Tell me about them.”"""


@dataclass(frozen=True, slots=True)
class IsOnHold(AboutOne):
    """“Are they on stop?”"""


@dataclass(frozen=True, slots=True)
class Why(AboutOne):
    """“Why are they on hold?”"""


@dataclass(frozen=True, slots=True)
class SinceWhen(AboutOne):
    """“How long have they been on hold?”"""


@dataclass(frozen=True, slots=True)
class HoldHistory(AboutOne):
    """“How often were they on hold?”"""


@dataclass(frozen=True, slots=True)
class Balance(AboutOne):
    """“What do they owe us?”"""


@dataclass(frozen=True, slots=True)
class Limit(AboutOne):
    """“What's their credit limit?”, and whether they are over it."""


@dataclass(frozen=True, slots=True)
class Headroom(AboutOne):
    """“How much room is on the account?”"""


@dataclass(frozen=True, slots=True)
class CanOrder(AboutOne):
    """“Can they have another 2k?” `amount` is None if none was said.

    `currency` is as `order_check.Amount` has it; empty, if none was said: then it is the customer's.
    """

    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Orders(AboutOne):
    """“What have they on order?”"""


@dataclass(frozen=True, slots=True)
class Invoices(AboutOne):
    """“Which invoices are open?”"""


@dataclass(frozen=True, slots=True)
class AgedDebt(AboutOne):
    """“How old is the debt?”"""


@dataclass(frozen=True, slots=True)
class Overdue(AboutOne):
    """“How much of it is overdue?”"""


@dataclass(frozen=True, slots=True)
class LastPaid(AboutOne):
    """“When did they last pay?”"""


@dataclass(frozen=True, slots=True)
class DaysLate(AboutOne):
    """“Do they pay on time?”"""


@dataclass(frozen=True, slots=True)
class Contact(AboutOne):
    """“Who do I ring?”"""


@dataclass(frozen=True, slots=True)
class Terms(AboutOne):
    """“What terms are they on, and do they keep them?”"""


@dataclass(frozen=True, slots=True)
class Rep(AboutOne):
    """“Who looks after them?”"""


@dataclass(frozen=True, slots=True)
class Watch(AboutOne):
    """“Tell me when they come off hold.”"""


@dataclass(frozen=True, slots=True)
class Unwatch(AboutOne):
    """“Stop watching them.”"""


@dataclass(frozen=True, slots=True)
class PutOnHold(AboutOne):
    """“Put them on stop.” A sentence never changes Sage: the answer only says how. `reason` is as typed."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Release(AboutOne):
    """“Take them off hold.” The answer only says how. `reason` is as typed."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Compare:
    """Two customers side by side."""

    first: Subject
    second: Subject


@dataclass(frozen=True, slots=True)
class OfEach:
    """One question about each of several customers: “Is ABS001 or LOW011 on hold?”"""

    questions: tuple[AboutOne, ...]


@dataclass(frozen=True, slots=True)
class AboutMany:
    """A question about many customers. `words` filter by sales person, region or name.

    `minimum` is the least balance and `most` the largest; of a list of debt, of what is overdue or in query. `days` is
    how old a debt is at least, and `most_days` at most. `states` are what the accounts are to be besides what the list
    is of. `currency` is an ISO code. `also` are more words that filter, “George's in the north”; those of `without`
    are not to be, “except Leeds”. `page` is that of the list, and `count` how many stand on it, 0 for as many as fit:
    “top 5 overdue”.
    """

    words: str = ""
    mine: bool = False
    minimum: Decimal | None = None
    days: int = 0
    states: tuple[StateIs, ...] = field(default=(), kw_only=True)
    currency: str = field(default="", kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)
    without: tuple[str, ...] = field(default=(), kw_only=True)
    most: Decimal | None = field(default=None, kw_only=True)
    most_days: int = field(default=0, kw_only=True)
    page: int = field(default=1, kw_only=True)
    count: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class WhoIsOnHold(AboutMany):
    """The accounts on hold."""


@dataclass(frozen=True, slots=True)
class ListPutOnHold(AboutMany):
    """The accounts put on hold in a period, as typed; empty for any."""

    period: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class ListReleased(AboutMany):
    """The accounts released in a period, as typed; empty for any."""

    period: str = field(default="", kw_only=True)


HoldsChanged = ListPutOnHold | ListReleased


@dataclass(frozen=True, slots=True)
class OverLimit(AboutMany):
    """The customers over their credit limit."""


@dataclass(frozen=True, slots=True)
class NearLimit(AboutMany):
    """The customers who have used `percent` of their credit limit or more, those over it too."""

    percent: int = 80


@dataclass(frozen=True, slots=True)
class Largest(AboutMany):
    """The `count` customers who owe most."""

    count: int = field(default=10, kw_only=True)


@dataclass(frozen=True, slots=True)
class ListOverdue(AboutMany):
    """The customers with overdue debt."""


@dataclass(frozen=True, slots=True)
class ListPromised(AboutMany):
    """The customers who promised to pay."""


@dataclass(frozen=True, slots=True)
class ListBroken(AboutMany):
    """The customers who broke a promise to pay, and still owe what is late."""


@dataclass(frozen=True, slots=True)
class ListSuggested(AboutMany):
    """The customers who might be put on hold."""


@dataclass(frozen=True, slots=True)
class ListDisputed(AboutMany):
    """The customers with debt in query."""


@dataclass(frozen=True, slots=True)
class ListChase(AboutMany):
    """The customers to chase: late, and without a promise to pay."""


@dataclass(frozen=True, slots=True)
class ListWarned(AboutMany):
    """The customers with early warnings."""


@dataclass(frozen=True, slots=True)
class LedgerTotal(AboutMany):
    """What all customers owe together, and how many they are."""


@dataclass(frozen=True, slots=True)
class Again:
    """The last question once more, of another customer or with another filter: “and LOW011?”, “just mine”.

    `is_place`: the name can only be a filter, as in “and in Durham?”. `without` are those to be left out.
    `turns` are pages of the last list to go on by, -1 for the one before, and `page` is the one asked for: “page 2”.
    `period` is as typed: “and last month?”.
    """

    who: Subject
    mine: bool = False
    minimum: Decimal | None = None
    is_place: bool = False
    without: tuple[str, ...] = ()
    turns: int = 0
    page: int = 0
    most: Decimal | None = None
    period: str = ""


class Topic(StrEnum):
    """What is understood but not answered."""

    STATEMENTS = "statements"
    MESSAGES = "messages"
    CHASING = "chasing"
    POSTING = "posting"
    LIMITS = "limits"
    ACCOUNTS = "accounts"
    NOTES = "notes"
    REMINDERS = "reminders"
    PROMISES = "promises"
    SALES = "sales"
    ELSEWHERE = "elsewhere"
    HISTORY = "history"
    LEAVING = "leaving"
    ACCESS = "access"
    FILES = "files"
    REQUESTS = "requests"
    DOCUMENTS = "documents"
    SEVERAL = "several"
    PAGES = "pages"
    SOURCES = "sources"
    NOT_TO_BE_DONE = "not to be done"
    TOTALS = "totals"
    OTHER_LISTS = "other lists"
    OTHER = "other"


OF_A_CUSTOMER = frozenset(
    {
        Topic.STATEMENTS,
        Topic.MESSAGES,
        Topic.CHASING,
        Topic.POSTING,
        Topic.LIMITS,
        Topic.ACCOUNTS,
        Topic.NOTES,
        Topic.REMINDERS,
        Topic.PROMISES,
        Topic.SALES,
        Topic.HISTORY,
        Topic.DOCUMENTS,
    }
)
"""What is asked of one customer, and answered with what can be asked of them."""


@dataclass(frozen=True, slots=True)
class CannotAnswer:
    """A question or a wish that is understood, but that is not for this app or has no figures here."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Connect:
    """“Sign me in.”"""


@dataclass(frozen=True, slots=True)
class Status:
    """“Am I connected?”"""


@dataclass(frozen=True, slots=True)
class Help:
    """“What can I ask?”"""


@dataclass(frozen=True, slots=True)
class Greeting:
    """“Morning!”"""


@dataclass(frozen=True, slots=True)
class Thanks:
    """“Ta!”"""


AboutUs = Connect | Status | Help | Greeting | Thanks
Question = AboutOne | Compare | OfEach | AboutMany | Again | CannotAnswer | AboutUs
