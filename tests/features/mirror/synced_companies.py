"""A newsroom that takes note, and the mirror as its tests drive it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.changes import ChangeKind
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.mirror import Mirror
from bot.features.mirror.service.reader_connection import ReaderConnections
from bot.features.mirror.service.rows import CompanyKey
from sandbox.sage200 import small_world
from sandbox.sage200.books.demo_world import demo_world
from tests.connected_app import Desk

INTERVAL = timedelta(minutes=5)
PRIYA = "priya@example.test"


@dataclass
class Told:
    """A newsroom that remembers; `wanted` are the thresholds that somebody asked for."""

    wanted: frozenset[int] = frozenset()
    published: list[list[ObservedChange]] = field(default_factory=list)
    reports: list[tuple[datetime, list[ObservedChange], bool]] = field(default_factory=list)

    async def thresholds(self, tx, *, company_pk):
        return self.wanted

    async def publish(self, tx, *, workspace_id, company_pk, seen, now):
        self.published.append(list(seen))

    async def outage_over(self, tx, *, workspace_id, company_pk, since, seen, was_away, now):
        self.reports.append((since, list(seen), was_away))

    @property
    def news(self) -> list[tuple[ChangeKind, str]]:
        return [(each.change.kind, each.change.customer.reference) for batch in self.published for each in batch]


@dataclass
class MirrorDesk:
    """The first workspace's mirror, kept with a newsroom that takes note."""

    desk: Desk
    told: Told
    mirror: Mirror
    books: CompanyKey

    @property
    def world(self):
        return self.desk.world

    async def sync(self, *, after: float = 300) -> bool:
        """Some seconds later."""
        self.desk.clock.forward(seconds=after)
        return await self.mirror.sync(**self.books.named)

    async def reconcile(self, *, after: float = 300) -> bool:
        self.desk.clock.forward(seconds=after)
        return await self.mirror.reconcile(**self.books.named)

    def asked(self) -> list[str]:
        """The resources asked of Sage since the last time."""
        found = [request.path.rpartition("/")[2] for request in self.desk.sage.requests]
        self.desk.sage.requests.clear()
        return found

    async def seen(self, reference: str):
        found = await self.mirror.customer(**self.books.named, reference=reference)
        return found.customer if found is not None else None


def mirror_of(desk: Desk, told: Told, database=None) -> Mirror:
    """A mirror such as another process would have."""
    services = desk.services
    database = database or services.database
    readers = ReaderConnections(
        database=database,
        sage_tokens=services.sage_tokens,
        gates=services.connections._gates,
        open_sage=services.connections._open_sage,
        audit=services.audit,
        clock=desk.clock,
    )
    return Mirror(database=database, readers=readers, change_listener=told, interval=INTERVAL, clock=desk.clock)


async def mirror_desk(desk: Desk, *, team_id: str = "T0ACME", user_id: str = "U0PRIYA") -> MirrorDesk:
    """Connected, and the company known, but nothing read yet."""
    asker = desk.asker(user_id, team_id=team_id)
    session = await desk.session(asker)
    if not session.has_own_sign_in:
        await desk.connect(asker)
        session = await desk.session(asker)
    assert session.company_pk is not None
    told = Told()
    mirror = mirror_of(desk, told)
    await mirror.ensure(most=100)
    return MirrorDesk(desk, told, mirror, CompanyKey(asker.workspace_id, session.company_pk))


def ledger_of(customers: int):
    """A world whose first company has this many customers."""
    return small_world() if customers == 0 else demo_world(customers)
