"""An expected error as the message for its asker, with their own connect link where a sign-in would mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.errors import BotError
from bot.features.access.model.session import Session
from bot.services import Services
from bot.slack.views.errors import explain, lacks_sign_in
from bot.slack.views.message import Message


async def explained(error: BotError, services: Services, session: Callable[[], Awaitable[Session]]) -> Message:
    """Return the message. The link makes it personal: it may only be sent in private."""
    if not lacks_sign_in(error):
        return explain(error)
    try:
        offer = await services.connect_links.offer_unasked(await session())
    except BotError:
        offer = None
    return explain(error, offer)
