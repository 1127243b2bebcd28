"""What Sage says of a reader's own sign-in, asked before they are shown or sent what another sign-in has read."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from cachetools import LRUCache

from bot.errors import SAGE_REFUSALS, BotError, ReconnectNeeded
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.copy_permission import CachePermission

_GOOD_FOR = timedelta(seconds=15)  # as long as what Slack said of a member
_MOST_KEPT = 20_000  # sign-ins

log = structlog.get_logger(__name__)


class OwnAccess:
    """Asks Sage as the reader. A role lets nobody see a company that Sage has closed to their own sign-in since."""

    def __init__(self, *, connections: Connections, permission: CachePermission) -> None:
        self._connections = connections
        self._permission = permission
        self._asked: LRUCache[tuple[object, ...], datetime] = LRUCache(_MOST_KEPT)

    async def confirmed(self, session: Session) -> Session:
        """Return the session after Sage's word about the asker's own sign-in, at most 15 seconds old.

        A refusal is stored. Without an own sign-in, or an answer in time, the session stays as it is.
        """
        sage = self._connections.own_company(session)
        if sage is None or session.refusal is not None:
            return session
        asked = self._asked.get(sage.key)
        if asked is not None and abs(session.now - asked) < _GOOD_FOR:
            return session
        try:
            session = await self._permission.ask(sage)
        except SAGE_REFUSALS as error:
            self._asked.pop(sage.key, None)
            return session.refused_by_sage(type(error).__name__)
        except ReconnectNeeded:
            return session.without_own_sign_in()
        except BotError as error:
            log.info("Sage did not say whether somebody may see figures", why=type(error).__name__)
        self._asked[sage.key] = session.now
        return session
