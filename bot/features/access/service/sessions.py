"""Reading the session of a request: the only place that reads roles, sign-ins and settings to authorize."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.coordination.batched import Batched
from bot.domain.company import Company, Edition, SiteWays
from bot.domain.debt.debts import DebtItem, ItemKind, as_stored
from bot.domain.debt.early_warning import points_from
from bot.domain.debt.lateness import CopiedDebt
from bot.domain.filters.customer_filter import codes_from
from bot.domain.hold_notes import HoldNotes
from bot.domain.hold_reasons import read_reasons
from bot.domain.schedule import Region
from bot.domain.text.folding import same
from bot.domain.working_hours import WorkingHours, read_hours
from bot.errors import NotAllowed, SlackPosting
from bot.features.access.model.authorization import Asker, Membership, Policy, Role, role_from
from bot.features.access.model.session import AnsweringCompany, ItemsFreshness, MirrorFreshness, Session, SignIn
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.access.service.user_groups import UserGroups
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.access import sessions as rows
from storage.queries.connections.workspaces import UNINSTALLED
from storage.tables.alerts import LIVE, REFUSED

log = structlog.get_logger(__name__)


class Sessions:
    """Reads sessions: those asked for at one time in one statement."""

    def __init__(
        self,
        *,
        database: Database,
        user_groups: UserGroups,
        slack_directory: SlackDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._user_groups = user_groups
        self._slack_directory = slack_directory
        self._clock = clock
        # On PostgreSQL a statement for each would take a fifth of the time of a request, most of it in the driver.
        self._read = Batched(self._read_all)

    async def of(
        self,
        asker: Asker,
        *,
        now: datetime,
        company_pk: int | None = None,
        reference: str = "",
        surely: bool = False,
    ) -> Session:
        """Return the asker's session in the company that answers them, or in the company named.

        In the latter their own sign-in answers if it opens that company, whichever they use for their own questions.
        The debt of the customer of a `reference` is read along. With `surely`, raises SlackPosting if Slack can't list
        a user group. Raises NotAllowed for an uninstalled workspace.
        """
        if not asker.is_full_member:
            return Session(asker, now)  # guests and strangers: nothing is read for them
        found = await self._read.ask(rows.Whose(asker.workspace_id, asker.user_id, company_pk, same(reference)))
        if found is None:
            raise NotAllowed
        own_role = role_from(found.person.role)
        highest = self._user_groups.highest_role
        role = await highest(asker.workspace_id, asker.user_id, own_role, found.groups, surely=surely)
        session = _session(asker, now, found, role, None if role is own_role else role)
        return session if company_pk is None else session.with_opened_company

    async def debt_of(self, session: Session, reference: str) -> CopiedDebt | None:
        """Return the debt of a customer of the session's company, as the mirror has it."""
        asked = rows.Whose(session.workspace_id, session.user_id, session.company_pk, same(reference))
        found = await self._read.ask(asked)
        return copied_debt(found.debt) if found is not None and found.debt is not None else None

    async def _read_all(self, asked: Sequence[rows.Whose]) -> list[rows.SessionRows | None]:
        # The owner of many channels, to which news goes at one time, is asked about for each.
        each = list(dict.fromkeys(asked))
        found = dict(zip(each, await self._database.look(lambda tx: rows.read(tx, each)), strict=True))
        return [found[one] for one in asked]

    async def of_member(self, bot: Bot, user_id: str, *, company_pk: int | None = None) -> Session:
        """Return the session of an absent user, as `of` does, before something is done or sent in their name.

        Slack is asked for their membership now. Raises SlackPosting or TokensUnavailable if Slack can't say.
        """
        try:
            membership = await self._slack_directory.membership(bot, user_id)
        except SlackPosting as error:
            if error.trouble != ChannelTrouble.LEFT:
                raise
            membership = Membership.UNKNOWN
        asker = Asker(bot.workspace_id, bot.name, bot.slack_id, user_id, "", membership)
        return await self.of(asker, now=self._clock(), company_pk=company_pk, surely=True)


def _session(
    asker: Asker, now: datetime, found: rows.SessionRows, role: Role | None, groups_role: Role | None
) -> Session:
    person = found.person
    own, workspaces = _sign_in(person, "own"), _sign_in(person, "shared")
    sign_in = own or workspaces
    shared_owner = workspaces.owner if workspaces is not None and (sign_in is None or not sign_in.is_own) else ""
    codes: dict[int, tuple[str, ...]] = {}
    for slot, value in sorted(found.codes):
        codes[slot] = (*codes.get(slot, ()), value)
    return Session(
        asker,
        now,
        role=role,
        groups_role=groups_role,
        policy=policy_from(person if person.has_settings is not None else None),
        sign_in=sign_in,
        workspace_sign_in=workspaces,
        answering=_answering(person, workspaces),
        own_customers=codes_from(codes),
        refusal=found.refusals.get(asker.user_id) or found.refusals.get(shared_owner),
        own_refusal=found.refusals.get(asker.user_id),
        watched=dict(found.watched),
        named_debt=copied_debt(found.debt) if found.debt is not None else None,
    )


