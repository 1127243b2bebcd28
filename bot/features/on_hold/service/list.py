"""The accounts on hold now, from the mirror."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import hold_episode
from bot.domain.changes import Snapshot
from bot.domain.parsing import folded
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Decision, Shown
from bot.features.access.model.session import Session, require_allowed
from bot.features.alerts.model.messages import HeldAccount, longest_first
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.mirror.service.rows import customer_of
from bot.features.on_hold.model import query
from bot.features.on_hold.model.list import Account, Listing, NotKnown, Unknown
from storage.database import Database
from storage.queries import targets
from storage.queries.mirror import mirrored_customers
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer


class OnHold:
    """The accounts on hold of the asker's company."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, permission: CachePermission
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._permission = permission

    async def ask(self, session: Session, words: str) -> Listing | NotKnown:
        """Return the accounts that fit the words, the longest on hold first; NotKnown if the mirror can't be trusted.

        Raises NotAllowed, BadQuestion, NotConnected, ReconnectNeeded, NoCompany, or Sage's refusal.
        """
        sage = self._connections.company_for(session)
        only = require_figures(await self._permission.admit(sage)).only
        known = await vocabulary_for(self._database, self._customers, sage)
        typed = folded(words)
        asked = query.parse_on_hold_query(typed, known.labels, known.values, mine=known.mine)
        known.check_mine(asked.filter, session.asker.name)
        as_of = trusted_mirror(session)
        if isinstance(as_of, NotKnown):
            return as_of
        async with self._database.reading() as tx:
            found = await targets.held(tx, company_pk=known.company_pk)
        zone = ZoneInfo(session.policy.zone)
        seen = asked.narrowed(only)
        every = (account_of(row, episode, session.now, zone) for row, episode in found)
        accounts = [account for account in every if seen.fits(account.held.customer)]
        session.reads.list("accounts on hold", asked.describe(known.labels), known.company_name, len(accounts))
        return Listing(
            accounts=tuple(sorted(accounts, key=lambda account: longest_first(account.held))),
            company_name=known.company_name,
            as_of=as_of,
            words=typed,
            asked=asked.describe(known.labels),
            labels=known.labels,
            is_narrowed=only is not None,
            meant=() if accounts else query.ranking_meant(asked, known.labels, known.values),
        )


def account_of(row: MirroredCustomer, episode: HoldEpisodeRow | None, now: datetime, zone: ZoneInfo) -> Account:
    snapshot = Snapshot.of(customer_of(mirrored_customers.as_stored(row)))
    reason = snapshot.status_reason or ""
    if episode is None:
        return Account(HeldAccount(snapshot, None), reason=reason)
    days = hold_episode.HoldEpisode(episode.opened_at).days_held(now, zone)
    since = episode.opened_at.astimezone(zone).date()
    return Account(HeldAccount(snapshot, days, episode.already_held), since, reason or episode.reason)


def require_figures(decision: Decision) -> Decision:
    """Return the decision about cached data if it shows figures. Raises NotAllowed otherwise."""
    if require_allowed(decision).shown is Shown.FIGURES:
        return decision
    raise NotAllowed(
        "A list of figures is only for those who may see them all.",
        hint="Ask an admin of this app: `/sage roles @YOU customers Region:North`.",
    )


def trusted_mirror(session: Session) -> datetime | NotKnown:
    """Return when the mirror last matched Sage, or why it can't be trusted."""
    answering = session.answering
    if answering is None or answering.mirror is None:
        return NotKnown(Unknown.NOT_KEPT, answering.company.company_name if answering is not None else "")
    mirror_state, name = answering.mirror, answering.company.company_name
    if mirror_state.synced_at is None:
        return NotKnown(Unknown.READING, name, customers=mirror_state.customers)
    if session.now - mirror_state.synced_at > session.policy.trust_copy_for:
        return NotKnown(Unknown.OLD, name, as_of=mirror_state.synced_at)
    return mirror_state.synced_at
