"""Answering questions in plain English with the services behind the typed commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.errors import BotError, NotAllowed
from bot.features.access.model.authorization import Action
from bot.features.access.model.commands import NO_PERMISSIONS
from bot.features.access.model.session import Session
from bot.features.assistant.model.answers import (
    MOST_EXAMPLES,
    Compared,
    CustomerAnswer,
    Lost,
    NotYet,
    Small,
    Thread,
    Unnamed,
    Unresolved,
    examples,
)
from bot.features.assistant.model.chosen_question import question_from
from bot.features.assistant.model.grammar.scanner import LONGEST
from bot.features.assistant.model.grammar.understand import understand
from bot.features.assistant.model.questions import (
    AboutOne,
    Compare,
    Greeting,
    Help,
    Known,
    Named,
    Question,
    Subject,
    Thanks,
)
from bot.features.assistant.service.chooser import Chooser
from bot.features.assistant.service.memory import Memory
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers
from bot.features.customers.service.lookup import Customers
from storage.database import Database

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
        memory: Memory,
        handlers: Mapping[type, Handler],
        chooser: Chooser | None = None,
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._memory = memory
        self._handlers = handlers
        self._chooser = chooser

    def read(self, text: str) -> Question | None:
        """Return the question by the grammar alone; None if it finds none."""
        return understand(text)

    async def answer(self, session: Session, text: str, place: Thread) -> object:
        """Return a value for the view. Raises NotAllowed, BadQuestion, or what keeps Sage from answering the asker."""
        question = self.read(text)
        if isinstance(question, Help | Greeting | Thanks):
            shown = () if isinstance(question, Thanks) else await self._examples(session)
            permissions = session.permissions if isinstance(question, Help) else NO_PERMISSIONS
            return Small(question, shown, permissions)
        if not session.asker.is_full_member:
            raise NotAllowed
        if question is None and self._chooser is not None and await self._may_choose(session, text):
            question = question_from(await self._chooser.choose(text))
        if question is None:
            return Lost(await self._examples(session))
        return await self.ask(session, question, place)

    async def ask(self, session: Session, question: Question, place: Thread) -> object:
        """Return the answer to a parsed question. Raises as `answer`."""
        log.info("asked in plain English", kind=type(question).__name__)
        if isinstance(question, Compare):
            return await self._compare(session, question, place)
        if not isinstance(question, AboutOne):
            return await self._handle(ParsedQuestion(session, question), NotYet(question))
        found = await self._find(session, question.who, place)
        if found is None:
            return Unnamed(question)
        if not isinstance(found, CustomerCard):
            return Unresolved(question, found)
        return await self._handle(ParsedQuestion(session, question, found), CustomerAnswer(question, found))

    async def chose(self, session: Session, customer_id: int, place: Thread) -> CustomerCard:
        """Return the card of the customer chosen in a menu or button, and remember that customer as “it”."""
        card = await self._customers.by_id(session, customer_id)
        await self._memory.remember(session, place, card.customer.id)
        return card

    async def goes_on(self, session: Session, customer_id: int, place: Thread) -> None:
        """Remember the customer of an answer as “it” in the thread that the answer stands in."""
        await self._memory.remember(session, place, customer_id)

    async def prompts(self, session: Session) -> tuple[str, ...]:
        """Return suggestions for a user who opens the conversation; none for one who may ask nothing."""
        return await self._examples(session, most=4) if session.asker.is_full_member else ()

    async def _may_choose(self, session: Session, text: str) -> bool:
        """Return whether the text may go to the chooser."""
        # Only if an answer is possible: short enough for the grammar, and Sage may answer this user.
        if len(text) > LONGEST:
            return False
        try:
            self._connections.company_for(session, action=Action.STATUS)
        except BotError:
            return False
        return True

    async def _handle(self, asked: ParsedQuestion, otherwise: object) -> object:
        handler = self._handlers.get(type(asked.question))
        return await handler(asked) if handler is not None else otherwise

    async def _compare(self, session: Session, question: Compare, place: Thread) -> object:
        cards: list[CustomerCard] = []
        for who in (question.first, question.second):
            found = await self._find(session, who, place)
            if found is None:
                return Unnamed(question)
            if not isinstance(found, CustomerCard):
                return Unresolved(question, found)
            cards.append(found)
        return Compared(cards[0], cards[1])

    async def _find(
        self, session: Session, who: Subject, place: Thread
    ) -> CustomerCard | SeveralCustomers | NoCustomer | None:
        if isinstance(who, Named):
            found = await self._customers.look_up(session, who.words)
            if isinstance(found, CustomerCard):
                await self._memory.remember(session, place, found.customer.id)
            return found
        known = who.customer_id if isinstance(who, Known) else await self._memory.recall(session, place)
        return await self.chose(session, known, place) if known is not None else None

    async def _examples(self, session: Session, *, most: int = MOST_EXAMPLES) -> tuple[str, ...]:
        """Return examples by what the asker may do now."""
        try:
            sage = self._connections.company_for(session)
        except BotError:
            return examples(connected=False, sees_all=False)[:most]
        sees_all = sage.session.cached.allowed and sage.session.cached.only is None
        return examples(connected=True, sees_all=sees_all)[:most]
