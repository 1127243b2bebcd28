"""Where a message goes: a card of its own, an edit with a reply below it, or a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.changes import ChangeKind
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChangeAlert, Digest, News, Shown
from bot.features.alerts.model.topics import DeliveryMode as Manner
from bot.features.installations.service.installations import Bot
from storage.outbox import Claimed
from storage.tables.alerts import LiveCard


@dataclass(frozen=True, slots=True)
class Post:
    """One message. `mark` goes with it, unseen, and finds it again; `is_reply` asks for the short words of a thread."""

    target_id: str
    news: News
    shown: Shown
    mark: str
    thread_ts: str = ""
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """Where it stands now. `next_begin`: the list goes on from there in another message."""

    channel: str
    ts: str
    next_begin: int | None = None


@dataclass(frozen=True, slots=True)
class Placed(Posted):
    """The same, and whether it is the episode's live message from now on."""

    is_card: bool = False


class MessagePoster(SlackDirectory, Protocol):
    """Whoever can post. Every call raises SlackPosting."""

    async def post(self, bot: Bot, post: Post) -> Posted:
        """Say it, once; nothing is repeated here, because an answer that was lost leaves a message behind."""
        ...

    async def edit(self, bot: Bot, *, channel: str, ts: str, post: Post) -> bool:
        """Put it in the place of an earlier message. False: that one can't be changed any more."""
        ...

    async def find(self, bot: Bot, post: Post) -> Posted | None:
        """The message with this mark in somebody's own conversation, if it stands there."""
        ...


class Poster:
    """Decides between them."""

    def __init__(self, posting: MessagePoster) -> None:
        self._posting = posting

    async def place(self, bot: Bot, claimed: Claimed, news: News, shown: Shown, card: LiveCard | None) -> Placed:
        """Put one row's news where it belongs. Raises SlackPosting."""
        row = claimed.row
        begin = news.begin if isinstance(news, Digest) else 0
        mark = f"{row.id}.{begin}" if begin else str(row.id)
        whole = Post(row.target_id, news, shown, mark, thread_ts=(row.message_ts or "") if begin else "")
        if not isinstance(news, ChangeAlert):
            return _placed(await self._say(bot, whole, claimed))
        kind = news.change.kind
        if card is not None and kind is ChangeKind.RELEASED:
            below = Post(row.target_id, news, shown, mark, thread_ts=card.ts, is_reply=True)
            # The edit comes first: done twice it is the same edit, while the reply is what is looked for in doubt.
            if await self._posting.edit(bot, channel=card.channel, ts=card.ts, post=whole):
                return _placed(await self._say(bot, below, claimed))
        elif card is not None and claimed.subscription.delivery == Manner.THREAD:
            whole = Post(row.target_id, news, shown, mark, thread_ts=card.ts)
        is_card = kind in {ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED}
        return _placed(await self._say(bot, whole, claimed), is_card=is_card)

    async def _say(self, bot: Bot, post: Post, claimed: Claimed) -> Posted:
        # Only our own conversations can be read: in a channel, a message in doubt is said again.
        found = await self._posting.find(bot, post) if claimed.in_doubt and claimed.row.is_personal else None
        return found or await self._posting.post(bot, post)


def _placed(posted: Posted, *, is_card: bool = False) -> Placed:
    return Placed(posted.channel, posted.ts, posted.next_begin, is_card)
