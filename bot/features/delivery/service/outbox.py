"""Posts the outbox: in order for each target, at Slack's pace, at least once; docs/adr/0007 says what can double."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.channel import Readers
from bot.domain.oauth_tokens import try_again_at
from bot.errors import BotError, SlackPosting
from bot.features.access.service.sessions import Sessions
from bot.features.alerts.model.messages import TROUBLES, ChannelTrouble
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.service.alerts import Alerts
from bot.features.delivery.service.audience import Audience
from bot.features.delivery.service.notices import Notices
from bot.features.delivery.service.paused_targets import PausedTargets
from bot.features.delivery.service.placement import MessagePoster, Placed, Poster, Ready
from bot.features.delivery.service.reps import Reps
from bot.features.delivery.service.welcome import RoleWelcomes
from bot.features.installations.service.installations import Installations
from bot.metrics import DELIVERIES
from storage.database import Database
from storage.queries import outbox as rows
from storage.queries import targets
from storage.queries.outbox import Claimed

PACE = timedelta(seconds=1)
"""Slack takes about one message a second for a channel (docs.slack.dev, rate limits)."""

_LEASE = timedelta(seconds=60)
_MOST_A_TURN = 50
_MOST_REFUSALS, _MOST_ATTEMPTS = 5, 100
_LONGEST_WAIT = timedelta(minutes=1)
# What Slack answers about a person's own conversation where it means the person.
_OF_A_PERSON = {ChannelTrouble.GONE, ChannelTrouble.NOT_IN, ChannelTrouble.ARCHIVED}

log = structlog.get_logger(__name__)


class Outbox:
    """Posts each target's rows. `lease` must exceed the time that one message's calls to Slack and Sage can take."""

    def __init__(
        self,
        *,
        database: Database,
        installations: Installations,
        sessions: Sessions,
        own_access: OwnAccess,
        welcomes: RoleWelcomes,
        posting: MessagePoster,
        clock: Callable[[], datetime],
        pace: timedelta = PACE,
        lease: timedelta = _LEASE,
    ) -> None:
        self._database = database
        self._installations = installations
        self._audience = Audience(
            database=database, sessions=sessions, own_access=own_access, slack_directory=posting, clock=clock
        )
        reps = Reps(database=database, sessions=sessions, labels=welcomes.labels, slack_directory=posting, clock=clock)
        self._alerts = Alerts(database=database, audience=self._audience, reps=reps, clock=clock)
        self._notices = Notices(database=database, sessions=sessions, own_access=own_access, welcomes=welcomes)
        self._poster = Poster(posting)
        self._closed = PausedTargets(database=database, clock=clock)
        self._clock = clock
        self._pace = pace
        self._lease = lease

    async def due(self, *, most: int) -> list[tuple[str, str]]:
        """Return (workspace id, target id) where a row is to be posted now."""
        async with self._database.reading() as tx:
            return await rows.due_targets(tx, now=self._clock(), barred=TROUBLES, limit=most)

    async def closed(self, *, most: int) -> list[tuple[str, str]]:
        """Return (workspace id, target id) of paused targets that are due to be checked again."""
        return await self._closed.due(most=most)

    async def post_target(self, *, workspace_id: str, target_id: str) -> int:
        """Post a target's due rows, oldest first, as far as the pace allows; return how many went out."""
        owner, count = uuid.uuid4().hex, 0
        for _ in range(_MOST_A_TURN):
            claimed = await self._claim(workspace_id, target_id, owner)
            if claimed is None:
                break
            posted, again = await self._post(claimed, owner)
            count += posted
            if not again:
                break
        else:
            # Enough for one turn: other targets wait for this process too. What is left is due still.
            async with self._database.transaction() as tx:
                await rows.end_turn(
                    tx, workspace_id=workspace_id, target_id=target_id, owner=owner, until=self._clock()
                )
        return count

    async def channel_shared(self, *, workspace_id: str, channel_id: str, readers: Readers) -> None:
        """Pause a channel that people outside the workspace now read, and replace the messages known to stand there."""
        trouble = ChannelTrouble.ORGANISATION if readers is Readers.ORGANISATION else ChannelTrouble.SHARED
        await self._closed.close(workspace_id, channel_id, trouble, is_personal=False)
        count = await self._closed.take_back(workspace_id, channel_id)
        log.warning("a channel is shared now", workspace=workspace_id, taken_back=count)

    async def look_again(self, *, workspace_id: str, target_id: str) -> bool:
        """Resume a paused target's subscriptions if the target takes messages again; return whether it does."""
        async with self._database.reading() as tx:
            wanted = await targets.wanted(tx, workspace_id=workspace_id, target_id=target_id)
        await self._closed.looked(workspace_id, target_id)
        bot = await self._installations.bot_of(workspace_id)
        if bot is None:
            return False
        takes, owners = False, set[str]()
        for personal, company_pk, owner in wanted:
            try:
                found = await self._audience.of(
                    bot, target_id, is_personal=personal, company_pk=company_pk, owner=owner
                )
            except SlackPosting:
                return False
            takes |= not isinstance(found, ChannelTrouble) or found is ChannelTrouble.OWNER
            owners |= set() if isinstance(found, ChannelTrouble) else {owner}
        return takes and await self._closed.open(workspace_id, target_id, owners=owners)

    async def look_soon(self, *, workspace_id: str, target_id: str) -> None:
        """Check a paused channel again at once, after an event in which Slack names the channel."""
        await self._closed.look_soon(workspace_id, target_id)

    async def _claim(self, workspace_id: str, target_id: str, owner: str) -> Claimed | None:
        now = self._clock()
        place = {"workspace_id": workspace_id, "target_id": target_id}
        async with self._database.transaction() as tx:
            found = await rows.claim(tx, **place, owner=owner, now=now, until=now + self._lease, barred=TROUBLES)
            if isinstance(found, Claimed):
                return found
            # Nothing to do, or not yet: the finder is kept from asking again at once.
            until = now if found is None else min(found, now + _LONGEST_WAIT)
            await rows.end_turn(tx, **place, owner=owner, until=until)
        return None

    async def _post(self, claimed: Claimed, owner: str) -> tuple[bool, bool]:
        """Post one row; return (posted, go on). Every outcome settles or reschedules the row and the target's turn."""
        try:
            found = await self._ready(claimed)
            if isinstance(found, Ready):
                return await self._complete(claimed, owner, found, await self._poster.place(found))
        except SlackPosting as error:
            return await self._failed(claimed, owner, error)
        except BotError as error:
            # On the way to Slack: its token, or the recipient's session.
            why = SlackPosting(type(error).__name__, permanent=error.permanent, is_outage=error.is_outage)
            return await self._failed(claimed, owner, why)
        if isinstance(found, ChannelTrouble):
            return await self._pause(claimed, owner, found)
        if found is not None:
            await self._dead_letter(claimed, owner, found)
            DELIVERIES.labels("kept back").inc()
            log.info("an outbox row was kept back", row=claimed.row.id, kind=claimed.row.kind, why=found)
        return False, True

    async def _ready(self, claimed: Claimed) -> Ready | ChannelTrouble | str | None:
        bot = await self._installations.bot_of(claimed.row.workspace_id)
        if claimed.subscription is None:
            return await self._notices.ready(bot, claimed)
        return await self._alerts.ready(bot, claimed, claimed.subscription)

    async def _complete(self, claimed: Claimed, owner: str, ready: Ready, placed: Placed) -> tuple[bool, bool]:
        """Store where the message stands, and end the turn for as long as the pace asks; return (posted, go on)."""
        row, now = ready.row, self._clock()
        async with self._database.transaction() as tx:
            if claimed.subscription is None:
                await self._notices.settle(tx, ready, placed, now=now)
            else:
                await self._alerts.settle(tx, ready, placed)
            if placed.next_begin is not None:
                turned = {**row.facts, "begin": placed.next_begin}
                await rows.next_page(tx, row_id=row.id, owner=owner, ts=placed.ts, facts=turned)
            elif not await rows.complete(tx, row_id=row.id, owner=owner, channel=placed.channel, ts=placed.ts, now=now):
                log.warning("an outbox row was posted after its turn was lost", row=row.id)
            DELIVERIES.labels("posted").inc()
            again = not self._pace
            if not again:
                await self._end_turn(tx, claimed, owner, until=now + self._pace)
        return True, again

    async def _failed(self, claimed: Claimed, owner: str, error: SlackPosting) -> tuple[bool, bool]:
        """Pause the target, reschedule the row, or give the row up, as the error says; return (posted, go on)."""
        row, now = claimed.row, self._clock()
        if error.trouble and claimed.subscription is not None:
            trouble = ChannelTrouble(error.trouble)
            is_person = row.is_personal and trouble in _OF_A_PERSON
            return await self._pause(claimed, owner, ChannelTrouble.LEFT if is_person else trouble)
        # Trouble with the way there, which other messages would meet as well, is not held against this one.
        most = _MOST_ATTEMPTS if error.is_outage else _MOST_REFUSALS
        if error.permanent or row.attempts >= most:
            DELIVERIES.labels("given up").inc()
            log.error("an outbox row was given up", row=row.id, kind=row.kind, why=error.why)
            return await self._dead_letter(claimed, owner, error.why)
        again = try_again_at(now, failures=row.attempts - 1, spread=0.5)
        if error.retry_after is not None:
            # Slack says itself when, and it says so of the place, not of this message.
            again = now + timedelta(seconds=max(error.retry_after, 1))
        await self._reschedule(claimed, owner, error.why, until=again, in_doubt=claimed.in_doubt or error.in_doubt)
        DELIVERIES.labels("put off").inc()
        log.warning("an outbox row was put off", row=row.id, why=error.why)
        return False, False

    async def _pause(self, claimed: Claimed, owner: str, trouble: ChannelTrouble) -> tuple[bool, bool]:
        """Pause the target's subscriptions, and leave the row waiting as it is; return (posted, go on)."""
        row = claimed.row
        DELIVERIES.labels("paused").inc()
        await self._reschedule(claimed, owner, trouble, until=self._clock(), in_doubt=claimed.in_doubt)
        if trouble is ChannelTrouble.OWNER and claimed.subscription is not None:
            await self._closed.close_owner(row.workspace_id, claimed.subscription.owner)
        else:
            await self._closed.close(
                row.workspace_id, row.target_id, trouble, is_personal=row.is_personal, row_id=row.id
            )
        return False, False

    async def _reschedule(self, claimed: Claimed, owner: str, why: str, *, until: datetime, in_doubt: bool) -> None:
        async with self._database.transaction() as tx:
            await rows.reschedule(tx, row_id=claimed.row.id, owner=owner, due_at=until, failure=why, in_doubt=in_doubt)
            await self._end_turn(tx, claimed, owner, until=until)

    async def _dead_letter(self, claimed: Claimed, owner: str, why: str) -> tuple[bool, bool]:
        """Set the row aside with the reason; return (posted, go on), for the next row is posted at once."""
        async with self._database.transaction() as tx:
            await rows.dead_letter(tx, row_id=claimed.row.id, owner=owner, failure=why)
        return False, True

    async def _end_turn(self, tx: AsyncSession, claimed: Claimed, owner: str, *, until: datetime) -> None:
        row = claimed.row
        await rows.end_turn(tx, workspace_id=row.workspace_id, target_id=row.target_id, owner=owner, until=until)