def copied_debt(stored: rows.StoredDebt) -> CopiedDebt:
    """Return a debt as the mirror has it."""
    items = [
        (
            DebtItem(
                id=each.id,
                kind=ItemKind(each.kind) if each.kind in set(ItemKind) else ItemKind.INVOICE,
                outstanding=each.outstanding,
                dated=each.dated,
                due=each.due,
                query=each.query,
                is_foreign=each.is_foreign,
            ),
            each.uncovered,
        )
        for each in stored.items
    ]
    after = as_stored(items, disputed=stored.disputed, pool_left=stored.pool_left, refund=stored.refund)
    differs = (stored.difference, stored.differs_since)
    return CopiedDebt(stored.customer_id, after, *differs, stored.is_remembered, points_from(stored.warnings))


def policy_from(row: Any) -> Policy:
    """Return the policy from a row that has these columns, or the defaults for None."""
    # An unreadable value becomes the strictest one.
    if row is None:
        return Policy()
    return Policy(
        status_for_everyone=row.status_for_everyone,
        sales_only_theirs=row.sales_only_theirs,
        trust_copy_for=timedelta(minutes=row.trust_copy_minutes),
        second_approver_above=row.second_approver_above,
        zone=row.zone,
        region=Region(row.region) if row.region in set(Region) else None,
        overdue_ask_days=row.overdue_ask_days,
        overdue_stop_days=row.overdue_stop_days,
        overdue_least=row.overdue_least,
        disputes_count=row.disputes_count,
        sets_off_credit=row.sets_off_credit,
        promise_grace_days=row.promise_grace_days,
        suggest_after_days=row.suggest_after_days,
        suggest_above=row.suggest_above,
        working_hours=read_hours(row.working_hours) or WorkingHours(),
        hold_reasons=read_reasons(row.hold_reasons),
        keep_questions=row.keep_questions,
        hold_notes=HoldNotes(row.hold_notes) if row.hold_notes in set(HoldNotes) else HoldNotes.OFF,
    )


def _sign_in(person: Any, which: str) -> SignIn | None:
    values = person._mapping
    if values[f"{which}_id"] is None:
        return None
    return SignIn(
        connection_id=values[f"{which}_id"],
        owner=values[f"{which}_user_id"],
        state=values[f"{which}_state"],
        since=values[f"{which}_state_since"],
        is_own=which == "own",
        sign_in_id=values[f"{which}_sign_in_id"],
        company_pk=values[f"{which}_company_pk"],
        access_token_sealed=values[f"{which}_access_token_sealed"] or "",
        access_expires_at=values[f"{which}_access_expires_at"],
        figures_seen_at=values[f"{which}_figures_seen_at"],
        ended_by_uninstall=values[f"{which}_state_reason"] == UNINSTALLED,
        opens=opens_from(values["own_opens"]) if which == "own" else (),
    )


def opens_from(listed: Sequence[Sequence[str]]) -> tuple[Company, ...]:
    """Return the companies that a connection opens, as they are stored."""
    return tuple(
        Company(name, site_name, Edition(edition), site_id, int(number))
        for edition, site_id, number, name, site_name in listed
    )


def opens_kept(companies: Sequence[Company]) -> list[list[str]]:
    """Return the companies as `opens_from` reads them."""
    return [
        [each.edition.value, each.site_id, str(each.company_id), each.company_name, each.site_name]
        for each in companies
    ]


def _answering(person: Any, workspaces: SignIn | None) -> AnsweringCompany | None:
    if person.company_pk is None:
        return None
    names, number = (person.company_name, person.site_name), person.company_id
    ways = SiteWays(frozenset(person.lacks), person.change_names_customer)
    company = Company(*names, Edition(person.edition), person.site_id, number, ways)
    mirror = None
    if person.phase is not None:
        synced_at = person.synced_at if person.phase == LIVE else None
        items_at = person.items_synced_at if person.items_phase == LIVE else None
        items = ItemsFreshness(person.items_phase == REFUSED, items_at, person.items_read_count)
        mirror = MirrorFreshness(synced_at, person.read_count, person.trouble or "", person.trouble_since, items)
    is_workspaces = workspaces is not None and workspaces.company_pk == person.company_pk
    return AnsweringCompany(person.company_pk, company, mirror, is_workspaces, person.paused_until)
