"""Answering questions in plain English with the services behind the typed commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.domain.text.parsing import each_name
from bot.errors import BotError
from bot.features.access.model.authorization import Action
from bot.features.access.model.commands import NO_PERMISSIONS
from bot.features.access.model.session import Session
from bot.features.assistant.model.answers import (
    MOST_EXAMPLES,
    AlsoElsewhere,
    Assumed,
    CannotDo,
    Compared,
    CustomerAnswer,
    Lost,
    NotYet,
    OfEachOne,
    OfOtherCompany,
    Partly,
    Small,
    Thread,
    Unnamed,
    Unresolved,
    examples,
)
from bot.features.assistant.model.follow_up import (
    could_be_name,
    in_context,
    is_of_many,
    of_value,
    turns_pages,
)
from bot.features.assistant.model.grammar.rules.left_out import left_out, narrowed, narrows, with_figures
from bot.features.assistant.model.grammar.rules.understand import customer_in, understand
from bot.features.assistant.model.last_answer import of_shown, shown_in
from bot.features.assistant.model.promise_said import promise_said
from bot.features.assistant.model.questions import (
    OF_A_CUSTOMER,
    AboutMany,
    AboutOne,
    Again,
    Both,
    CannotAnswer,
    Compare,
    Greeting,
    Help,
    HoldsChanged,
    It,
    Known,
    LedgerTotal,
    Named,
    Nth,
    OfEach,
    Question,
    Subject,
    Thanks,
    Topic,
    WholeCard,
)
from bot.features.assistant.service.memory import NOTHING, Memory, Remembered
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import CustomerCard, LookupResult, NoCustomer, SeveralCustomers
from bot.features.customers.service.elsewhere import Elsewhere
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.lookup import Customers
from storage.database import Database

_NO_ANSWER = (Lost, NotYet, Unnamed, CannotAnswer, CannotDo)
_NOT_OURS = (None, CannotAnswer(Topic.OTHER))

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """One question for a handler. `card` is the customer, in a question about one."""

    session: Session
    question: Question
    card: CustomerCard | None = None


Handler = Callable[[ParsedQuestion], Awaitable[object]]
"""Returns a domain value, which `bot.features.assistant.views.answer.VIEWS` shows by its type."""


class Conversation:
    """Passes each question to the handler of its type. A new kind of answer is one entry in `handlers`."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        customers: Customers,
        elsewhere: Elsewhere,
        memory: Memory,
        handlers: Mapping[type, Handler],
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._elsewhere = elsewhere
        self._memory = memory
        self._handlers = handlers

    def read(self, text: str) -> Question | None:
        """Return the question by the grammar alone; None if it finds none."""
        return understand(text)

    async def answer(self, session: Session, text: str, place: Thread) -> object:
        """Return a value for the view. Raises BadQuestion, or what keeps Sage from answering the asker."""
        question = self.read(text)
        if isinstance(question, Help | Greeting | Thanks):
            shown = () if isinstance(question, Thanks) else await self._examples(session)
            permissions = session.permissions if isinstance(question, Help) else NO_PERMISSIONS
            return Small(question, shown, permissions)
        if question in _NOT_OURS or question is None:
            return Lost(await self._examples(session))
        return await self.ask(session, question, place, text)

    async def ask(self, session: Session, question: Question, place: Thread, text: str = "") -> object:
        """Return the answer to a parsed question, with what it leaves out of its text. Raises as `answer`."""
        log.info("asked in plain English", kind=type(question).__name__)
        goes_on = _needs_the_last(question) or narrows(text)
        before = await self._memory.recall(session, place) if goes_on else NOTHING
        if before.company_pk is not None:
            there = await self._elsewhere.session_at(session, before.company_pk)
            session, before = (there, before) if there is not None else (session, NOTHING)
        answer = await self._with_what_is_left_out(session, question, place, text, before)
        if session.in_use is None or isinstance(answer, _NO_ANSWER):
            return answer
        return OfOtherCompany(answer, session.in_use.company_name)

    async def _with_what_is_left_out(
        self, session: Session, question: Question, place: Thread, text: str, before: Remembered
    ) -> object:
        meant = narrowed(before.last, text) or in_context(question, before.last)
        shown, is_of_one = [Known(each) for each in before.shown], before.customer_id is not None
        meant = of_shown(meant, shown, before.last, is_of_one=is_of_one, text=text)
        if turns_pages(question) and before.is_named:
            meant = CannotAnswer(Topic.PAGES)  # the names that narrow a list aren't kept: it would be a page of another
        if isinstance(meant, AboutMany) and meant is not question:
            meant = with_figures(meant, text)  # “how much of that is over 90 days”
        answer = await self._answered(session, meant, place, before, text)
        is_filter = isinstance(answer, Unresolved) and isinstance(answer.found, NoCustomer)
        if is_filter and isinstance(before.last, AboutMany) and isinstance(meant, AboutOne):
            # “What about Durham?” after a list: no customer is called so, but a region may be.
            words = meant.who.words if isinstance(meant.who, Named) else ""
            meant = replace(before.last, words=words)
            answer = await self._about_many(session, meant, place)
        elif is_filter and isinstance(meant, AboutOne) and (many := await self._of_value(session, meant, text)):
            meant = many
            answer = await self._about_many(session, meant, place)
        if isinstance(answer, _NO_ANSWER):
            return answer
        without, is_of_all = left_out(text, meant), meant is not question and _is_wider(meant, before)
        return Partly(answer, without, is_of_all) if without or is_of_all else answer

    async def _answered(
        self, session: Session, meant: Question | None, place: Thread, before: Remembered, text: str
    ) -> object:
        if meant is None:
            return Lost(await self._examples(session))
        if isinstance(meant, AboutOne):
            return await self._about_one(session, meant, place, before)
        if isinstance(meant, OfEach):
            return await self._of_each(session, meant.questions, place, before)
        if isinstance(meant, Compare):
            return await self._compare(session, meant, place, before)
        if isinstance(meant, CannotAnswer) and meant.topic in OF_A_CUSTOMER:
            reference = await self._reference_in(session, text, before)
            promise = promise_said(text, session.today) if meant.topic is Topic.PROMISES else ""
            return CannotDo(meant.topic, reference, promise) if reference else meant
        return await self._about_many(session, meant, place)

    async def _reference_in(self, session: Session, text: str, before: Remembered) -> str:
        """Return the reference of the one customer that a text is about; empty where there is none, or Sage says none.

        It is for an example of what can be typed, which is told without it too.
        """
        try:
            found = await self._look_up(session, customer_in(text), before)
        except BotError as error:
            log.info("no customer for an example", why=type(error).__name__)
            return ""
        return found.customer.reference if isinstance(found, CustomerCard) else ""

    async def _about_many(self, session: Session, question: Question, place: Thread) -> object:
        """Return the answer to a question that names no customer."""
        answer: object = question
        if not isinstance(question, CannotAnswer):
            answer = await self._handle(ParsedQuestion(session, question), NotYet(question))
        if is_of_many(question) and self._may_ask(session):
            await self._memory.remember(session, place, None, question, shown_in(answer))
        return answer

    async def _about_one(
        self,
        session: Session,
        question: AboutOne,
        place: Thread,
        before: Remembered,
        *,
        in_brief: bool = False,
        met: list[int] | None = None,
    ) -> object:
        """Return the answer about one customer; about each, if “and” joins two names. `in_brief`: no whole card.

        The customer's id is added to `met`.
        """
        found = await self._find(session, question, place, before)
        if found is None:
            return Unnamed(question)
        if isinstance(found, NoCustomer) and isinstance(question.who, Named):
            several = each_name(question.who.words)
            if len(several) > 1:
                each = tuple(replace(question, who=Named(words)) for words in several)
                return await self._of_each(session, each, place, before)
            if isinstance(question, WholeCard) and not found.nearest and not could_be_name(question.who.words):
                return Lost(await self._examples(session))
        if not isinstance(found, CustomerCard):
            answer = Unresolved(question, found)
            if shown := shown_in(answer):
                await self._memory.remember(session, place, None, question, shown)
            return answer
        if met is not None:
            met.append(found.customer.id)
        return await self._about(session, question, found, in_brief=in_brief)

    async def _about(self, session: Session, question: AboutOne, found: CustomerCard, *, in_brief: bool) -> object:
        """Return the answer about this customer, with the asker's other companies that have the reference."""
        if in_brief and isinstance(question, WholeCard):
            return CustomerAnswer(question, found)
        if isinstance(question.who, Named) and not in_brief:
            found = await self._elsewhere.beside_card(session, found)
        answer = await self._handle(ParsedQuestion(session, question, found), CustomerAnswer(question, found))
        if isinstance(question.who, It):
            return Assumed(found, answer)
        is_told = isinstance(answer, CustomerCard) or not found.elsewhere  # the whole card has the menu
        return answer if is_told else AlsoElsewhere(question, found, answer)

    async def _of_value(self, session: Session, question: AboutOne, text: str) -> AboutMany | CannotAnswer | None:
        """Return the question about the customers of the sales person or region of that name; None if none has it."""
        many = of_value(question)
        if many is None or not isinstance(question.who, Named):
            return None
        known = await vocabulary_for(self._database, self._customers, self._connections.company_for(session))
        if len(known.values.meant_as(question.who.words, known.labels)) != 1:
            return None
        return with_figures(many, text) if isinstance(many, AboutMany) else many

    async def _of_each(
        self, session: Session, questions: Sequence[AboutOne], place: Thread, before: Remembered
    ) -> OfEachOne:
        met: list[int] = []
        answers = [await self._about_one(session, each, place, before, in_brief=True, met=met) for each in questions]
        if len(several := tuple(dict.fromkeys(met))) > 1:
            await self._memory.remember(session, place, several[-1], questions[-1], several)
        return OfEachOne(tuple(answers))

    async def chose(self, session: Session, customer_id: int, place: Thread) -> CustomerCard:
        """Return the card of the customer chosen in a menu or button, and remember that customer as “it”."""
        card = await self._customers.by_id(session, customer_id)
        await self._memory.remember(session, place, card.customer.id)
        return card

    async def named(self, session: Session, reference: str, place: Thread) -> LookupResult:
        """Return what is found by the reference chosen in a menu, and remember the customer as “it”."""
        found = await self._customers.look_up(session, reference)
        if isinstance(found, CustomerCard):
            await self._memory.remember(session, place, found.customer.id)
        return found

    async def goes_on(self, session: Session, told: CustomerAnswer, place: Thread) -> None:
        """Remember the customer of an answer as “it” in the thread that the answer stands in."""
        await self._memory.remember(session, place, told.card.customer.id, told.question)

    async def prompts(self, session: Session) -> tuple[str, ...]:
        """Return suggestions for a user who opens the conversation; none for one who may ask nothing."""
        return await self._examples(session, most=4) if session.asker.is_full_member else ()

    async def _handle(self, asked: ParsedQuestion, otherwise: object) -> object:
        handler = self._handlers.get(type(asked.question))
        return await handler(asked) if handler is not None else otherwise

    async def _compare(self, session: Session, question: Compare, place: Thread, before: Remembered) -> object:
        cards: list[CustomerCard] = []
        for who in (question.first, question.second):
            found = await self._find(session, WholeCard(who), place, before)
            if found is None:
                return Unnamed(question)
            if not isinstance(found, CustomerCard):
                return Unresolved(question, found)
            cards.append(found)
        first, second = cards
        shown = (first.customer.id, second.customer.id)
        await self._memory.remember(session, place, second.customer.id, WholeCard(question.second), shown)
        return Compared(first, second)

    async def _find(
        self, session: Session, question: AboutOne, place: Thread, before: Remembered
    ) -> CustomerCard | SeveralCustomers | NoCustomer | None:
        """Return the customer of a question, remembered with it from now on; None if nobody was meant."""
        found = await self._look_up(session, question.who, before)
        if isinstance(found, NoCustomer):
            found = await self._elsewhere.beside(session, found)
        if isinstance(found, CustomerCard):
            await self._memory.remember(session, place, found.customer.id, question)
        return found

    async def _look_up(self, session: Session, who: Subject, before: Remembered) -> LookupResult | None:
        """Return what Sage has by that name, or the customer chosen or asked about last; None if nobody was meant."""
        if isinstance(who, Named):
            return await self._customers.look_up(session, who.words)
        known = who.customer_id if isinstance(who, Known) else before.customer_id if isinstance(who, It) else None
        return await self._customers.by_id(session, known) if known is not None else None

    def _may_ask(self, session: Session) -> bool:
        """Return whether Sage answers this user."""
        try:
            self._connections.company_for(session, action=Action.STATUS)
        except BotError:
            return False
        return True

    async def _examples(self, session: Session, *, most: int = MOST_EXAMPLES) -> tuple[str, ...]:
        """Return examples by what the asker may do now."""
        try:
            sage = self._connections.company_for(session)
        except BotError:
            return examples(connected=False, sees_all=False)[:most]
        sees_all = sage.session.cached.allowed and sage.session.cached.only is None
        return examples(connected=True, sees_all=sees_all)[:most]


def _is_wider(meant: Question | None, before: Remembered) -> bool:
    """Return whether a follow-up about the last list is answered with a list of others besides."""
    if not isinstance(meant, AboutMany) or not isinstance(before.last, AboutMany):
        return False
    is_of_others = type(meant) is not type(before.last) and not isinstance(before.last, LedgerTotal)  # that is of all
    return is_of_others or (before.is_named and not meant.words)


def _needs_the_last(question: Question) -> bool:
    """Return whether the last question is needed to answer this one."""
    asked: tuple[object, ...] = ()
    if isinstance(question, AboutOne):
        asked = (question.who,)
    elif isinstance(question, Compare):
        asked = (question.first, question.second)
    elif isinstance(question, OfEach):
        asked = tuple(each.who for each in question.questions)
    if isinstance(question, HoldsChanged) and not question.period:
        return True  # “and who came off?”
    is_of_one = isinstance(question, CannotAnswer) and question.topic in OF_A_CUSTOMER
    return isinstance(question, Again) or is_of_one or any(isinstance(who, It | Both | Nth) for who in asked)
