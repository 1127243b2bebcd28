"""Who answers which question: the table that a new service is plugged into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from bot.domain.parsing import quoted
from bot.errors import BotError
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.service import AccountDetail, DetailRequest
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import CustomerAnswer, OrderAnswer
from bot.features.assistant.model.questions import AboutOne, Largest, OverLimit, WhoIsOnHold
from bot.features.assistant.service.conversation import Handler, ParsedQuestion
from bot.features.card.model import order_check
from bot.features.connections.service.connect_link import ConnectLinks
from bot.features.connections.service.connections import Connections
from bot.features.on_hold.model.list import Listing, NotKnown
from bot.features.on_hold.model.ranking import Ranking
from bot.features.on_hold.service.list import OnHold
from bot.features.on_hold.service.rankings import Rankings
from bot.features.subscriptions.service.watching import Watching
from storage.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QuestionHandlers:
    """Each handler takes an `ParsedQuestion` and returns a value that a view knows."""

    database: Database
    connections: Connections
    connect_links: ConnectLinks
    on_hold: OnHold
    watching: Watching
    rankings: Rankings
    documents: AccountDetail

    def table(self) -> Mapping[type, Handler]:
        """By type of question. What is not here is answered from the customer's own figures."""
        return {
            ask.WholeCard: self._card,
            ask.Why: self._stay,
            ask.SinceWhen: self._stay,
            ask.WhoIsOnHold: self._who_is_on_hold,
            ask.OverLimit: self._rank,
            ask.Largest: self._rank,
            ask.CanOrder: self._can_order,
            ask.Orders: self._documents,
            ask.Invoices: self._documents,
            ask.AgedDebt: self._documents,
            ask.Watch: self._watch,
            ask.Unwatch: self._unwatch,
            ask.Connect: self._connect,
            ask.Status: self._status,
        }

    async def _card(self, asked: ParsedQuestion) -> object:
        return asked.card

    async def _connect(self, asked: ParsedQuestion) -> object:
        return await self.connect_links.offer(asked.asker, now=asked.now)

    async def _status(self, asked: ParsedQuestion) -> object:
        return await self.connections.status(asked.asker, now=asked.now)

    async def _stay(self, asked: ParsedQuestion) -> object:
        """How long and why, as far as the mirror has watched; without it, what Sage itself says."""
        question, card = asked.question, asked.card
        assert isinstance(question, AboutOne)  # noqa: S101 - the table's own key
        assert card is not None  # noqa: S101 - it is there for questions about one
        told = CustomerAnswer(question, card)
        if not card.customer.on_hold:
            return told
        try:
            found = await self.on_hold.ask(asked.asker, _as_word(card.customer.reference), now=asked.now)
        except BotError as error:
            log.info("no history of a hold", why=type(error).__name__)
            return told
        stays = [] if isinstance(found, NotKnown) else found.accounts
        stay = next((each for each in stays if each.held.customer.reference == card.customer.reference), None)
        if stay is None:
            return told
        return replace(told, since=stay.since, days=stay.held.days, at_least=stay.held.at_least, reason=stay.reason)

    async def _can_order(self, asked: ParsedQuestion) -> object:
        """The verdict as `/customer REF order` gives it; without a value, the headroom."""
        question, card = asked.question, asked.card
        assert isinstance(question, ask.CanOrder)  # noqa: S101 - the table's own key
        assert card is not None  # noqa: S101 - it is there for questions about one
        if question.amount is None or card.shown is not Shown.FIGURES:
            return CustomerAnswer(question, card)
        amount = order_check.Amount(question.amount)
        return OrderAnswer(order_check.check_order(card.customer, amount, is_copy=card.copied is not None), card)

    async def _documents(self, asked: ParsedQuestion) -> object:
        """As the buttons of the card show them."""
        card = asked.card
        assert card is not None  # noqa: S101 - it is there for questions about one
        wanted = DetailRequest(card.customer.id, card.customer.reference)
        if isinstance(asked.question, ask.Orders):
            return await self.documents.open_orders(asked.asker, wanted, now=asked.now)
        if isinstance(asked.question, ask.Invoices):
            return await self.documents.open_invoices(asked.asker, wanted, now=asked.now)
        return await self.documents.aged_debt(asked.asker, wanted, now=asked.now)

    async def _who_is_on_hold(self, asked: ParsedQuestion) -> object:
        """As `/onhold` answers; a word that is nobody's name may be the one region or sales person of that name."""
        question = asked.question
        assert isinstance(question, WhoIsOnHold)  # noqa: S101 - the table's own key
        limits = [*(["mine"] if question.mine else []), *([f"min:{question.minimum:f}"] if question.minimum else [])]
        words = [_as_word(question.words)] if question.words else []
        found = await self.on_hold.ask(asked.asker, " ".join([*words, *limits]), now=asked.now)
        if isinstance(found, Listing) and not found.accounts and len(found.meant) == 1:
            found = await self.on_hold.ask(asked.asker, " ".join([*found.meant, *limits]), now=asked.now)
        return found

    async def _rank(self, asked: ParsedQuestion) -> object:
        """The same for the other lists."""
        question = asked.question
        assert isinstance(question, OverLimit | Largest)  # noqa: S101 - the table's own keys
        mine = ["mine"] if isinstance(question, OverLimit) and question.mine else []
        words = [_as_word(question.words)] if isinstance(question, OverLimit) and question.words else []
        found = await self.rankings.ask(asked.asker, question, " ".join([*words, *mine]), now=asked.now)
        if isinstance(found, Ranking) and not found.customers and len(found.meant) == 1:
            again = " ".join([*found.meant, *mine])
            found = await self.rankings.ask(asked.asker, question, again, now=asked.now)
        return found

    async def _watch(self, asked: ParsedQuestion) -> object:
        assert asked.card is not None  # noqa: S101 - it is there for questions about one
        return await self.watching.watch(asked.asker, asked.card, now=asked.now)

    async def _unwatch(self, asked: ParsedQuestion) -> object:
        assert asked.card is not None  # noqa: S101 - it is there for questions about one
        return await self.watching.unwatch(asked.asker, asked.card, now=asked.now)


def _as_word(text: str) -> str:
    """In quotation marks: a word of a filter must not be read as one of its signs."""
    return quoted(text, text.casefold())
