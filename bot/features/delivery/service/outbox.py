"""Posting the news: in order for each target, at Slack's pace, at least once; docs/adr/0007 says what can double."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.oauth_tokens import try_again_at
from bot.errors import BotError, SlackPosting
from bot.features.access.model.authorization import Decision, Shown
from bot.features.access.service.authorizer import Authorizer
from bot.features.alerts.model.messages import TROUBLES, ChannelTrouble, News
from bot.features.alerts.service.compose import compose_alert, disclosed, silence
from bot.features.delivery.service.audience import Audience
from bot.features.delivery.service.paused_targets import PausedTargets
from bot.features.delivery.service.placement import MessagePoster, Placed, Poster
from bot.features.installations.service.installations import Bot, Installations
from storage import outbox as rows
from storage import targets
from storage.database import Database
from storage.outbox import Claimed
from storage.tables.alerts import LiveCard, OutboxRow

PACE = timedelta(seconds=1)
"""Slack takes about one message a second for a channel (docs.slack.dev, rate limits)."""

_LEASE = timedelta(seconds=60)
_MOST_A_TURN = 50
_MOST_REFUSALS, _MOST_ATTEMPTS = 5, 100
_LONGEST_WAIT = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Outbox:
    """The queue of each target. `lease` must be longer than all that one message may ask of Slack."""

    def __init__(
        self,
        *,
        database: Database,
        installations: Installations,
        access: Authorizer,
        posting: MessagePoster,
        clock: Callable[[], datetime],
        pace: timedelta = PACE,
        lease: timedelta = _LEASE,
    ) -> None:
        self._database = database
        self._installations = installations
        self._audience = Audience(database=database, access=access, slack_directory=posting, clock=clock)
        self._poster = Poster(posting)
        self._closed = PausedTargets(database=database, clock=clock)
        self._clock = clock
        self._pace = pace
        self._lease = lease

    async def due(self, *, most: int) -> list[tuple[str, str]]:
        """(workspace id, target id) where something is to be posted now."""
        async with self._database.reading() as tx:
            return await rows.due_targets(tx, now=self._clock(), barred=TROUBLES, limit=most)

    async def closed(self, *, most: int) -> list[tuple[str, str]]:
        """(workspace id, target id) that are paused because nothing could be posted, and may be looked at again."""
        return await self._closed.due(most=most)

    async def post_target(self, *, workspace_id: str, target_id: str) -> int:
        """Post what is due to one target, oldest first, as far as the pace allows. Returns how many went out."""
        owner, count = uuid.uuid4().hex, 0
        for _ in range(_MOST_A_TURN):
            claimed = await self._claim(workspace_id, target_id, owner)
            if claimed is None:
                break
            posted, again = await self._one(claimed, owner)
            count += posted
            if not again:
                break
        else:
            # Enough for one turn: others wait for this process too. What is left is due still.
            async with self._database.transaction() as tx:
                await rows.end_turn(
                    tx, workspace_id=workspace_id, target_id=target_id, owner=owner, until=self._clock()
                )
        return count

    async def look_again(self, *, workspace_id: str, target_id: str) -> bool:
        """Whether a paused target takes messages again; its subscriptions then run on."""
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
        """Slack says that something happened to a channel."""
        await self._closed.look_soon(workspace_id, target_id)

    async def _claim(self, workspace_id: str, target_id: str, owner: str) -> Claimed | None:
        now = self._clock()
        place = {"workspace_id": workspace_id, "target_id": target_id}
        async with self._database.transaction() as tx:
            found = await rows.claim(tx, **place, owner=owner, now=now, until=now + self._lease, barred=TROUBLES)
            if isinstance(found, Claimed):
                return found
            # Nothing to do, or not yet: whoever looks for due rows is kept from asking again at once.
            until = now if found is None else min(found, now + _LONGEST_WAIT)
            await rows.end_turn(tx, **place, owner=owner, until=until)
        return None

    async def _one(self, claimed: Claimed, owner: str) -> tuple[bool, bool]:
        """(posted, go on). Whatever happens, the row is settled or put off, and the turn with it."""
        row = claimed.row
        try:
            if why := silence(claimed.subscription, self._clock()):
                return await self._dead_letter(claimed, owner, why)
            bot = await self._installations.bot_of(row.workspace_id)
            found = await self._found(bot, claimed) if bot is not None else ChannelTrouble.NOT_INSTALLED
            if bot is None or isinstance(found, ChannelTrouble):
                return await self._close(claimed, owner, found)
            composed = await self._composed(claimed, found)
            if isinstance(composed, str):
                return await self._dead_letter(claimed, owner, composed)
            placed = await self._poster.place(bot, claimed, *composed)
            return await self._note(claimed, owner, placed)
        except SlackPosting as error:
            return await self._failed(claimed, owner, error)
        except BotError as error:
            return await self._failed(claimed, owner, SlackPosting(type(error).__name__))

    async def _found(self, bot: Bot, claimed: Claimed) -> Decision | ChannelTrouble:
        row, owner = claimed.row, claimed.subscription.owner
        books = {"company_pk": row.company_pk}
        return await self._audience.of(bot, row.target_id, is_personal=row.is_personal, owner=owner, **books)

    async def _composed(self, claimed: Claimed, found: Decision) -> tuple[News, Shown, LiveCard | None] | str:
        """The news, how much of it is shown, and the message it changes; or why it is not told after all."""
        row = claimed.row
        try:
            async with self._database.reading() as tx:
                news = await compose_alert(tx, row, claimed.subscription, found, now=self._clock())
                card = await _card(tx, row)
            shown = disclosed(news, claimed.subscription, found)
        except (KeyError, ValueError, TypeError, AttributeError, BotError) as error:
            log.exception("a delivery can't be read", delivery=row.id)
            return f"unreadable: {type(error).__name__}"
        return (news, shown, card) if isinstance(shown, Shown) else shown

    async def _note(self, claimed: Claimed, owner: str, placed: Placed) -> tuple[bool, bool]:
        """Write down that it stands in Slack, and keep the pace."""
        row = claimed.row
        now = self._clock()
        async with self._database.transaction() as tx:
            if placed.next_begin is not None:
                turned = {**row.facts, "begin": placed.next_begin}
                await rows.turn_page(tx, delivery_id=row.id, owner=owner, ts=placed.ts, facts=turned)
            elif not await rows.posted(tx, delivery_id=row.id, owner=owner, ts=placed.ts, now=now):
                log.warning("a delivery was posted after its turn was lost", delivery=row.id)
            await self._keep(tx, claimed, placed)
            again = not self._pace
            if not again:
                await self._end_turn(tx, claimed, owner, until=now + self._pace)
        return True, again

    async def _keep(self, tx: AsyncSession, claimed: Claimed, placed: Placed) -> None:
        row = claimed.row
        if placed.is_card and row.episode_id is not None:
            await rows.save_card(
                tx,
                workspace_id=row.workspace_id,
                target_id=row.target_id,
                episode_id=row.episode_id,
                channel=placed.channel,
                ts=placed.ts,
            )

    async def _failed(self, claimed: Claimed, owner: str, error: SlackPosting) -> tuple[bool, bool]:
        row, now = claimed.row, self._clock()
        if error.trouble:
            trouble = ChannelTrouble(error.trouble)
            # Of a person's own conversation Slack says that the channel is gone.
            is_theirs = row.is_personal and trouble in {
                ChannelTrouble.GONE,
                ChannelTrouble.NOT_IN,
                ChannelTrouble.ARCHIVED,
            }
            return await self._close(claimed, owner, ChannelTrouble.LEFT if is_theirs else trouble)
        most = _MOST_ATTEMPTS if error.in_doubt or error.why in _NOT_THE_MESSAGE else _MOST_REFUSALS
        if error.permanent or row.attempts >= most:
            return await self._dead_letter(claimed, owner, error.why)
        again = try_again_at(now, failures=row.attempts - 1, spread=0.5)
        if error.retry_after is not None:
            # Slack says itself when, and it says so of the place, not of this message.
            again = now + timedelta(seconds=max(error.retry_after, 1))
        await self._reschedule(claimed, owner, error.why, until=again, in_doubt=claimed.in_doubt or error.in_doubt)
        log.warning("a delivery was put off", delivery=row.id, why=error.why)
        return False, False

    async def _close(self, claimed: Claimed, owner: str, trouble: Decision | ChannelTrouble) -> tuple[bool, bool]:
        """Nothing can be posted there: its subscriptions are paused, and the row waits as it is."""
        row = claimed.row
        reason = trouble if isinstance(trouble, ChannelTrouble) else ChannelTrouble.NOT_INSTALLED
        await self._reschedule(claimed, owner, reason, until=self._clock(), in_doubt=claimed.in_doubt)
        if reason is ChannelTrouble.OWNER:
            await self._closed.close_owner(row.workspace_id, claimed.subscription.owner)
        else:
            await self._closed.close(row.workspace_id, row.target_id, reason, is_personal=row.is_personal)
        return False, False

    async def _reschedule(self, claimed: Claimed, owner: str, why: str, *, until: datetime, in_doubt: bool) -> None:
        async with self._database.transaction() as tx:
            await rows.reschedule(
                tx, delivery_id=claimed.row.id, owner=owner, due_at=until, failure=why, in_doubt=in_doubt
            )
            await self._end_turn(tx, claimed, owner, until=until)

    async def _dead_letter(self, claimed: Claimed, owner: str, why: str) -> tuple[bool, bool]:
        """Set aside, visibly; the next in the queue goes on at once."""
        async with self._database.transaction() as tx:
            await rows.dead_letter(tx, delivery_id=claimed.row.id, owner=owner, failure=why)
        log.error("a delivery was set aside", delivery=claimed.row.id, kind=claimed.row.kind, why=why)
        return False, True

    async def _end_turn(self, tx: AsyncSession, claimed: Claimed, owner: str, *, until: datetime) -> None:
        row = claimed.row
        await rows.end_turn(tx, workspace_id=row.workspace_id, target_id=row.target_id, owner=owner, until=until)


# Trouble with the way there, which other messages would meet as well.
_NOT_THE_MESSAGE = {"ratelimited", "unreachable", "TokensUnavailable", "SlackTokensUnavailable"}


async def _card(tx: AsyncSession, row: OutboxRow) -> LiveCard | None:
    if row.episode_id is None:
        return None
    return await rows.card(tx, workspace_id=row.workspace_id, target_id=row.target_id, episode_id=row.episode_id)
