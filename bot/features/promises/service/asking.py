"""Who may say something of a customer's debt, and which day it is for them."""

from __future__ import annotations

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Action, Shown
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard

_NOT_THEIRS = "That isn't one of your customers."
_NOT_THEIRS_HINT = "If it should be, ask an admin of this app: `/sage roles @YOU customers`."


def company_of(connections: Connections, session: Session, card: CustomerCard, action: Action) -> SageCompany:
    """Return the company of a card to whose customer the asker may do this. Raises NotAllowed and the like."""
    decision = session.require(action)
    sage = connections.company_for(session, action=Action.STATUS)
    if card.shown is not Shown.FIGURES or decision.shown_of(card.customer.analysis) is not Shown.FIGURES:
        raise NotAllowed(_NOT_THEIRS, hint=_NOT_THEIRS_HINT)
    return sage
