"""Saying which customers are people's own: the rows, what the people are told, and the record, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter import Codes, codes_from
from bot.features.access.model.authorization import AccessChange
from bot.features.access.model.session import Session
from bot.features.access.service import own_alerts
from bot.features.access.service.appointments import NO_ROLE as NONE
from bot.features.admin.model import role_command
from bot.features.audit.service.log import AuditLog
from bot.features.customers.service.filter_vocabulary import FilterVocabulary
from storage.queries.access import roles as rows


async def own_customers(tx: AsyncSession, session: Session, known: FilterVocabulary) -> dict[str, tuple[Codes, ...]]:
    """Return by user id the analysis codes of everybody's own customers in the vocabulary's company."""
    stored = await rows.codes_of(tx, workspace_id=session.workspace_id, company_pk=known.company_pk)
    return {user: codes_from(codes) for user, codes in stored.items()}


async def assign(
    tx: AsyncSession,
    audit: AuditLog,
    session: Session,
    wanted: Mapping[str, tuple[Codes, ...]],
    known: FilterVocabulary,
    *,
    untold: Collection[str] = (),
) -> list[AccessChange]:
    """Replace users' own customers. Call this last in a transaction, under the lock on the roles.

    Of the `untold` the role that they are given next says all of it.
    """
    had = await own_customers(tx, session, known)
    chosen = {user: {each.slot: each.values for each in codes} for user, codes in wanted.items()}
    whose = {"workspace_id": session.workspace_id, "set_by": session.user_id}
    await rows.set_codes(tx, **whose, company_pk=known.company_pk, codes=chosen, now=session.now)
    made = [_changed(user, had.get(user, ()), codes, known) for user, codes in wanted.items()]
    told = [each for each in made if each.about not in untold or not wanted[each.about]]
    await own_alerts.customers_changed(tx, audit, session, told, company_pk=known.company_pk)
    await audit.did_each(tx, session, "change customers", {each.about: (each.before, each.after) for each in made})
    return made


def _changed(
    user_id: str, before: tuple[Codes, ...], after: tuple[Codes, ...], known: FilterVocabulary
) -> AccessChange:
    undo = filters.filter_as_typed(role_command.describe_codes(before), known.labels) if before else NONE
    said = (described(before, known.labels), described(after, known.labels))
    return AccessChange("customers", user_id, *said, undo=undo, company_name=known.company_name)


def described(codes: tuple[Codes, ...], labels: Mapping[int, str]) -> str:
    """Return own customers in words; "none" for nobody's."""
    return filters.describe_filter(role_command.describe_codes(codes), labels) if codes else NONE
