"""Posts the outbox: in order for each target, at Slack's pace, at least once; docs/adr/0007 says what can double."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.coordination.batched import Batched
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
from bot.features.installations.service.installations import Bot, Installations
from bot.observability.metrics import DELIVERIES
from storage.database import Database
from storage.queries.alerts import outbox as rows
from storage.queries.alerts import targets
from storage.queries.alerts.outbox import Claimed, Posted, Turn
from storage.queries.connections import workspaces
from storage.tables.core import Workspace

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
        reps = Reps(sessions=sessions, labels=welcomes.labels, slack_directory=posting, clock=clock)
        self._alerts = Alerts(database=database, audience=self._audience, reps=reps, clock=clock)
        self._notices = Notices(
            database=database, sessions=sessions, own_access=own_access, welcomes=welcomes, audience=self._audience
        )
        self._poster = Poster(posting)
        self._closed = PausedTargets(database=database, clock=clock)
        self._clock = clock
        self._pace = pace
        self._lease = lease
        # Put together for all targets that are posted to at one time: in turns, most of the time would go into journeys
        # to the database.
        self._claims = Batched(self._claim, alone_after_error=True)
        self._sent = Batched(self._note, alone_after_error=True)

    async def due(self, *, most: int) -> list[tuple[str, str]]:
        """Return (workspace id, target id) where a row is to be posted now."""
        async with self._database.reading() as tx:
            return await rows.due_targets(tx, now=self._clock(), barred=TROUBLES, limit=most)

    async def closed(self, *, most: int) -> list[tuple[str, str]]:
        """Return (workspace id, target id) of paused targets that are due to be checked again."""
        return await self._closed.due(most=most)

    async def post_target(self, *, workspace_id: str, target_id: str) -> int:
        """Post a target's due rows, oldest first, as far as the pace allows; return how many went out."""
        turn, count = Turn(workspace_id, target_id, uuid.uuid4().hex), 0
        for _ in range(_MOST_A_TURN):
            found = await self._claims.ask(turn)
            if found is None:
                break
            claimed, workspace = found
            posted, again = await self._post(claimed, turn, workspace)
            count += posted
            if not again:
                break
        else:
            # Enough for one turn: other targets wait for this process too. What is left is due still.
            async with self._database.transaction() as tx:
                await rows.end_turns(tx, {turn: self._clock()})
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

    async def _claim(self, turns: Sequence[Turn]) -> list[tuple[Claimed, Workspace | None] | None]:
        """Claim the oldest row of each target, with its workspace; None where nothing is to be done, or not yet."""
        now = self._clock()
        async with self._database.transaction() as tx:
            found = await rows.claim(tx, turns, now=now, until=now + self._lease, barred=TROUBLES)
            # Nothing to do, or not yet: the finder is kept from asking again at once.
            ended = {
                turn: now if each is None else min(each, now + _LONGEST_WAIT)
                for turn, each in zip(turns, found, strict=True)
                if not isinstance(each, Claimed)
            }
            await rows.end_turns(tx, ended)
            ids = {each.row.workspace_id for each in found if isinstance(each, Claimed)}
            places = await workspaces.by_ids(tx, ids) if ids else {}
        return [(each, places.get(each.row.workspace_id)) if isinstance(each, Claimed) else None for each in found]

    async def _post(self, claimed: Claimed, turn: Turn, workspace: Workspace | None) -> tuple[bool, bool]:
        """Post one row; return (posted, go on). Every outcome settles or reschedules the row and the target's turn."""
        try:
            found = await self._ready(claimed, await self._installations.bot_in(workspace))
            if isinstance(found, Ready):
                return await self._complete(_Sent(claimed, turn, found, await self._poster.place(found)))
        except SlackPosting as error:
            return await self._failed(claimed, turn, error)
        except BotError as error:
            # On the way to Slack: its token, or the recipient's session.
            why = SlackPosting(type(error).__name__, permanent=error.permanent, is_outage=error.is_outage)
            return await self._failed(claimed, turn, why)
        if isinstance(found, ChannelTrouble):
            if claimed.subscription is not None:
                return await self._pause(claimed, turn, found)
            await self._closed.unposted(claimed.row.workspace_id, claimed.row.target_id, found)
        if found is not None:
            await self._dead_letter(claimed, turn, found)
            DELIVERIES.labels("kept back").inc()
            log.info("an outbox row was kept back", row=claimed.row.id, kind=claimed.row.kind, why=found)
        return False, True

    async def _ready(self, claimed: Claimed, bot: Bot | None) -> Ready | ChannelTrouble | str | None:
        if claimed.subscription is None:
            return await self._notices.ready(bot, claimed)
        return await self._alerts.ready(bot, claimed, claimed.subscription)

    async def _complete(self, sent: _Sent) -> tuple[bool, bool]:
        """Store where the message stands, and end the turn for as long as the pace asks; return (posted, go on)."""
        # What others may write meanwhile, as the notices of a request, is not locked together with the rows of others.
        await (self._sent.ask(sent) if sent.claimed.subscription is not None else self._note([sent]))
        DELIVERIES.labels("posted").inc()
        return True, not self._pace

    async def _note(self, sent: Sequence[_Sent]) -> list[None]:
        """Store where messages stand, all in one transaction."""
        now = self._clock()
        async with self._database.transaction() as tx:
            if self._pace:
                await rows.end_turns(tx, {each.turn: now + self._pace for each in sent})
            for each in sent:
                if each.claimed.subscription is None:
                    await self._notices.settle(tx, each.ready, each.placed, now=now)
            await self._alerts.settle(tx, [(each.ready, each.placed) for each in sent])
            for each in sent:
                if each.placed.next_begin is not None:
                    turned = {**each.ready.row.facts, "begin": each.placed.next_begin}
                    row_id, owner = each.ready.row.id, each.turn.owner
                    await rows.next_page(tx, row_id=row_id, owner=owner, ts=each.placed.ts, facts=turned)
            whole = [each.posted for each in sent if each.placed.next_begin is None]
            late = len(whole) - await rows.complete(tx, whole, now=now)
            if late:
                log.warning("outbox rows were posted after their turns were lost", count=late)
        return [None] * len(sent)

    async def _failed(self, claimed: Claimed, turn: Turn, error: SlackPosting) -> tuple[bool, bool]:
        """Pause the target, reschedule the row, or give the row up, as the error says; return (posted, go on)."""
        row, now = claimed.row, self._clock()
        if error.trouble and claimed.subscription is not None:
            trouble = ChannelTrouble(error.trouble)
            is_person = row.is_personal and trouble in _OF_A_PERSON
            return await self._pause(claimed, turn, ChannelTrouble.LEFT if is_person else trouble)
        # Trouble with the way there, which other messages would meet as well, is not held against this one.
        most = _MOST_ATTEMPTS if error.is_outage else _MOST_REFUSALS
        if error.permanent or row.attempts >= most:
            DELIVERIES.labels("given up").inc()
            log.error("an outbox row was given up", row=row.id, kind=row.kind, why=error.why)
            if error.trouble and not row.is_personal:
                await self._closed.unposted(row.workspace_id, row.target_id, ChannelTrouble(error.trouble))
            return await self._dead_letter(claimed, turn, error.why)
        again = try_again_at(now, failures=row.attempts - 1, spread=0.5)
        if error.retry_after is not None:
            # Slack says itself when, and it says so of the place, not of this message.
            again = now + timedelta(seconds=max(error.retry_after, 1))
        await self._reschedule(claimed, turn, error.why, until=again, in_doubt=claimed.in_doubt or error.in_doubt)
        DELIVERIES.labels("put off").inc()
        log.warning("an outbox row was put off", row=row.id, why=error.why)
        return False, False

    async def _pause(self, claimed: Claimed, turn: Turn, trouble: ChannelTrouble) -> tuple[bool, bool]:
        """Pause the target's subscriptions, and leave the row waiting as it is; return (posted, go on)."""
        row = claimed.row
        DELIVERIES.labels("paused").inc()
        await self._reschedule(claimed, turn, trouble, until=self._clock(), in_doubt=claimed.in_doubt)
        if trouble is ChannelTrouble.OWNER and claimed.subscription is not None:
            await self._closed.close_owner(row.workspace_id, claimed.subscription.owner)
        else:
            await self._closed.close(
                row.workspace_id, row.target_id, trouble, is_personal=row.is_personal, row_id=row.id
            )
        return False, False

    async def _reschedule(self, claimed: Claimed, turn: Turn, why: str, *, until: datetime, in_doubt: bool) -> None:
        row_id, owner = claimed.row.id, turn.owner
        async with self._database.transaction() as tx:
            await rows.reschedule(tx, row_id=row_id, owner=owner, due_at=until, failure=why, in_doubt=in_doubt)
            await rows.end_turns(tx, {turn: until})

    async def _dead_letter(self, claimed: Claimed, turn: Turn, why: str) -> tuple[bool, bool]:
        """Set the row aside with the reason; return (posted, go on), for the next row is posted at once."""
        async with self._database.transaction() as tx:
            await rows.dead_letter(tx, row_id=claimed.row.id, owner=turn.owner, failure=why)
        return False, True


@dataclass(frozen=True, slots=True)
class _Sent:
    """A claimed row whose message stands in Slack."""

    claimed: Claimed
    turn: Turn
    ready: Ready
    placed: Placed

    @property
    def posted(self) -> Posted:
        return Posted(self.ready.row.id, self.turn.owner, self.placed.channel, self.placed.ts)
