"""Decides how a message is placed: as a new message, as an edit with a reply below it, or in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.changes import ChangeKind
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChangeAlert, Digest, News, Shown
from bot.features.delivery.model import Notice
from bot.features.installations.service.installations import Bot
from storage.tables.alerts import LiveCard, OutboxRow


@dataclass(frozen=True, slots=True)
class Alert:
    """News of a company, and how much of the figures its readers are shown.

    `is_reply` asks for the short form of a thread.
    """

    news: News
    shown: Shown
    is_reply: bool = False
    company_pk: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One message to post. `mark` is sent along as metadata, by which `find` recognises the message."""

    recipient: str
    content: Alert | Notice
    mark: str
    thread_ts: str = ""


@dataclass(frozen=True, slots=True)
class PostedAt:
    """The channel and ts of a posted message. A list goes on at `next_begin` in another message."""

    channel: str
    ts: str
    next_begin: int | None = None


@dataclass(frozen=True, slots=True)
class Placed(PostedAt):
    """The channel and ts of a message, and whether the message is its hold episode's live one from now on."""

    is_card: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed row with the message that its recipient may be sent now.

    `card` is the live message that an alert belongs to; `in_thread` asks for a reply in the card's thread.
    `in_doubt`: the message may stand in Slack already.
    """

    bot: Bot
    row: OutboxRow
    content: Alert | Notice
    in_doubt: bool
    card: LiveCard | None = None
    in_thread: bool = False


class MessagePoster(SlackDirectory, Protocol):
    """The port to Slack's message methods. Every call raises SlackPosting."""

    async def post(self, bot: Bot, post: Post) -> PostedAt:
        """Post a message with one request: a retry after a lost answer could post the message twice."""
        ...

    async def edit(self, bot: Bot, *, channel: str, ts: str, post: Post) -> bool:
        """Replace an earlier message. Return False if Slack no longer lets the message be changed."""
        ...

    async def find(self, bot: Bot, post: Post) -> PostedAt | None:
        """Return where the message with this mark stands in a person's conversation with the app; None if nowhere."""
        ...


class Poster:
    """Decides between a new message, an edit and a reply."""

    def __init__(self, posting: MessagePoster) -> None:
        self._posting = posting

    async def place(self, ready: Ready) -> Placed:
        """Put a row's message where it belongs. Raises SlackPosting."""
        if isinstance(ready.content, Notice):
            return await self._notice(ready, ready.content)
        return await self._alert(ready, ready.content)

    async def _notice(self, ready: Ready, notice: Notice) -> Placed:
        """Edit the message that the notice takes the place of, or post a new one."""
        post = Post(ready.row.recipient, notice, str(ready.row.id))
        found = (
            await self._posting.find(ready.bot, post)
            if ready.in_doubt and ready.row.is_personal and notice.place is None
            else None
        )
        place = (found.channel, found.ts) if found is not None else notice.place
        if place is None:
            return _placed(await self._posting.post(ready.bot, post))
        channel, ts = place
        # What was found may have been written before the facts changed. What nobody can change any more stays.
        await self._posting.edit(ready.bot, channel=channel, ts=ts, post=post)
        return Placed(channel, ts)

    async def _alert(self, ready: Ready, alert: Alert) -> Placed:
        row, news, card = ready.row, alert.news, ready.card
        begin = news.begin if isinstance(news, Digest) else 0
        mark = f"{row.id}.{begin}" if begin else str(row.id)
        whole = Post(row.recipient, alert, mark, thread_ts=(row.message_ts or "") if begin else "")
        if not isinstance(news, ChangeAlert):
            return _placed(await self._say(ready, whole))
        kind = news.change.kind
        if card is not None and kind is ChangeKind.RELEASED:
            below = Post(row.recipient, Alert(news, alert.shown, is_reply=True), mark, thread_ts=card.ts)
            # The edit comes first: done twice it is the same edit, while the reply is what is looked for in doubt.
            edited = await self._posting.edit(ready.bot, channel=card.channel, ts=card.ts, post=whole)
            if news.is_known:
                return Placed(card.channel, card.ts, is_card=True)  # the asker has the answer to their request
            if edited:
                return _placed(await self._say(ready, below))
        elif card is not None and ready.in_thread:
            whole = Post(row.recipient, alert, mark, thread_ts=card.ts)
        is_card = kind in {ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED}
        return _placed(await self._say(ready, whole), is_card=is_card)

    async def _say(self, ready: Ready, post: Post) -> PostedAt:
        # Only our own conversations can be read: in a channel, a message in doubt is said again.
        found = await self._posting.find(ready.bot, post) if ready.in_doubt and ready.row.is_personal else None
        return found or await self._posting.post(ready.bot, post)


def _placed(posted: PostedAt, *, is_card: bool = False) -> Placed:
    return Placed(posted.channel, posted.ts, posted.next_begin, is_card)
