"""The message of a customer, whole: the one way in which a card is drawn, and drawn again by its buttons."""

from __future__ import annotations

from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.card.views import card as views
from bot.features.customers.model.lookup import CustomerCard, LookupResult
from bot.services import Services
from bot.slack.views.message import Message


async def found_message(services: Services, session: Session, found: LookupResult) -> Message:
    """Return what was found: a card with its debt, its first orders and the asker's other companies that have it too.

    Where the status alone may be shown, with the asker's own connect link. In another company than the one in use, it
    says so.
    """
    found = await services.elsewhere.beside(session, found)
    if not isinstance(found, CustomerCard):
        return _in_company(session, views.lookup_answer(found))
    offer = None
    if found.shown is not Shown.FIGURES and found.may_connect:
        offer = await services.connect_links.offer_unasked(session)
    return _in_company(session, views.customer_card(await services.account_detail.whole(session, found), offer))


def _in_company(session: Session, message: Message) -> Message:
    return message if session.in_use is None else views.of_other_company(message, session.in_use.company_name)
