"""The held-out files, read, and their conversations played to the grammar."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from bot.domain.customer import CustomerName
from bot.domain.filters.analysis_codes import KnownValues
from bot.domain.filters.customer_states import State, StateIs
from bot.domain.text.parsing import each_name
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.follow_up import in_context, is_of_many, of_value
from bot.features.assistant.model.grammar.rules.left_out import left_out, narrowed, with_figures
from bot.features.assistant.model.grammar.rules.states import own_state
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.last_answer import of_shown
from bot.features.assistant.model.questions import AboutOne, CannotAnswer, Named, Question, Topic
from bot.features.customers.model.lookup import NameBook

CUSTOMERS = {
    "ABS001": "ABS Garages Ltd",
    "LOW011": "Lowmarsh Motor Factors",
    "GAR003": "Garston Coachworks",
    "EDG001": "Edge Tyres Ltd",
    "PEN001": "Pennine PENNINE",
    "APO001": "O'Brien's Autos",
    "EUR001": "Garage Müller GmbH",
}
# Of the seventh file besides.
MORE_CUSTOMERS = {
    "KER001": "Kerridge Motors",
    "FEN001": "Fenwick Garages",
    "BRI001": "Brightside Bakery",
    "NOR001": "Northern Tyres",
    "ACM001": "Acme Engineering",
}
# Of the eighth file besides.
OTHER_CUSTOMERS = {
    "THO001": "Thompson & Sons",
    "WHI001": "Whitby Haulage Ltd",
    "DAL001": "Dales Commercials",
    "MIT001": "Mitchell Plant Hire",
    "SUN001": "Sunrise Coaches",
    "PET001": "Peter Jarvis Autos",
    "TRE001": "Trent Valley Trucks",
    "STA001": "Star Taxis",
}


def _book(customers: Mapping[str, str]) -> NameBook:
    return NameBook([CustomerName(at, reference, name) for at, (reference, name) in enumerate(customers.items(), 1)])


BOOK = _book(CUSTOMERS)
LARGER_BOOK = _book(CUSTOMERS | MORE_CUSTOMERS)
LARGEST_BOOK = _book(CUSTOMERS | MORE_CUSTOMERS | OTHER_CUSTOMERS)
VALUES = KnownValues({1: ["North", "South", "Scotland"], 2: ["George Hill", "Priya Shah"]})
SHOWN = "one of the list"
_ALSO = re.compile(r"\bor=([a-z_]+)")
_WITH = re.compile(r"\bwith=([a-z_]+):([a-z0-9_]+)")
_SAYS = re.compile(r"\bsaid=(\S+)")
_AMOUNTS = re.compile(r"\bamount=([\d.,]+)")
_BUT = re.compile(r"\bbut=(\w+):(\w+)(?::(\w+))?")
_ANY = re.compile(r"\bany=([\w,]+)")
_STATES = {
    "held": State.HELD,
    "over_limit": State.OVER,
    "overdue": State.LATE,
    "promised": State.PROMISED,
    "disputed": State.DISPUTED,
}
MANY = {"list_", "total_", "count_", "mine_"}
# The writer's intents, and the questions whose answer says it.
ONE: dict[str, tuple[type[AboutOne], ...]] = {
    "order": (ask.CanOrder,),
    "on_hold": (ask.IsOnHold,),
    "card": (ask.WholeCard,),
    "hold_history": (ask.HoldHistory,),
    "balance": (ask.Balance,),
    "headroom": (ask.Headroom,),
    "contact": (ask.Contact,),
    "last_paid": (ask.LastPaid,),
    "limit": (ask.Limit,),
    "used": (ask.Limit,),
    "overdue": (ask.Overdue,),
    "orders": (ask.Orders,),
    "why_held": (ask.Why, ask.SinceWhen),  # reason and date are in both answers
    "aged": (ask.AgedDebt,),
    "invoices": (ask.Invoices,),
    "terms": (ask.Terms,),
    "rep": (ask.Rep,),
    "pay_days": (ask.Terms, ask.DaysLate),  # both say in how many days it pays
    "days_late": (ask.DaysLate,),
    "watch": (ask.Watch,),
    "unwatch": (ask.Unwatch,),
    "put_on_hold": (ask.PutOnHold,),
    "release": (ask.Release,),
}
OTHER: dict[str, tuple[type, ...]] = {
    "list_overdue": (ask.ListOverdue, ask.ListChase),  # whom to chase is of those who are late
    "list_on_hold": (ask.WhoIsOnHold, ask.ListPutOnHold),
    "list_released": (ask.ListReleased,),
    "mine_on_hold": (ask.WhoIsOnHold,),
    "count_on_hold": (ask.WhoIsOnHold,),
    "total_on_hold": (ask.WhoIsOnHold,),
    "list_over_limit": (ask.OverLimit,),
    "list_over_percent": (ask.NearLimit,),
    "list_biggest": (ask.Largest,),
    "total_debt": (ask.LedgerTotal,),
    "count_customers": (ask.LedgerTotal,),
    "list_promised": (ask.ListPromised,),
    "list_broken": (ask.ListBroken,),
    "list_suggested": (ask.ListSuggested,),
    "list_disputed": (ask.ListDisputed,),
    "list_chase": (ask.ListChase,),
    "list_warned": (ask.ListWarned,),
    "greeting": (ask.Greeting,),
    "thanks": (ask.Thanks,),
    "help": (ask.Help,),
    "connect": (ask.Connect,),
    "out_of_scope": (CannotAnswer,),
}
TOPICS = {}


@dataclass(frozen=True)
class Row:
    conversation: int
    phrase: str
    intent: str
    customers: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Intents that are right too."""
    conditions: tuple[tuple[str, str], ...] = ()
    """What a list is narrowed by."""
    said: tuple[str, ...] = ()
    """What no answer has, so that the answer says it leaves it out."""
    amounts: tuple[str, ...] = ()
    """Of each order."""
    bounds: tuple[tuple[str, str, str], ...] = ()
    """What a list is narrowed by, or else says it isn't: the field, the words as typed and the value."""
    any_of: tuple[str, ...] = ()
    """Words of which each customer of the list has one, or which the answer says it leaves out."""
    is_of_many: bool = False
    """Whether a question that is refused is about many."""
    half: str = ""
    """Which half of the ninth file it is of: "A" was read to mend its faults, "B" never."""


