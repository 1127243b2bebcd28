"""Who is on hold just now: the mirror's answer, for those who may see it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import hold_episode as episodes
from bot.domain.changes import Snapshot
from bot.domain.parsing import folded
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Asker, Decision, Policy, Shown
from bot.features.access.service.authorizer import require_allowed
from bot.features.access.service.policy import policy_from
from bot.features.alerts.model.messages import HeldAccount, longest_first
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.mirror.service.rows import customer_of
from bot.features.on_hold.model import query as on_hold_words
from bot.features.on_hold.model.list import Account, Listing, NotKnown, Unknown
from storage import mirror_state as ledgers
from storage import mirrored_customers as mirror
from storage import settings, targets
from storage.database import Database
from storage.tables.alerts import LIVE, HoldEpisodeRow, MirroredCustomer, MirrorStateRow


class OnHold:
    """The accounts on hold of the asker's company. Every call checks afresh who asks."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, admission: CachePermission
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._admission = admission

    async def ask(self, asker: Asker, words: str, *, now: datetime) -> Listing | NotKnown:
        """Those that fit the words, the longest on hold first; NotKnown where the mirror can't be trusted.

        Raises NotAllowed, BadQuestion, NotConnected, ReconnectNeeded, NoCompany, or what Sage refuses them with.
        """
        line = await self._connections.line_for(asker)
        only = kept_figures(await self._admission.admit(line)).only
        known = await vocabulary_for(self._database, self._connections, self._customers, asker)
        typed = folded(words)
        async with self._database.reading() as tx:
            policy = policy_from(await settings.of_workspace(tx, workspace_id=asker.workspace_id))
            asked = on_hold_words.parse_on_hold_query(typed, known.labels, known.values, mine=known.mine)
            known.check_mine(asked.filter, asker.name)
            as_of = await trusted(tx, asker, known, policy, now=now)
            if isinstance(as_of, NotKnown):
                return as_of
            found = await targets.held(tx, company_pk=known.company_pk)
        zone = ZoneInfo(policy.zone)
        seen = asked.narrowed(only)
        every = (account_of(row, stay, now, zone) for row, stay in found)
        accounts = [account for account in every if seen.fits(account.held.customer)]
        return Listing(
            accounts=tuple(sorted(accounts, key=lambda account: longest_first(account.held))),
            company_name=known.company_name,
            as_of=as_of,
            words=typed,
            asked=asked.describe(known.labels),
            labels=known.labels,
            is_narrowed=only is not None,
            meant=() if accounts else on_hold_words.ranking_meant(asked, known.labels, known.values),
        )


def account_of(row: MirroredCustomer, stay: HoldEpisodeRow | None, now: datetime, zone: ZoneInfo) -> Account:
    snapshot = Snapshot.of(customer_of(mirror.as_stored(row)))
    reason = snapshot.status_reason or ""
    if stay is None:
        return Account(HeldAccount(snapshot, None), reason=reason)
    days = episodes.HoldEpisode(stay.opened_at).days_held(now, zone)
    since = stay.opened_at.astimezone(zone).date()
    return Account(HeldAccount(snapshot, days, stay.already_held), since, reason or stay.reason)


def kept_figures(decision: Decision) -> Decision:
    """A verdict of the copy, for lists of figures. Raises NotAllowed where it shows none."""
    if require_allowed(decision).shown is Shown.FIGURES:
        return decision
    raise NotAllowed(
        "A list of figures is only for those who may see them all.",
        hint="Ask an admin of this app: `/sage roles @YOU customers Region:North`.",
    )


async def trusted(
    tx: AsyncSession, asker: Asker, known: FilterVocabulary, policy: Policy, *, now: datetime
) -> datetime | NotKnown:
    """When the mirror was last true, or why it can't be trusted."""
    ledger = await ledgers.of_company(tx, workspace_id=asker.workspace_id, company_pk=known.company_pk)
    as_of = ledger.synced_at if ledger is not None and ledger.phase == LIVE else None
    if as_of is not None and now - as_of <= policy.trust_copy_for:
        return as_of
    return _not_known(ledger, known.company_name)


def _not_known(ledger: MirrorStateRow | None, company_name: str) -> NotKnown:
    if ledger is None:
        return NotKnown(Unknown.NOT_KEPT, company_name)
    if ledger.phase != LIVE or ledger.synced_at is None:
        return NotKnown(Unknown.READING, company_name, customers=ledger.read_count)
    return NotKnown(Unknown.OLD, company_name, as_of=ledger.synced_at)
