"""Deliveries through the simulated Slack on a real socket, with a clock that tests move."""

from __future__ import annotations

import itertools
import math
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select, update

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.json_column import CHANGE_JSON
from bot.domain.money import STERLING
from bot.features.access.model.authorization import Asker, Membership
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.user_groups import UserGroups
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.service.outbox import Outbox
from bot.features.delivery.slack_messenger import SlackMessenger
from bot.services import Services
from sandbox.sage200 import small_world
from sandbox.slack import Changes, Message, Sender, Slack
from storage.cipher import SealedText
from storage.queries.connections import connections, workspaces
from storage.queries.connections.workspaces import grant
from storage.tables.alerts import ChannelClass, HoldEpisodeRow, OutboxRow, SubscriptionRow
from storage.tables.core import LeaseRow
from tests.connected_app import Clock, desk
from tests.mirrored_company import choose, give_codes
from tests.notices import notices_in
from tests.serving import address, free_socket, serving
from tests.welcomes import welcomes_of

C_SALES = "C0SALES"
TEAMS = {"T0ACME": "U0PRIYA", "T0OTHER": "U0OSCAR"}
ROWS: dict[str, Any] = {"filter": {}, "thresholds": [80, 90], "zone": "Europe/London"}


def snapshot(**unlike: Any) -> Snapshot:
    usual: dict[str, Any] = {"customer_id": 1, "reference": "ABS001", "name": "ABS Garages Ltd", "on_hold": False}
    money = {"balance": Decimal("3464.16"), "credit_limit": Decimal("4000.00"), "currency": STERLING}
    return Snapshot(**{**usual, **money, **unlike})


def change(
    kind: str = "put_on_hold", *, reason: str = "Overdue", crossed: tuple[int, ...] = (), **unlike: Any
) -> Change:
    before = snapshot(**{**unlike, "on_hold": kind != "put_on_hold"})
    after = snapshot(**{**unlike, "on_hold": kind != "released"})
    amount = Decimal("500.00") if kind in {"paid_while_held", "order_while_held"} else None
    return Change(ChangeKind(kind), before, after, amount=amount, crossed=crossed, reason=reason)


