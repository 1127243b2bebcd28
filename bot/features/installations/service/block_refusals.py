"""Which tables and charts a workspace's Slack refused, by the kind of answer, for a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from cachetools import LRUCache

from bot.features.installations.model import FEEDBACK, OBJECTS
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.connections import workspaces as rows

REMEMBERED = timedelta(days=1)

_MOST = 10_000


class BlockRefusals:
    """Remembers refusals in the workspace's row, which is read with its token, and at once in this process.

    `is_native` False: the operator wants neither tables nor charts, so all count as refused.
    """

    def __init__(self, database: Database, *, is_native: bool = True) -> None:
        self._database = database
        self._is_native = is_native
        # Other processes read the row again within a minute.
        self._here: LRUCache[tuple[str, str], datetime] = LRUCache(_MOST)

    def of(self, bot: Bot | None, kinds: Iterable[str], *, now: datetime) -> frozenset[str]:
        """Return which of these kinds are not to be sent."""
        asked = frozenset(kinds)
        refused = frozenset() if self._is_native else asked - {OBJECTS, FEEDBACK}
        if bot is None:
            return refused
        return refused | {kind for kind in asked if (until := self._until(bot, kind)) is not None and now < until}

    async def remember(self, bot: Bot, kinds: Iterable[str], *, now: datetime) -> None:
        """Remember that these kinds were refused, for a day."""
        until, refused = now + REMEMBERED, tuple(kinds)
        for kind in refused:
            self._here[bot.workspace_id, kind] = until
        async with self._database.transaction() as tx:
            await rows.note_refused_blocks(
                tx, workspace_id=bot.workspace_id, kinds=dict.fromkeys(refused, until), now=now
            )

    def _until(self, bot: Bot, kind: str) -> datetime | None:
        known = [each for each in (self._here.get((bot.workspace_id, kind)), bot.refused_blocks.get(kind)) if each]
        return max(known, default=None)
