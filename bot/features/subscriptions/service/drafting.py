"""Checks what was typed or filled in, and drafts the subscription that may be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import channel as channels
from bot.domain import schedule as schedules
from bot.domain.changes import Change
from bot.domain.channel import Channel
from bot.domain.company import in_company, key_of
from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter_parser import LONGEST, SHORTER
from bot.domain.json_column import CHANGE_JSON, FILTER_JSON, SCHEDULE_JSON
from bot.errors import BadQuestion, BotError, FieldsRefused, NotAllowed, NotInChannel
from bot.features.access.model.authorization import Action, Policy, Shown, Visibility, shown_in
from bot.features.access.model.session import Session
from bot.features.access.service.visibility import channel_visibility
from bot.features.alerts.model import disclosure as tellable
from bot.features.alerts.model.topics import ALERT_KINDS, Interest, Subscription, Target
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.subscriptions.model import command_parser as alert_words
from bot.features.subscriptions.model import form as subscription_form
from bot.features.subscriptions.model.command_parser import SubscribeCommand
from bot.features.subscriptions.model.command_parts import HERE, ME
from bot.features.subscriptions.model.form import PLACE, SubscriptionForm
from bot.features.subscriptions.model.subscription import Preview, as_typed
from storage.database import Database
from storage.queries.mirror import seen_changes as recent_news
from storage.tables.alerts import SubscriptionRow as Row

PREVIEW = timedelta(days=30)
_IN_TIME = 2.0  # seconds: Slack gives a form three
_PAGE, _MOST_TRIED, _MOST_SHOWN = 250, 20_000, 5

_TELLS_TOO_MUCH = "Leave it out, choose `in me`, or ask an admin of this app to show more there: `/sage channel`."

Look = Callable[[str], Awaitable[Channel]]
"""Asks Slack about a channel, by id."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A subscription that its asker may have, the words of its company, and what its workspace's admins chose."""

    subscription: Subscription
    words: FilterVocabulary
    policy: Policy
    reads_as_owner: bool = False
    """Whether the company isn't the workspace's, so that its owner's own sign-in reads it: they are told so."""

    def columns(self, now: datetime) -> dict[str, Any]:
        """Return the columns of its row."""
        wanted, policy = self.subscription, self.policy
        return {
            "topics": sorted(wanted.topics),
            "filter": FILTER_JSON.write(wanted.filter),
            "thresholds": list(wanted.thresholds),
            "days": list(wanted.days),
            "target_id": wanted.target.id,
            "is_personal": wanted.target.personal,
            "delivery": wanted.delivery.value,
            "schedule": SCHEDULE_JSON.write(wanted.schedule) if wanted.schedule else None,
            "zone": wanted.schedule.zone if wanted.schedule else policy.zone,
            "due_at": schedules.next_due(wanted.schedule, now) if wanted.schedule else None,
            "reads_as_owner": self.reads_as_owner,
            "pings": wanted.pings,
        }


@dataclass(frozen=True, slots=True)
class Drafting:
    """Drafts subscriptions. Every check is made afresh; a button or form is never taken at its word."""

    database: Database
    connections: Connections
    customers: Customers

    async def draft(
        self, session: Session, wish: str | SubscriptionForm, *, here: str, look: Look, before: Row | None = None
    ) -> Drafted:
        """Return the subscription as it may be kept; `before` is the row that is edited.

        Raises NotAllowed, BadQuestion, NotInChannel, or what keeps the asker from Sage.
        """
        decision = session.require(Action.SUBSCRIBE_SELF)
        owner = before.owner if before is not None else session.user_id
        words = await self._words(session, before)
        policy = session.policy
        request = _read(wish, words, policy)
        words.check_mine(request.filter)
        if len(filters.filter_as_typed(request.filter)) > LONGEST:
            raise BadQuestion("That filter is too long.", hint=SHORTER)
        target = _target(request.target, here=here, owner=owner)
        if not target.personal:
            # Whichever class it has: that decides how much is shown there, not whether it may be subscribed.
            session.require(Action.SUBSCRIBE_CHANNEL, place=Visibility.STATUS)
        elif decision.only is not None and request.filter.mine is None:
            raise NotAllowed("You can subscribe to your own customers.", hint="Add `where mine`.")
        wanted = Subscription(
            request.topics,
            target,
            request.filter,
            request.thresholds,
            request.delivery,
            request.schedule,
            days=request.days,
            pings=request.pings,
        )
        if not target.personal:
            again = as_typed(wanted, words.labels)
            if session.answering is not None:
                again = in_company(key_of(session.answering.company), again)
            _check(await look(target.id), again=again)
            await self._check_told(session.workspace_id, words.company_pk, wanted)
        reads_as_owner = (
            owner == session.user_id and session.answering is not None and not session.answering.is_workspaces
        )
        return Drafted(wanted, words, policy, reads_as_owner)

    async def problems(
        self, session: Session, form: SubscriptionForm, *, here: str, look: Look, before: Row | None
    ) -> dict[str, str]:
        """Return a form's mistakes by field; none that take longer than Slack allows, or that a message says better."""
        try:
            async with asyncio.timeout(_IN_TIME):
                await self.draft(session, form, here=here, look=look, before=before)
        except FieldsRefused as error:
            return {name: _said(each) for name, each in error.fields.items()}
        except NotInChannel as error:
            return {} if error.may_join else {PLACE: _said(error)}
        except (NotAllowed, BadQuestion) as error:
            return {PLACE: _said(error)}
        except (TimeoutError, BotError):
            return {}
        return {}

    async def labels(self, session: Session) -> Mapping[int, Mapping[int, str]]:
        """Return the labels of the asker's company by its key; none if Sage doesn't say in time."""
        try:
            async with asyncio.timeout(_IN_TIME):
                sage = self.connections.company_for(session)
                labels = await self.customers.labels(sage)
        except (TimeoutError, BotError):
            return {}
        return {sage.answering.pk: labels}

    async def _check_told(self, workspace_id: str, company_pk: int, wanted: Subscription) -> None:
        where: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk, "channel_id": wanted.target.id}
        async with self.database.reading() as tx:
            place = await channel_visibility(tx, **where)
        why = tellable.disclosure_refusal(wanted, shown_in(place) or Shown.STATUS)
        if why:
            raise BadQuestion(why, hint=_TELLS_TOO_MUCH)

    async def _words(self, session: Session, before: Row | None) -> FilterVocabulary:
        words = await vocabulary_for(self.database, self.customers, self.connections.company_for(session))
        if before is None:
            return words
        if before.company_pk != words.company_pk:
            raise NotAllowed("That subscription is for a different company from the one you are using.")
        # "Mine" stays its owner's, whoever changes the rest.
        kept = FILTER_JSON.read(before.filter).mine
        return words if before.owner == session.user_id else replace(words, mine=kept or ())