@dataclass
class PostRoom:
    """What a test of deliveries holds in its hands."""

    services: Services
    slack: Slack
    changes: Changes
    clock: Clock
    workspaces: dict[str, str]
    delivery: SlackMessenger
    companies: dict[str, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    keys: Any = field(default_factory=lambda: itertools.count(1))
    told: set[tuple[str | None, str | None]] = field(default_factory=set)

    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = self.another()

    @property
    def workspace_id(self) -> str:
        return self.workspaces["T0ACME"]

    def another(self, **more: Any) -> Outbox:
        """As a second process would have it."""
        services = self.services
        own_access = OwnAccess(connections=services.connections, permission=services.permission)
        own = {"database": services.database, "installations": services.installations, "own_access": own_access}
        given = {"posting": self.delivery, "clock": self.clock, **more}
        welcomes = welcomes_of(services, given["posting"])
        return Outbox(**own, sessions=self.sessions(given["posting"]), welcomes=welcomes, **given)

    def sessions(self, posting: SlackMessenger | None = None) -> Sessions:
        """As the product has them, but asking the simulated Slack."""
        asking: dict[str, Any] = {"slack_directory": posting or self.delivery, "clock": self.clock}
        user_groups = UserGroups(installations=self.services.installations, **asking)
        return Sessions(database=self.services.database, user_groups=user_groups, **asking)

    async def run(self, *, seconds: float = 30, step: float = 1) -> None:
        """What the finders would have done in that time."""
        end = self.clock() + timedelta(seconds=seconds)
        while self.clock() < end:
            closed = await self.outbox.closed(most=50)
            for workspace_id, target_id in closed:
                await self.outbox.look_again(workspace_id=workspace_id, target_id=target_id)
            due = await self.outbox.due(most=50)
            for workspace_id, target_id in due:
                await self.outbox.post_target(workspace_id=workspace_id, target_id=target_id)
            # After a look that found nothing, those before something falls due would find nothing too.
            idle = 0.0 if closed or due else (min(await self._next_due(), end) - self.clock()).total_seconds()
            self.clock.forward(seconds=max(1, math.ceil(idle / step)) * step)
        self.told = {(row.channel, row.message_ts) for row in await self.notices() if row.posted_at}

    async def _next_due(self) -> datetime:
        """When the next row falls due, or the next turn or pause ends."""
        now, ends = self.clock(), (OutboxRow.due_at, LeaseRow.until)
        async with self.services.database.reading() as tx:
            found = [await tx.scalar(select(func.min(each)).where(each > now)) for each in ends]
        return min((each for each in found if each), default=datetime.max.replace(tzinfo=UTC))

    async def subscribe(self, target: str = C_SALES, *, team: str = "T0ACME", **unlike: Any) -> int:
        number = next(self.numbers)
        async with self.services.database.transaction() as tx:
            row = SubscriptionRow(
                **{
                    **ROWS,
                    "workspace_id": self.workspaces[team],
                    "number": number,
                    "company_pk": self.companies[team],
                    "owner": TEAMS[team],
                    "topics": ["holds", "releases"],
                    "target_id": target,
                    "is_personal": target.startswith("U"),
                    "delivery": "at_once",
                    "paused_reason": "",
                    "created_at": self.clock(),
                    **unlike,
                }
            )
            tx.add(row)
            await tx.flush()
            return row.id

    async def row(
        self, kind: str, facts: dict[str, Any], *, target: str = C_SALES, team: str = "T0ACME", **unlike: Any
    ) -> int:
        subscription = unlike.pop("subscription_id", None) or await self.subscribe(target, team=team)
        due = unlike.pop("due", True)
        async with self.services.database.transaction() as tx:
            row = OutboxRow(
                **{
                    "workspace_id": self.workspaces[team],
                    "company_pk": self.companies[team],
                    "subscription_id": subscription,
                    "target_id": target,
                    "is_personal": target.startswith("U"),
                    "kind": kind,
                    "facts": facts,
                    "dedupe_key": f"test:{next(self.keys)}",
                    "created_at": self.clock(),
                    "due_at": self.clock() if due else None,
                    **unlike,
                }
            )
            tx.add(row)
            await tx.flush()
            return row.id

    async def news(self, *, kind: str = "put_on_hold", episode_id: int | None = None, **unlike: Any) -> int:
        """One change, as the alerts write it down."""
        ours = {"target", "team", "due", "subscription_id"}
        given = {name: unlike.pop(name) for name in ours & unlike.keys()}
        by_user, asked_by = unlike.pop("by_user", None), unlike.pop("asked_by", None)
        facts = CHANGE_JSON.write(change(kind, **unlike))
        more = {"change_id": 1, "episode_id": episode_id, "by_user": by_user, "seen_at": self.clock().isoformat()}
        more |= {"asked_by": asked_by} if asked_by else {}
        return await self.row("change", {**facts, **more}, episode_id=episode_id, **given)

    async def episode(self, team: str = "T0ACME", **unlike: Any) -> int:
        async with self.services.database.transaction() as tx:
            usual = {"customer_id": 1, "opened_at": self.clock(), "reason": "Overdue", "ending": ""}
            keys = {"workspace_id": self.workspaces[team], "company_pk": self.companies[team]}
            row = HoldEpisodeRow(**{**usual, **keys, "already_held": False, **unlike})
            tx.add(row)
            await tx.flush()
            return row.id

    async def release(self, episode_id: int, ending: str = "Paid") -> None:
        async with self.services.database.transaction() as tx:
            closing = update(HoldEpisodeRow).where(HoldEpisodeRow.id == episode_id)
            await tx.execute(closing.values(closed_at=self.clock(), ending=ending))

    async def allow(self, figures: str, channel: str = C_SALES) -> None:
        async with self.services.database.transaction() as tx:
            key = {"workspace_id": self.workspace_id, "company_pk": self.companies["T0ACME"], "channel_id": channel}
            await tx.merge(ChannelClass(**key, figures_class=figures, set_by="U0PRIYA", set_at=self.clock()))

    async def give_role(self, user: str, role: str = "controller", *, team: str = "T0ACME") -> None:
        async with self.services.database.transaction() as tx:
            who = {"workspace_id": self.workspaces[team], "user_id": user, "granted_by": "U0PRIYA"}
            await grant(tx, **who, role=role, now=self.clock())

    async def give_codes(self, user: str, codes: dict[int, tuple[str, ...]]) -> None:
        books = {"workspace_id": self.workspace_id, "company_pk": self.companies["T0ACME"]}
        await give_codes(self.services.database, books, user, codes, now=self.clock())

    async def choose(self, **unlike: Any) -> None:
        asker = Asker(self.workspace_id, "Acme", "T0ACME", "U0PRIYA", "Priya", Membership.MEMBER)
        await choose(self.services.database, asker, now=self.clock(), **unlike)

    async def read(self, delivery_id: int) -> OutboxRow:
        async with self.services.database.reading() as tx:
            return (await tx.scalars(select(OutboxRow).where(OutboxRow.id == delivery_id))).one()

    async def paused(self) -> list[str]:
        async with self.services.database.reading() as tx:
            return list(await tx.scalars(select(SubscriptionRow.paused_reason).order_by(SubscriptionRow.id)))

    async def notices(self) -> list[OutboxRow]:
        return await notices_in(self.services.database)

    async def killed_after_posting(self, target: str) -> None:
        """Slack has the message, and the process dies before it can write that down."""

        class Killed(BaseException):
            pass

        class Dying(SlackMessenger):
            async def post(self, bot, post):
                await super().post(bot, post)
                raise Killed

        try:
            await self.another(
                posting=Dying(self.delivery._client, refusals=self.services.block_refusals, clock=self.clock)
            ).post_target(workspace_id=self.workspace_id, target_id=target)
        except Killed:
            return
        raise AssertionError("nothing was posted")

    def posted(self, channel: str = "") -> list[Message]:
        """The alerts that stand in Slack, in the order they came there; notices are left out."""
        return [
            message
            for message in self.slack.messages
            if not message.is_gone
            and message.via.startswith("chat.")
            and channel in {"", message.channel}
            and (message.channel, message.ts) not in self.told
        ]

    def calls(self, method: str) -> int:
        return len([call for call in self.slack.calls if call.method == method])


@asynccontextmanager
async def open_post_room(database_url: str):
    """Two workspaces that installed the app, each with a company that a workspace connection answers for.

    The app is in their #sales and #general.
    """
    async with desk(database_url, world=small_world()) as opened, aiohttp.ClientSession() as session:
        bound = free_socket()
        slack = Slack(
            client_id="1.1",
            client_secret="slack-client-secret",
            signing_secret="slack-signing-secret",
            redirect_uris=[],
            base_url=address(bound),
            clock=opened.clock,
        )
        async with serving(slack.app, bound) as url:
            client = AsyncWebClient(base_url=f"{url}/api/", session=session, timeout=10, retry_handlers=[])
            for team in TEAMS:
                place = slack.workspaces[team]
                await opened.install(team, bot_token=slack.install(team), bot_user_id=place.bot_user_id)
                for channel in place.channels.values():
                    channel.members.add(place.bot_user_id)
            delivery = SlackMessenger(client, refusals=opened.services.block_refusals, clock=opened.clock)
            services = opened.services
            changes = Changes(slack, Sender(slack, client=None, url=""))  # type: ignore[arg-type]
            room = PostRoom(services, slack, changes, opened.clock, opened.workspaces, delivery)
            for team, owner in TEAMS.items():
                room.companies[team] = await _company(room, team, owner)
                await room.give_role(owner, team=team)
            yield room


async def _company(room: PostRoom, team: str, owner: str) -> int:
    company_pk = await signed_in(room, team, owner)
    async with room.services.database.transaction() as tx:
        await workspaces.hand_over(tx, workspace_id=room.workspaces[team], connection_id=f"of-{owner}")
    return company_pk


async def signed_in(room: PostRoom, team: str, owner: str) -> int:
    """A sign-in of somebody's own, pointed at the team's company, to which Sage has shown figures."""
    named = {"workspace_id": room.workspaces[team], "connection_id": f"of-{owner}"}
    sealed = {"access_token_sealed": SealedText("x"), "refresh_token_sealed": SealedText("x")}
    later = room.clock() + timedelta(days=30)
    books = {"edition": "standard", "site_id": "s1", "company_id": 1}
    async with room.services.database.transaction() as tx:
        await connections.save(
            tx,
            **named,
            **sealed,
            user_id=owner,
            sign_in_id=f"of-{owner}",
            subject_hash=None,
            access_expires_at=later,
            due_at=later,
            now=room.clock(),
        )
        company = await connections.choose_company(
            tx, **named, **books, company_name="ABS Motor Factors Ltd", site_name="Newcastle"
        )
        await connections.note_figures(
            tx, **named, company_pk=company.id, sign_in_id=f"of-{owner}", seen_at=room.clock()
        )
        return company.id
