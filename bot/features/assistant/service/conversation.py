"""A question in plain English, answered by the services that answer the typed commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.errors import BotError, NotAllowed
from bot.features.access.model.authorization import Action, Asker
from bot.features.access.model.commands import NO_PERMISSIONS
from bot.features.access.service.authorizer import Authorizer
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
    """One question on its way to whoever answers it. `card` is the customer, in a question about one."""

    asker: Asker
    question: Question
    now: datetime
    card: CustomerCard | None = None


Handler = Callable[[ParsedQuestion], Awaitable[object]]
"""Returns a domain value, which `bot.features.assistant.views.answer.VIEWS` shows by its type."""


class Conversation:
    """Passes each question to the handler of its type. A new kind of answer is one entry in `handlers`."""

    def __init__(
        self,
        *,
        database: Database,
        access: Authorizer,
        connections: Connections,
        customers: Customers,
        memory: Memory,
        handlers: Mapping[type, Handler],
        chooser: Chooser | None = None,
    ) -> None:
        self._database = database
        self._access = access
        self._connections = connections
        self._customers = customers
        self._memory = memory
        self._handlers = handlers
        self._chooser = chooser

    def read(self, text: str) -> Question | None:
        """The question by the rules alone; None where they find none."""
        return understand(text)

    async def answer(self, asker: Asker, text: str, place: Thread, *, now: datetime) -> object:
        """A domain value for the view. Raises NotAllowed, BadQuestion, or what keeps the asker from Sage."""
        question = self.read(text)
        if isinstance(question, Help | Greeting | Thanks):
            shown = () if isinstance(question, Thanks) else await self._examples(asker)
            reach = await self._access.reach(asker) if isinstance(question, Help) else NO_PERMISSIONS
            return Small(question, shown, reach)
        if not asker.is_full_member:
            raise NotAllowed
        if question is None and self._chooser is not None and await self._may_choose(asker, text):
            question = question_from(await self._chooser.choose(text))
        if question is None:
            return Lost(await self._examples(asker))
        return await self.ask(asker, question, place, now=now)

    async def ask(self, asker: Asker, question: Question, place: Thread, *, now: datetime) -> object:
        """The same for a question that is understood already."""
        log.info("asked in plain English", kind=type(question).__name__)
        if isinstance(question, Compare):
            return await self._compare(asker, question, place, now=now)
        if not isinstance(question, AboutOne):
            return await self._hand(ParsedQuestion(asker, question, now), NotYet(question))
        found = await self._find(asker, question.who, place, now=now)
        if found is None:
            return Unnamed(question)
        if not isinstance(found, CustomerCard):
            return Unresolved(question, found)
        return await self._hand(ParsedQuestion(asker, question, now, found), CustomerAnswer(question, found))

    async def chose(self, asker: Asker, customer_id: int, place: Thread, *, now: datetime) -> CustomerCard:
        """The card of a menu's choice, or of a button's customer; from now on that is “it”."""
        card = await self._customers.by_id(asker, customer_id, now=now)
        await self._memory.remember(asker, place, card.customer.id, now=now)
        return card

    async def prompts(self, asker: Asker) -> tuple[str, ...]:
        """What to suggest to somebody who opens the conversation; nothing to those who may ask nothing."""
        return await self._examples(asker, most=4) if asker.is_full_member else ()

    async def _may_choose(self, asker: Asker, text: str) -> bool:
        """Nobody's words go to a model unless the answer could: not too long for the rules, and of somebody known."""
        if len(text) > LONGEST:
            return False
        try:
            await self._connections.line_for(asker, action=Action.STATUS)
        except BotError:
            return False
        return True

    async def _hand(self, asked: ParsedQuestion, otherwise: object) -> object:
        handler = self._handlers.get(type(asked.question))
        return await handler(asked) if handler is not None else otherwise

    async def _compare(self, asker: Asker, question: Compare, place: Thread, *, now: datetime) -> object:
        cards: list[CustomerCard] = []
        for who in (question.first, question.second):
            found = await self._find(asker, who, place, now=now)
            if found is None:
                return Unnamed(question)
            if not isinstance(found, CustomerCard):
                return Unresolved(question, found)
            cards.append(found)
        return Compared(cards[0], cards[1])

    async def _find(
        self, asker: Asker, who: Subject, place: Thread, *, now: datetime
    ) -> CustomerCard | SeveralCustomers | NoCustomer | None:
        if isinstance(who, Named):
            found = await self._customers.look_up(asker, who.words, now=now)
            if isinstance(found, CustomerCard):
                await self._memory.remember(asker, place, found.customer.id, now=now)
            return found
        known = who.customer_id if isinstance(who, Known) else await self._memory.recall(asker, place, now=now)
        return await self.chose(asker, known, place, now=now) if known is not None else None

    async def _examples(self, asker: Asker, *, most: int = MOST_EXAMPLES) -> tuple[str, ...]:
        """By what they may do just now."""
        try:
            line = await self._connections.line_for(asker)
        except BotError:
            return examples(connected=False, sees_all=False)[:most]
        sees_all = line.kept.allowed and line.kept.only is None
        return examples(connected=True, sees_all=sees_all)[:most]
