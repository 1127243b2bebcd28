"""What every list of customers from the mirror is preceded by: may the user see figures, and is the mirror fresh."""

from __future__ import annotations

from datetime import datetime

from bot.domain.debt.lateness import DebtUnknown
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Decision, Shown
from bot.features.access.model.session import ItemsFreshness, Session
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.overdue.model.list import DebtNotKnown


def require_figures(decision: Decision) -> Decision:
    """Return the decision about cached data if it shows figures. Raises NotAllowed otherwise."""
    if decision.shown is Shown.FIGURES:
        return decision
    raise NotAllowed(
        "A list of figures is only for those who may see them all.",
        hint="Ask an admin of this app: `/sage roles @YOU customers`.",
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


def open_items(session: Session) -> ItemsFreshness:
    """Return how current the mirror of the open items is."""
    mirror = session.answering.mirror if session.answering is not None else None
    return mirror.items if mirror is not None else ItemsFreshness(False)


def trusted_items(session: Session, company_name: str) -> datetime | DebtNotKnown:
    """Return when the open items last matched Sage, or why they can't be trusted."""
    items = open_items(session)
    why = items.unknown(session.now, session.policy.trust_copy_for)
    if why is not None or items.synced_at is None:
        return DebtNotKnown(why or DebtUnknown.READING, company_name, items.count, items.synced_at)
    return items.synced_at