def rows(name: str) -> list[Row]:
    with (Path(__file__).parent / name).open(newline="") as file:
        read = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Row(
                int(row["conversation"]),
                row["phrase"],
                row["intent"],
                tuple(filter(None, row["customers"].split(","))),
                tuple(_ALSO.findall(row["note"] or "")),
                tuple(_WITH.findall(row["note"] or "")),
                tuple(words.replace("_", " ") for words in _SAYS.findall(row["note"] or "")),
                tuple(amount for found in _AMOUNTS.findall(row["note"] or "") for amount in found.split(",")),
                tuple(
                    (name, words.replace("_", " "), (value or words).replace("_", " "))
                    for name, words, value in _BUT.findall(row["note"] or "")
                ),
                tuple(each for found in _ANY.findall(row["note"] or "") for each in found.split(",")),
                "many" in (row["note"] or "").split(),
                row.get("half") or "",
            )
            for row in read
        ]


@dataclass
class Talk:
    """What the conversation knows: the customer asked about last, and the question."""

    customer: str = ""
    last: Question | None = None
    book: NameBook = BOOK
    shown: tuple[str, ...] = ()
    """The customers of the last answer, where it had several."""

    def hears(self, phrase: str) -> tuple[Question | None, tuple[str, ...]]:
        """The question, and the references of its customers; "" for one that nobody is."""
        question = understand(phrase)
        question = narrowed(self.last, phrase) or in_context(question, self.last)
        shown = tuple(map(Named, self.shown))
        question = of_shown(question, shown, self.last, is_of_one=bool(self.customer), text=phrase)
        found = tuple(each for who in _asked_about(question) for each in self._found(who))
        if (
            isinstance(question, ask.WholeCard)
            and found == ("",)
            and phrase.islower()
            and not isinstance(question.who, ask.It)
        ):
            question = None  # as the service says it of words that are like no name
        is_nobody = isinstance(question, AboutOne) and found == ("",) and isinstance(question.who, Named)
        if is_nobody and isinstance(self.last, ask.AboutMany) and isinstance(question, AboutOne):
            # As the service goes on with a list, of a name that no customer has.
            words = question.who.words if isinstance(question.who, Named) else ""
            question, found = with_figures(replace(self.last, words=words), phrase), ()
        elif (
            self.book is not BOOK
            and isinstance(question, AboutOne)
            and found == ("",)
            and isinstance(question.who, Named)
        ):
            question = _of_value(question, question.who.words, phrase)
            found = found if isinstance(question, AboutOne) else ()
        if isinstance(question, AboutOne) or is_of_many(question):
            self.last = question
        self.customer = next((each for each in reversed(found) if each), self.customer)
        several = tuple(dict.fromkeys(filter(None, found)))
        if isinstance(question, ask.AboutMany):
            self.customer, self.shown = "", (SHOWN,) * 15
        elif found:
            self.shown = several if len(several) > 1 else ()
        return question, found

    def _found(self, who: ask.Subject) -> Sequence[str]:
        if who == Named(SHOWN):
            return [SHOWN]
        if not isinstance(who, Named):
            return [self.customer if isinstance(who, ask.It) else ""]
        if self.book.fitting(who.words, most=2):
            return [self._reference(who.words)]
        return [self._reference(each) for each in each_name(who.words)]

    def _reference(self, words: str) -> str:
        """As the look-up answers: the customer that fits, else the nearest, which it offers."""
        fitting = self.book.fitting(words, most=2) or self.book.nearest(words)
        return fitting[0].reference if fitting else ""