def _read(wish: str | SubscriptionForm, words: FilterVocabulary, policy: Policy) -> SubscribeCommand:
    given = {"zone": policy.zone, "region": policy.region, "mine": words.mine}
    if isinstance(wish, SubscriptionForm):
        return subscription_form.read_subscription_form(wish, words.labels, words.values, **given)  # type: ignore[arg-type]
    folded = " ".join(wish.split())
    return alert_words.parse_subscribe_command(folded, words.labels, words.values, **given)  # type: ignore[arg-type]


async def would_have_told(
    tx: AsyncSession, wanted: Subscription, *, workspace_id: str, company_pk: int, now: datetime
) -> Preview:
    """Return what the subscription would have told of the changes of the last 30 days, the newest first."""
    kinds = frozenset(kind.value for topic in wanted.topics for kind in ALERT_KINDS[topic].kinds)
    interest = Interest(replace(wanted, muted_until=None, paused=""))
    told, tried, last = 0, 0, None
    newest: list[tuple[datetime, Change]] = []
    while tried < _MOST_TRIED:
        page = await recent_news.seen_since(
            tx,
            workspace_id=workspace_id,
            company_pk=company_pk,
            kinds=kinds,
            since=now - PREVIEW,
            before_id=last,
            limit=_PAGE,
        )
        for row in page:
            change = CHANGE_JSON.read(row.facts)
            by_themselves = wanted.target.personal and row.by_user == wanted.target.id
            if by_themselves or not interest.wants(change, now):
                continue
            told += 1
            if len(newest) < _MOST_SHOWN:
                newest.append((row.seen_at, change))
        if len(page) < _PAGE:
            break
        await asyncio.sleep(0)
        tried, last = tried + len(page), page[-1].id
    return Preview(told, tuple(newest), more=tried >= _MOST_TRIED, days=PREVIEW.days)


def _target(typed: str, *, here: str, owner: str) -> Target:
    """Return the target that was typed; "here" in a direct conversation is the owner's own with the app.

    Raises BadQuestion.
    """
    if typed == ME:
        return Target(owner, personal=True)
    channel = here if typed == HERE else alert_words.channel_id(typed)
    if channel is None:
        raise BadQuestion(
            "That isn't a channel of this workspace.",
            typed=typed,
            hint="Pick it from the list that Slack shows while you type `#`, or type the command in that channel.",
        )
    return Target(owner, personal=True) if channels.is_conversation(channel) else Target(channel)


def _check(channel: Channel, *, again: str) -> None:
    why = channels.refusal(channel)
    if why:
        raise BadQuestion(why, hint="Choose another channel, or `in me` for your own messages.")
    if not channel.is_member:
        raise NotInChannel(channel.id, may_join=not channel.is_private, again=again)


def _said(error: BotError) -> str:
    parts = [error.message]
    if isinstance(error, BadQuestion):
        parts += [f"You typed “{error.typed[:60]}”."] if error.typed else []
        parts += [f"You can type: {', '.join(each[:60] for each in error.offered[:10])}."] if error.offered else []
    return " ".join([*parts, error.hint]).strip()
