"""Targets that can't be posted to: paused with the reason, their owners told once, checked again every few minutes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog

from bot.features.access.service.telling import tell_admins
from bot.features.alerts.model.messages import TROUBLES, ChannelTrouble
from bot.features.alerts.service.backlog import summarise
from bot.features.delivery.model import REQUESTS_UNPOSTED, SUBSCRIPTIONS_ORPHANED, SUBSCRIPTIONS_PAUSED, TAKEN_BACK
from storage.database import Database
from storage.queries.alerts import outbox, targets

_LOOK_AGAIN = timedelta(minutes=3)

_MOST_TAKEN_BACK = 500
_FOUND_BY_POSTING = {ChannelTrouble.RESTRICTED, ChannelTrouble.BARRED}

log = structlog.get_logger(__name__)


class PausedTargets:
    """Pauses and resumes the subscriptions of a target, in rows."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def due(self, *, most: int) -> list[tuple[str, str]]:
        """Return (workspace id, target id) of paused targets that are due to be checked again."""
        async with self._database.reading() as tx:
            return await targets.paused(tx, reasons=TROUBLES, now=self._clock(), limit=most)

    async def close(
        self,
        workspace_id: str,
        target_id: str,
        trouble: ChannelTrouble,
        *,
        is_personal: bool,
        row_id: int | None = None,
    ) -> None:
        """Pause every running subscription of the target, and tell each owner once about all of theirs.

        `row_id` is the outbox row that could not be posted.
        """
        now = self._clock()
        # Only posting finds these: a look sees nothing wrong, so the target is tried again, and closed again for the
        # same row, until it can be posted.
        once = str(row_id) if trouble in _FOUND_BY_POSTING and row_id is not None else now.isoformat()
        place = {"workspace_id": workspace_id, "target_id": target_id}
        async with self._database.transaction() as tx:
            paused = await targets.pause(tx, **place, reason=trouble, now=now)
            await targets.look_later(tx, **place, until=now + _LOOK_AGAIN)
            for owner in sorted({each.owner for each in paused}):
                # Without a token nobody can be told, and a person who left reads nothing.
                told = {ChannelTrouble.NO_ROLE, ChannelTrouble.REFUSED}
                left = is_personal and owner == target_id and trouble not in told
                if trouble is ChannelTrouble.NOT_INSTALLED or left:
                    continue
                numbers = ", ".join(map(str, sorted(each.number for each in paused if each.owner == owner)))
                facts = {"target": target_id, "personal": str(is_personal), "numbers": numbers, "reason": trouble.value}
                await outbox.add_notice(
                    tx,
                    workspace_id=workspace_id,
                    user_id=owner,
                    kind=SUBSCRIPTIONS_PAUSED,
                    facts=facts,
                    dedupe_key=f"{SUBSCRIPTIONS_PAUSED}:{target_id}:{once}:{owner}",
                    now=now,
                    company_pk=None,
                )
        log.warning("subscriptions paused", workspace=workspace_id, target=target_id, why=trouble, count=len(paused))

    async def take_back(self, workspace_id: str, channel_id: str) -> int:
        """Queue edits that blank the messages known to stand in a channel; return the number of messages."""
        now = self._clock()
        async with self._database.transaction() as tx:
            standing = await outbox.standing(
                tx, workspace_id=workspace_id, target_id=channel_id, limit=_MOST_TAKEN_BACK
            )
            for channel, ts in standing:
                await outbox.add_notice(
                    tx,
                    workspace_id=workspace_id,
                    user_id=channel_id,
                    kind=TAKEN_BACK,
                    facts={},
                    dedupe_key=f"{TAKEN_BACK}:{channel}:{ts}:{now:%Y-%m-%d}",
                    now=now,
                    company_pk=None,
                    place=(channel, ts),
                )
        return len(standing)

    async def unposted(self, workspace_id: str, channel_id: str, trouble: ChannelTrouble) -> None:
        """Tell the app's admins once a day that requests can't be posted in a channel."""
        now = self._clock()
        facts = {"target": channel_id, "reason": trouble.value}
        async with self._database.transaction() as tx:
            mark = f"{channel_id}:{trouble}:{now:%Y-%m-%d}"
            await tell_admins(tx, workspace_id, now, REQUESTS_UNPOSTED, facts, mark=mark)
        log.warning("a request was not posted", workspace=workspace_id, target=channel_id, why=trouble)

    async def close_owner(self, workspace_id: str, owner: str) -> None:
        """Pause the channel subscriptions of an owner who may no longer have them, and tell the app's admins once."""
        now = self._clock()
        whose = {"workspace_id": workspace_id, "owner": owner}
        async with self._database.transaction() as tx:
            paused = await targets.pause_owned(tx, **whose, reason=ChannelTrouble.OWNER, now=now)
            for target_id in sorted({each.target_id for each in paused}):
                until = now + _LOOK_AGAIN
                await targets.look_later(tx, workspace_id=workspace_id, target_id=target_id, until=until)
            facts = {"owner": owner, "numbers": ", ".join(map(str, sorted(each.number for each in paused)))}
            if paused:
                await tell_admins(tx, workspace_id, now, SUBSCRIPTIONS_ORPHANED, facts)
        log.warning(
            "subscriptions paused", workspace=workspace_id, owner=owner, why=ChannelTrouble.OWNER, count=len(paused)
        )

    async def open(self, workspace_id: str, target_id: str, *, owners: Collection[str]) -> bool:
        """Resume the target's subscriptions, and merge alerts that are out of date. Return False if none was paused.

        `owners` are those who may have their subscriptions; all others' stay paused for their owners' sake.
        """
        now = self._clock()
        place = {"workspace_id": workspace_id, "target_id": target_id}
        async with self._database.transaction() as tx:
            ended = [
                await targets.resume(tx, **place, reasons=TROUBLES - {ChannelTrouble.OWNER}),
                await targets.resume(tx, **place, reasons={ChannelTrouble.OWNER}, owners=owners),
            ]
            since = min((each for each in ended if each is not None), default=None)
            if since is None:
                return False
            await summarise(tx, **place, since=since, now=now)
            await targets.look_now(tx, **place)
        log.info("subscriptions resumed", workspace=workspace_id, target=target_id)
        return True

    async def looked(self, workspace_id: str, target_id: str) -> None:
        """Put off the next check of the target for a few minutes."""
        async with self._database.transaction() as tx:
            until = self._clock() + _LOOK_AGAIN
            await targets.look_later(tx, workspace_id=workspace_id, target_id=target_id, until=until)

    async def look_soon(self, workspace_id: str, target_id: str) -> None:
        """Make the target due to be checked at once."""
        place = {"workspace_id": workspace_id, "target_id": target_id}
        # Events name any channel, as often as people come and go: nothing is written for one that nothing waits for.
        if not await self._database.look(lambda connection: targets.is_put_off(connection, **place)):
            return
        async with self._database.transaction() as tx:
            await targets.look_now(tx, **place)