def _of_value(question: AboutOne, words: str, phrase: str) -> Question:
    """As the service reads a name that no customer has: as a sales person's or a region's."""
    many = of_value(question) if len(VALUES.meant_as(words, {})) == 1 else None
    return with_figures(many, phrase) if isinstance(many, ask.AboutMany) else many or question


def is_many_as_one(row: Row, question: Question | None) -> bool:
    is_of_many = row.is_of_many or row.intent.startswith(tuple(MANY))
    return is_of_many and isinstance(question, AboutOne | ask.OfEach | ask.Compare)


def _asked_about(question: Question | None) -> Iterator[ask.Subject]:
    if isinstance(question, AboutOne):
        yield question.who
    elif isinstance(question, ask.Compare):
        yield from (question.first, question.second)
    elif isinstance(question, ask.OfEach):
        yield from (each.who for each in question.questions)


def is_right(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    return any(_is_meant(replace(row, intent=intent), question, found) for intent in (row.intent, *row.also))


def _is_meant(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    if row.intent in TOPICS:
        return isinstance(question, CannotAnswer) and question.topic in TOPICS[row.intent]
    if row.intent in OTHER:
        is_ours = isinstance(question, OTHER[row.intent])
        return is_ours and (row.intent != "mine_on_hold" or getattr(question, "mine", False))
    return SPECIAL[row.intent](question, found, row) if row.intent in SPECIAL else is_of_one(row, question, found)


def conditions_missing(row: Row, question: Question | None) -> list[str]:
    """The conditions that the list isn't narrowed by, and that aren't what it is of."""
    if not isinstance(question, ask.AboutMany):
        return []
    figures = {"days": str(question.days), "minimum": f"{question.minimum or 0:f}", "words": question.words.casefold()}
    figures |= {"mine": "yes" if question.mine else "no", "currency": question.currency.casefold()}
    return [
        f"{name}:{value}"
        for name, value in row.conditions
        if not (
            figures.get(name) == value.replace("_", " ")
            or (name == "words" and value.replace("_", " ") in map(str.casefold, question.also))
            or is_in_state(question, name, value)
        )
    ]


def unsaid(row: Row, question: Question | None) -> list[str]:
    """What is asked besides, and neither narrows the answer nor is said to be left out of it."""
    if not isinstance(question, AboutOne | ask.OfEach | ask.AboutMany):
        return []
    each = question.questions if isinstance(question, ask.OfEach) else (question,)
    amounts = [f"{(one.amount or Decimal()).normalize():f}" for one in each if isinstance(one, ask.CanOrder)]
    left_out_of = getattr(question, "without", ())
    period = getattr(question, "period", "")
    without = " ".join((*left_out(row.phrase, question), *left_out_of, period)).casefold()
    how_many = str(getattr(question, "count", "") or "")  # “top 5”
    said = [words for words in row.said if how_many not in words.split()]
    missing = [*conditions_missing(row, question), *(words for words in said if words not in without)]
    missing += [
        words for name, words, value in row.bounds if words not in without and not _is_narrowed(question, name, value)
    ]
    missing += [words for words in row.any_of if words not in f"{without} {getattr(question, 'words', '').casefold()}"]
    return [*missing, *(amount for amount in row.amounts if amount not in amounts)]


def _is_narrowed(question: object, name: str, value: str) -> bool:
    if name == "words" and isinstance(question, ask.AboutMany):
        said = " ".join((question.words, *question.also)).casefold()
        return all(word.removesuffix("s") in said for word in value.split())
    narrowed = getattr(question, name, None)
    return f"{narrowed:f}" == value if isinstance(narrowed, Decimal) else str(narrowed) == value


def is_in_state(question: ask.AboutMany, name: str, value: str) -> bool:
    if name not in _STATES:
        return False
    wanted = StateIs(_STATES[name], value == "yes")
    is_chase = isinstance(question, ask.ListChase) and wanted == StateIs(State.PROMISED, wanted=False)
    return is_chase or wanted in question.states or own_state(type(question)) == wanted


def is_of_one(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    each, intents = question.questions if isinstance(question, ask.OfEach) else (question,), row.intent.split("+")
    are_meant = all(any(isinstance(one, ONE[intent]) for one in each) for intent in intents)
    is_no_other = all(any(isinstance(one, ONE[intent]) for intent in intents) for one in each)
    return are_meant and is_no_other and set(found) == set(row.customers or ("",))


def is_unknown(question: Question | None) -> bool:
    who = question.who if isinstance(question, AboutOne) else None
    return isinstance(who, Named) and not BOOK.fitting(who.words, most=1)


def is_compared(question: Question | None, found: tuple[str, ...], row: Row) -> bool:
    # “Their invoices” of two, or both names with “and” between: each is answered.
    both = isinstance(question, ask.Compare | ask.OfEach) or len(found) == len(row.customers)
    return both and set(found) == set(row.customers)


SPECIAL: dict[str, Callable[[Question | None, tuple[str, ...], Row], bool]] = {
    "not_understood": lambda question, found, row: question is None or question == CannotAnswer(Topic.OTHER),
    # Nobody was asked about: the answer asks which.
    "ambiguous_it": lambda question, found, row: (
        isinstance(question, AboutOne) and not isinstance(question.who, Named) and found == ("",)
    ),
    "unknown_customer": lambda question, found, row: is_unknown(question),
    # It is about customers' accounts, so that "that isn't about accounts" would be untrue.
    "refused": lambda question, found, row: isinstance(question, CannotAnswer) and question.topic is not Topic.OTHER,
    # The last list, where nothing was asked before.
    "again_in": lambda question, found, row: question is None,
    "compare": is_compared,
    "next_page": lambda question, found, row: isinstance(question, ask.AboutMany),
}


def played(rows: Sequence[Row], book: NameBook = BOOK) -> Iterator[tuple[Row, Question | None, tuple[str, ...]]]:
    for _, conversation in groupby(rows, key=lambda row: row.conversation):
        talk = Talk(book=book)
        for row in conversation:
            yield row, *talk.hears(row.phrase)


def is_answered(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    """Whether the question is read, and nothing it asks is silently left out."""
    return is_right(row, question, found) and not unsaid(row, question)


def half_of(row: Row) -> str:
    """Which half of the eighth file a conversation is of, by a hash: "A" was read to mend its faults, "B" never."""
    return "AB"[hashlib.sha256(str(row.conversation).encode()).digest()[0] % 2]
