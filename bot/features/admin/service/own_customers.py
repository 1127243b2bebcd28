"""Saying which customers are a person's own: the rows, what the person is told, and the record, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

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


async def own_customers(tx: AsyncSession, session: Session, user_id: str, known: FilterVocabulary) -> tuple[Codes, ...]:
    """Return the analysis codes of a user's own customers in the vocabulary's company."""
    whose = {"workspace_id": session.workspace_id, "user_id": user_id}
    return codes_from((await rows.codes_of(tx, company_pk=known.company_pk, **whose)).get(user_id, {}))


async def assign(
    tx: AsyncSession,
    audit: AuditLog,
    session: Session,
    user_id: str,
    codes: tuple[Codes, ...],
    known: FilterVocabulary,
    *,
    tells: bool = True,
) -> AccessChange:
    """Replace a user's own customers. Call this last in a transaction, under the lock on the roles.

    Without `tells`, the role that the user is given next says all of it.
    """
    before = await own_customers(tx, session, user_id, known)
    whose = {"workspace_id": session.workspace_id, "user_id": user_id}
    chosen = {each.slot: each.values for each in codes}
    await rows.set_codes(
        tx, company_pk=known.company_pk, codes=chosen, set_by=session.user_id, now=session.now, **whose
    )
    undo = filters.filter_as_typed(role_command.describe_codes(before), known.labels) if before else NONE
    said = (described(before, known.labels), described(codes, known.labels))
    made = AccessChange("customers", user_id, *said, undo=undo, company_name=known.company_name)
    if tells or not codes:
        await own_alerts.customers_changed(tx, audit, session, made, company_pk=known.company_pk)
    await audit.changed(tx, session, made)
    return made


def described(codes: tuple[Codes, ...], labels: Mapping[int, str]) -> str:
    """Return own customers in words; "none" for nobody's."""
    return filters.describe_filter(role_command.describe_codes(codes), labels) if codes else NONE
