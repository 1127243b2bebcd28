"""Putting accounts on hold and releasing them: in Sage, as the acting person, once, and never on a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import turn_of
from bot.domain.company import Company, key_of
from bot.domain.customer import Customer
from bot.errors import BadQuestion, BotError, NotAllowed, NotConnected, SageBusy, SageMissing
from bot.features.access.model.authorization import Action, Asker, Policy
from bot.features.access.service.authorizer import Authorizer
from bot.features.audit.model.hash_chain import AuditLine as Record
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.service.lookup import shown_to
from bot.features.holds.model import HoldAction, HoldResult, HoldVersion, Outcome, reason_from, sage_reason
from bot.features.holds.service.read_back import ReadBack
from bot.features.mirror.service.rows import CompanyKey
from storage import connections as rows
from storage import hold_intents as deeds
from storage.database import Database
from storage.tables.core import CompanyRow as StoredCompany

ACTIONS = {HoldAction.HOLD: Action.HOLD, HoldAction.RELEASE: Action.RELEASE}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HoldChange:
    """What is to be done. `seen` is how the account stood for whoever decided, `company` the key of whose card.

    `approved`: as many have agreed to a release as must. `sign_in` is the one that they agreed with: no other does it.
    """

    deed: HoldAction
    customer_id: int
    reason: str
    seen: HoldVersion | None = None
    company: str = ""
    approved: bool = False
    sign_in: str = ""


class ChangeHold:
    """One deed at a time for each account; doing it twice does it once."""

    def __init__(
        self,
        *,
        database: Database,
        access: Authorizer,
        connections: Connections,
        read_back: ReadBack,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._access = access
        self._connections = connections
        self._fresh_look = read_back
        self._audit = audit
        self._clock = clock

    async def may(self, asker: Asker, deed: HoldAction, *, card: str = "") -> Company:
        """In whose books they would do it, from a `card` of these books. Nothing is asked of Sage. Raises what bars."""
        line = await self._line(asker, deed)
        require_same_company(line.company, card)
        return line.company

    async def do(self, asker: Asker, wish: HoldChange, *, now: datetime) -> HoldResult:
        """Do it, and read what came of it.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, BadQuestion, or a SageError where Sage surely did
        nothing. What isn't known is an outcome.
        """
        words = reason_from(wish.reason)
        line = await self._line(asker, wish.deed)
        require_same_company(line.company, wish.company)
        if wish.sign_in not in {"", line.sign_in_id}:
            raise _connected_again()
        name = f"deed {':'.join(map(str, line.company.key))} {wish.customer_id}"[:200]
        async with turn_of(f"{asker.workspace_id} {name}", database=self._database, clock=self._clock) as turn:
            if turn is None:
                raise BadQuestion("Somebody is changing that account just now.", hint="Look again in a moment.")
            return await self._in_turn(asker, line, replace(wish, reason=words), now=now)

    async def _in_turn(self, asker: Asker, line: SageCompany, wish: HoldChange, *, now: datetime) -> HoldResult:
        before = await line.sage.customer_by_id(wish.customer_id)
        if before is None:
            raise SageMissing("That customer is not in your company's Sage 200 any more.")
        shown_to(line, before)
        found = HoldResult(wish.deed, Outcome.ALREADY, line.company, before, before, wish.reason, asker.user_id)
        if before.on_hold == wish.deed.on_hold:
            return found
        if wish.seen is not None and not wish.seen.still(before):
            return replace(found, outcome=Outcome.CHANGED_MEANWHILE)
        if wish.deed is HoldAction.RELEASE and not wish.approved:
            refuse_alone(before, await self._access.policy(asker.workspace_id))
        return await self._write(asker, line, wish, before, now=now)

    async def _write(
        self, asker: Asker, line: SageCompany, wish: HoldChange, before: Customer, *, now: datetime
    ) -> HoldResult:
        words = sage_reason(wish.reason, asker.name)
        books, deed_id = await self._begin(asker, line, wish, before, words, now=now)
        lost: BotError | None = None
        outcome = Outcome.UNKNOWN

        async def settle(tx: AsyncSession, after: Customer | None) -> bool:
            nonlocal outcome
            outcome = _outcome(wish.deed, words, after)
            whose, now = {"workspace_id": asker.workspace_id}, self._clock()
            return await deeds.complete(tx, **whose, deed_id=deed_id, outcome=outcome, now=now)

        async def record(tx: AsyncSession, after: Customer | None) -> None:
            line_of_it = _record(asker, wish, before, after, outcome, at=self._clock())
            await self._audit.record(tx, line_of_it, workspace_id=asker.workspace_id)

        try:
            await line.sage.set_hold(before, on_hold=wish.deed.on_hold, reason=words)
        except BotError as error:
            if error.permanent or isinstance(error, SageBusy):
                async with self._database.transaction() as tx:
                    if await settle(tx, before):
                        await record(tx, before)
                raise
            lost = error
            log.warning("the answer to a change was lost", why=type(error).__name__)
        try:
            after = await self._fresh_look.look(
                books, read=lambda: line.sage.customer_by_id(wish.customer_id), settle=settle, record=record
            )
        except BotError as error:
            # Begun and not settled: whoever looks after such deeds reads it later.
            log.warning("a change could not be read back", why=type(error).__name__)
            return HoldResult(wish.deed, Outcome.UNKNOWN, line.company, before, None, words, asker.user_id)
        if outcome is Outcome.NOT_DONE and lost is not None:
            raise lost
        return HoldResult(wish.deed, outcome, line.company, before, after, words, asker.user_id)

    async def _begin(
        self, asker: Asker, line: SageCompany, wish: HoldChange, before: Customer, words: str, *, now: datetime
    ) -> tuple[CompanyKey, int]:
        """Whose deed it is, before Sage can know of it: the mirror may see the change before we do."""
        async with self._database.transaction() as tx:
            company = await company_of_change(tx, line)
            deed_id = await deeds.begin(
                tx,
                workspace_id=asker.workspace_id,
                company_pk=company.id,
                customer_id=before.id,
                reference=before.reference,
                user_id=asker.user_id,
                on_hold=wish.deed.on_hold,
                reason=words,
                now=now,
            )
        return CompanyKey(asker.workspace_id, company.id), deed_id

    async def _line(self, asker: Asker, deed: HoldAction) -> SageCompany:
        """Their own and nobody else's: Sage's rights and Sage's own trail are those of the acting person."""
        line = await self._connections.line_for(asker, action=ACTIONS[deed])
        if not line.is_own:
            raise NotConnected
        return line


