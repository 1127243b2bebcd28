"""What every list of customers from the mirror is preceded by: may the user see figures, and is the mirror fresh."""

from __future__ import annotations

from datetime import datetime

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Decision, Shown
from bot.features.access.model.session import Session
from bot.features.customers.model.listing import NotKnown, Unknown


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
