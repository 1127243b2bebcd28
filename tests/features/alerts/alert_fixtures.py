"""Two workspaces with books of their own, subscriptions in them, and changes that the mirror has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.json_column import CHANGE_JSON
from bot.features.mirror.service.change_listener import ObservedChange
from storage.queries.alerts import subscriptions
from storage.queries.connections import connections
from storage.tables.alerts import OutboxRow, SeenChange
from tests import mirrored_company
from tests.connected_app import Desk

BOOKS: dict[str, Any] = {
    "edition": "standard",
    "site_id": "s1",
    "company_id": 1,
    "company_name": "ABS",
    "site_name": "Main",
}


def snapshot(number: int = 1, **unlike: Any) -> Snapshot:
    """One customer of many."""
    usual: dict[str, Any] = {
        "customer_id": number,
        "reference": f"CUS{number:03}",
        "name": f"Customer {number}",
        "on_hold": True,
        "balance": Decimal("900.00"),
        "credit_limit": Decimal("1000.00"),
        "analysis": {2: "George", 3: "Durham"},
    }
    return Snapshot(**{**usual, **unlike})


def held(
    number: int = 1, *, kind: ChangeKind = ChangeKind.PUT_ON_HOLD, crossed: tuple[int, ...] = (), **unlike: Any
) -> Change:
    """A customer put on hold, or whatever else."""
    before = snapshot(number, **{"on_hold": kind is not ChangeKind.PUT_ON_HOLD, **unlike})
    after = snapshot(number, **{"on_hold": kind is not ChangeKind.RELEASED, **unlike})
    return Change(kind, before, after, crossed=crossed)


@dataclass
class NewsDesk:
    """The desk, and each workspace's company by its Slack id."""

    desk: Desk
    books: dict[str, int] = field(default_factory=dict)

    @property
    def alerts(self):
        return self.desk.services.alerts

    async def choose_books(self) -> None:
        """Somebody of each workspace chooses the same books."""
        for team in ("T0ACME", "T0OTHER"):
            asker = self.desk.asker("U0BOOKS", team_id=team)
            verified = await self.desk.connect(asker)
            async with self.desk.services.database.transaction() as tx:
                await connections.choose_company(
                    tx, workspace_id=asker.workspace_id, connection_id=verified.connection_id, **BOOKS
                )

    async def open(self) -> NewsDesk:
        """Take up the books that were chosen."""
        for team, workspace_id in self.desk.workspaces.items():
            async with self.desk.services.database.reading() as tx:
                own = await connections.of_user(tx, workspace_id=workspace_id, user_id="U0BOOKS")
            assert own is not None
            assert own.company_pk is not None
            self.books[team] = own.company_pk
        return self

    async def subscribe(self, target: str = "C1", *, team: str = "T0ACME", **unlike: Any):
        """A row as the service would write it."""
        usual: dict[str, Any] = {
            "workspace_id": self.desk.workspaces[team],
            "company_pk": self.books[team],
            "owner": "U0PRIYA",
            "topics": ["holds", "releases"],
            "filter": {},
            "thresholds": [],
            "target_id": target,
            "is_personal": target.startswith("U"),
            "delivery": "at_once",
            "schedule": None,
            "zone": "Europe/London",
            "due_at": None,
            "now": self.desk.clock(),
        }
        async with self.desk.services.database.transaction() as tx:
            return await subscriptions.create(tx, **{**usual, **unlike})

    async def see(
        self, *changes: Change, team: str = "T0ACME", by_user: str | None = None, **ago: float
    ) -> list[ObservedChange]:
        """The mirror writes changes down."""
        at = self.desk.clock() - timedelta(**ago)
        seen = []
        async with self.desk.services.database.transaction() as tx:
            for change in changes:
                row = SeenChange(
                    workspace_id=self.desk.workspaces[team],
                    company_pk=self.books[team],
                    customer_id=change.customer.customer_id,
                    kind=change.kind.value,
                    seen_at=at,
                    by_user=by_user,
                    episode_id=None,
                    facts=CHANGE_JSON.write(change),
                )
                tx.add(row)
                await tx.flush()
                seen.append(ObservedChange(row.id, change, at, by_user=by_user))
        return seen

    async def publish(self, *changes: Change, team: str = "T0ACME", by_user: str | None = None) -> list[ObservedChange]:
        """A cycle of the mirror that found these."""
        seen = await self.see(*changes, team=team, by_user=by_user)
        await self.again(seen, team=team)
        return seen

    async def again(self, seen: list[ObservedChange], *, team: str = "T0ACME") -> None:
        """The cycle's news, told."""
        async with self.desk.services.database.transaction() as tx:
            await self.alerts.publish(tx, **self.of(team), seen=seen, now=self.desk.clock())

    def of(self, team: str) -> dict[str, Any]:
        """The names of a workspace's books."""
        return {"workspace_id": self.desk.workspaces[team], "company_pk": self.books[team]}

    async def outbox(self, *, team: str = "T0ACME", **columns: Any) -> list[OutboxRow]:
        """What waits to be posted in a workspace, in order."""
        statement = select(OutboxRow).where(OutboxRow.workspace_id == self.desk.workspaces[team]).filter_by(**columns)
        async with self.desk.services.database.reading() as tx:
            return list(await tx.scalars(statement.order_by(OutboxRow.id)))

    async def mirror(self, *customers: Snapshot, team: str = "T0ACME") -> None:
        """Put customers into the mirror."""
        async with self.desk.services.database.transaction() as tx:
            for each in customers:
                analysis = {str(slot): value for slot, value in each.analysis.items()}
                same = {"reference": each.reference, "name": each.name, "on_hold": each.on_hold, "analysis": analysis}
                await mirrored_company.keep(tx, each.customer_id, now=self.desk.clock(), **self.of(team), **same)
