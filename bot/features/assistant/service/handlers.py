"""The table of handlers by question. A new service is plugged in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.domain.text.folding import same
from bot.domain.text.parsing import quoted
from bot.errors import BotError
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.service import AccountDetail, DetailRequest
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import CustomerAnswer, OrderAnswer
from bot.features.assistant.model.questions import (
    AboutMany,
    AboutOne,
    Largest,
    LedgerTotal,
    NearLimit,
    OverLimit,
    WhoIsOnHold,
)
from bot.features.assistant.service.conversation import Handler, ParsedQuestion
from bot.features.card.model import order_check
from bot.features.connections.service.connect_link import ConnectLinks
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.model.query import LATEST, RELEASED
from bot.features.on_hold.service.history import HoldHistories
from bot.features.on_hold.service.list import OnHold
from bot.features.on_hold.service.rankings import Rankings
from bot.features.overdue.model.query import DebtKind
from bot.features.overdue.service.debts import Debts
from bot.features.overdue.service.ledger_totals import Ledger
from bot.features.overdue.service.list import OverdueAccounts
from bot.features.subscriptions.service.watching import Watching
from storage.database import Database

_DEBT_KINDS = {
    ask.ListPromised: DebtKind.PROMISED.value,
    ask.ListBroken: DebtKind.BROKEN.value,
    ask.ListSuggested: DebtKind.SUGGESTED.value,
    ask.ListDisputed: DebtKind.DISPUTED.value,
    ask.ListChase: DebtKind.CHASE.value,
    ask.ListWarned: DebtKind.WARNING.value,
}
_MOST_DAYS = 999

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QuestionHandlers:
    """Handlers, each from a `ParsedQuestion` to a value that a view knows."""

    database: Database
    connections: Connections
    customers: Customers
    connect_links: ConnectLinks
    on_hold: OnHold
    hold_histories: HoldHistories
    watching: Watching
    rankings: Rankings
    ledger: Ledger
    account_detail: AccountDetail
    debts: Debts
    overdue: OverdueAccounts

    def table(self) -> Mapping[type, Handler]:
        """Return the handlers by type of question. Other questions are answered from the customer's own figures."""
        return {
            ask.WholeCard: self._card,
            ask.Why: self._hold_history,
            ask.SinceWhen: self._hold_history,
            ask.WhoIsOnHold: self._who_is_on_hold,
            ask.ListPutOnHold: self._holds_changed,
            ask.ListReleased: self._holds_changed,
            ask.OverLimit: self._rank,
            ask.NearLimit: self._rank,
            ask.Largest: self._rank,
            ask.LedgerTotal: self._ledger_total,
            ask.CanOrder: self._can_order,
            ask.Orders: self._account_detail,
            ask.Invoices: self._account_detail,
            ask.AgedDebt: self._account_detail,
            ask.LastPaid: self._account_detail,
            ask.DaysLate: self._account_detail,
            ask.Overdue: self._overdue,
            ask.ListOverdue: self._list_overdue,
            **dict.fromkeys(_DEBT_KINDS, self._list_overdue),
            ask.HoldHistory: self._history,
            ask.Watch: self._watch,
            ask.Unwatch: self._unwatch,
            ask.Connect: self._connect,
            ask.Status: self._status,
        }

    async def _card(self, asked: ParsedQuestion) -> object:
        return await self.debts.with_debt(asked.session, asked.card) if asked.card is not None else None

    async def _connect(self, asked: ParsedQuestion) -> object:
        await self.connections.require_sign_in_due(asked.session)
        return await self.connect_links.offer(asked.session)

    async def _status(self, asked: ParsedQuestion) -> object:
        return await self.connections.status(asked.session)

    async def _hold_history(self, asked: ParsedQuestion) -> object:
        """Return how long and why the account is on hold, as far as the mirror has watched; else what Sage says."""
        question, card = asked.question, asked.card
        assert isinstance(question, AboutOne)  # noqa: S101 - the table's own key
        assert card is not None  # noqa: S101 - it is there for questions about one
        answer = CustomerAnswer(question, card)
        if not card.customer.on_hold:
            return answer
        try:
            found = await self.on_hold.ask(asked.session, f"customer:{_as_word(card.customer.reference)}")
        except BotError as error:
            log.info("no history of a hold", why=type(error).__name__)
            return answer
        accounts = found.accounts if isinstance(found, Listing) else ()
        account = next((each for each in accounts if each.held.customer.reference == card.customer.reference), None)
        if account is None:
            return answer
        return replace(
            answer, since=account.since, days=account.held.days, at_least=account.held.at_least, reason=account.reason
        )

    async def _history(self, asked: ParsedQuestion) -> object:
        """Return every stay on hold that is known."""
        assert asked.card is not None  # noqa: S101 - it is there for questions about one
        return await self.hold_histories.of(asked.session, asked.card)

    async def _can_order(self, asked: ParsedQuestion) -> object:
        """Return the verdict of `/customer REF order`; without an amount, the headroom."""
        question, card = asked.question, asked.card
        assert isinstance(question, ask.CanOrder)  # noqa: S101 - the table's own key
        assert card is not None  # noqa: S101 - it is there for questions about one
        if question.amount is None or card.shown is not Shown.FIGURES:
            return CustomerAnswer(question, card)
        amount = order_check.Amount(question.amount, question.currency)
        return OrderAnswer(await self.debts.check_order(asked.session, card, amount), card)

    async def _account_detail(self, asked: ParsedQuestion) -> object:
        """Return what the buttons of the card show."""
        card = asked.card
        assert card is not None  # noqa: S101 - it is there for questions about one
        wanted = DetailRequest(card.customer.id, card.customer.reference)
        if isinstance(asked.question, ask.Orders):
            return await self.account_detail.open_orders(asked.session, wanted)
        if isinstance(asked.question, ask.Invoices):
            return await self.account_detail.open_invoices(asked.session, wanted)
        if isinstance(asked.question, ask.LastPaid):
            return await self.account_detail.last_payment(asked.session, wanted)
        if isinstance(asked.question, ask.DaysLate):
            return await self.account_detail.payment_record(asked.session, wanted)
        return await self.account_detail.aged_debt(asked.session, wanted)

    async def _overdue(self, asked: ParsedQuestion) -> object:
        """Return the customer's late debt, as its card has it."""
        question, card = asked.question, asked.card
        assert isinstance(question, AboutOne)  # noqa: S101 - the table's own key
        assert card is not None  # noqa: S101 - it is there for questions about one
        return CustomerAnswer(question, await self.debts.with_debt(asked.session, card))

    async def _list_overdue(self, asked: ParsedQuestion) -> object:
        """Return the answer of `/overdue`."""
        question = asked.question
        assert isinstance(question, AboutMany)  # noqa: S101 - the table's own keys
        limits = [*_top(question)]
        limits += [_DEBT_KINDS[type(question)]] if type(question) in _DEBT_KINDS else []
        limits += [f"{min(question.days, _MOST_DAYS)}+"] if question.days else []
        limits += [f"<{question.most_days}"] if question.most_days else []
        return await self.overdue.ask(asked.session, await self._typed(asked, question, limits), page=question.page)

    async def _who_is_on_hold(self, asked: ParsedQuestion) -> object:
        """Return the answer of `/onhold`."""
        question = asked.question
        assert isinstance(question, WhoIsOnHold)  # noqa: S101 - the table's own key
        typed = await self._typed(asked, question, _top(question))
        return await self.on_hold.ask(asked.session, typed, page=question.page)

    async def _holds_changed(self, asked: ParsedQuestion) -> object:
        """Return the answer of `/onhold` with a period."""
        question = asked.question
        assert isinstance(question, ask.HoldsChanged)  # noqa: S101 - the table's own keys
        what = RELEASED if isinstance(question, ask.ListReleased) else LATEST
        words = [what, question.period, await self._typed(asked, question, _top(question))]
        return await self.on_hold.ask(asked.session, " ".join(filter(None, words)), page=question.page)

    async def _rank(self, asked: ParsedQuestion) -> object:
        """Return the answer for the other lists."""
        question = asked.question
        assert isinstance(question, NearLimit | OverLimit | Largest)  # noqa: S101 - the table's own keys
        return await self.rankings.ask(asked.session, question, await self._typed(asked, question), page=question.page)

    async def _ledger_total(self, asked: ParsedQuestion) -> object:
        """Return the answer of `/sage totals`."""
        question = asked.question
        assert isinstance(question, LedgerTotal)  # noqa: S101 - the table's own key
        return await self.ledger.totals(asked.session, await self._typed(asked, question))

    async def _typed(self, asked: ParsedQuestion, question: AboutMany, kinds: Sequence[str] = ()) -> str:
        """Return what would be typed behind the command: names, and what else narrows the list.

        A name that one region or sales person has is that filter. “On hold in Durham” is not of the customers alone
        who have Durham in their names.
        """
        names = _names(asked, question)
        if names or question.without:
            known = await vocabulary_for(self.database, self.customers, self.connections.company_for(asked.session))
            names = [known.as_typed(each) for each in names]
            names += [known.as_typed_without(each) for each in question.without]
        return " ".join([*names, *kinds, *_limits(question)])

    async def _watch(self, asked: ParsedQuestion) -> object:
        assert asked.card is not None  # noqa: S101 - it is there for questions about one
        return await self.watching.watch(asked.session, asked.card)

    async def _unwatch(self, asked: ParsedQuestion) -> object:
        assert asked.card is not None  # noqa: S101 - it is there for questions about one
        return await self.watching.unwatch(asked.session, asked.card)


def _names(asked: ParsedQuestion, question: AboutMany) -> list[str]:
    """Return what narrows the list by name; the company's own name narrows nothing, for the list is of that company."""
    answering = asked.session.answering
    company = same(answering.company.company_name) if answering is not None else ""
    said = [each for each in (question.words, *question.also) if each]
    return [each for each in said if same(each) not in {company, company.rpartition(" ")[0]}]


def _as_word(text: str) -> str:
    """Return the text in quotation marks, so that a filter doesn't read any of it as syntax."""
    return quoted(text, text.casefold())


def _top(question: AboutMany) -> list[str]:
    return [f"top {question.count}"] if question.count else []


def _limits(question: AboutMany) -> list[str]:
    least = [f"min:{question.minimum:f}"] if question.minimum else []
    least += [f"max:{question.most:f}"] if question.most is not None else []
    currency = [f"currency:{question.currency}"] if question.currency else []
    states = [each.typed for each in question.states]
    return [*(["mine"] if question.mine else []), *least, *currency, *states]