async def company_of_change(tx: AsyncSession, line: SageCompany) -> StoredCompany:
    """The row of the company that a line asks. Raises BadQuestion if its owner has just chosen or connected another."""
    sign_in = await rows.by_id(tx, workspace_id=line.workspace_id, connection_id=line.connection_id)
    if sign_in is None or sign_in.sign_in_id != line.sign_in_id:
        raise _connected_again()
    row = await rows.company_of(tx, workspace_id=line.workspace_id, connection_id=line.connection_id)
    if row is None or (row.edition, row.site_id, row.company_id) != line.company.key:
        raise BadQuestion("You have just changed companies.", hint="Ask for the customer again.")
    return row


def _connected_again() -> BadQuestion:
    return BadQuestion("The Sage sign-in for this has just been changed.", hint="Ask for it again.")


def require_same_company(company: Company, card: str) -> None:
    """Raises BadQuestion where a card or a form was another company's: its customer of that id is another."""
    if card and card != key_of(company):
        raise BadQuestion(
            "That was another company's card, and you have changed companies since.",
            hint="Ask for the customer again, or pick the company with `/sage company`.",
        )


def needs_second(customer: Customer, policy: Policy) -> bool:
    """Whether two must approve a release; a balance that Sage doesn't give may be any."""
    above = policy.second_approver_above
    return above is not None and (customer.balance is None or customer.balance > max(above, Decimal(0)))


def refuse_alone(customer: Customer, policy: Policy) -> None:
    """Raises NotAllowed where two must approve."""
    if needs_second(customer, policy):
        raise NotAllowed(
            "That account owes more than one person may release alone: two have to approve it.",
            hint=f"Ask for it: `/customer {customer.reference[:20]} request-release REASON`.",
        )


def _outcome(deed: HoldAction, words: str, after: Customer | None) -> Outcome:
    """Done if Sage has it as we asked for it, and with our reason as far as it says one."""
    if after is None:
        return Outcome.UNKNOWN
    if after.on_hold != deed.on_hold:
        return Outcome.NOT_DONE
    return Outcome.DONE if after.status_reason in {None, words} else Outcome.CHANGED_MEANWHILE


def _record(
    asker: Asker, wish: HoldChange, before: Customer, after: Customer | None, outcome: Outcome, *, at: datetime
) -> Record:
    done = "" if outcome is Outcome.DONE else f" ({outcome})"
    what = f"{before.reference} {before.name}: {wish.reason}"
    return Record(at, asker.user_id, f"{wish.deed}{done}", what, stood(before), stood(after) if after else "not known")


def stood(customer: Customer) -> str:
    """How it stands, for the record."""
    status = "on hold" if customer.on_hold else "not on hold"
    return f"{status}: {customer.status_reason}" if customer.status_reason else status
