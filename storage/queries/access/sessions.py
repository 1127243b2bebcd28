"""One statement that reads everything that decides what a user may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.types import TypeEngine

from storage.queries.leases import pause_name
from storage.statements import changed, table_of, upsert
from storage.tables import core
from storage.tables.access import GroupRole, OwnCustomerCode, SageRefusal, WorkspaceSettings
from storage.tables.alerts import MirroredCustomer, MirrorStateRow, SubscriptionRow
from storage.tables.core import DISCONNECTED, CompanyRow, LeaseRow, MemberRole, Workspace
from storage.tables.debts import CustomerDebtRow, OpenItemRow
from storage.tables.promises import DebtNoteRow, DisputeRow, PromiseRow


@dataclass(frozen=True, slots=True)
class SessionRows:
    """One user in one workspace, as the database has them.

    `person` has the columns of `_statement`. `groups` are (group id, team id, role). Of the answering company: `codes`
    are the (slot, value) of the user's own customers, `watched` the (number, customers named in the filter) of their
    personal subscriptions, `refusals` Sage's refusals by user id, of the user and of the owner of the workspace
    connection. `debt` is that of the customer named, as the mirror has it; None where the mirror has no such customer.
    """

    person: Any
    groups: tuple[tuple[str, str, str], ...]
    codes: tuple[tuple[int, str], ...]
    watched: tuple[tuple[int, tuple[str, ...]], ...]
    refusals: dict[str, str]
    debt: StoredDebt | None = None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An open document: what is left to settle, and what the customer's credit left of it."""

    id: int
    kind: str
    outstanding: Decimal
    uncovered: Decimal
    dated: date | None
    due: date | None
    query: str
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class StoredDebt:
    """What the open items of one customer come to. `differs_since`: a second reading found again that they don't.

    `is_remembered`: a promise, a dispute or a note about it is stored. `warnings` is what has got worse.
    """

    customer_id: int
    disputed: Decimal
    pool_left: Decimal
    refund: Decimal
    difference: Decimal | None
    differs_since: datetime | None
    items: tuple[StoredItem, ...]
    is_remembered: bool
    warnings: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows are asked for: in the company named, or else the one that answers.

    `reference_key` names a customer whose debt is read along.
    """

    workspace_id: str
    user_id: str
    company_pk: int | None = None
    reference_key: str = ""


def read(connection: Connection, asked: Sequence[Whose]) -> list[SessionRows | None]:
    """Return what decides about each user, in the order asked; None for one of no such workspace."""
    if connection.dialect.name == "sqlite":  # in this process, where a statement for each costs no journey
        return [_rows(connection.execute(_OF_ONE, asdict(each)).one_or_none()) for each in asked]
    ids = ("workspace_id", "user_id", "company_pk", "reference_key")
    found = {
        person.place: _rows(person)
        for person in connection.execute(_OF_MANY, {name: [getattr(each, name) for each in asked] for name in ids})
    }
    return [found.get(place) for place in range(1, len(asked) + 1)]


def _rows(person: Any) -> SessionRows | None:
    if person is None:
        return None
    return SessionRows(
        person,
        groups=tuple((group_id, team_id, role) for group_id, team_id, role in json.loads(person.groups)),
        codes=tuple((slot, value) for slot, value in json.loads(person.codes)),
        watched=tuple((number, tuple(names or ())) for number, names in json.loads(person.watched)),
        refusals=dict(json.loads(person.refusals)),
        debt=_debt(json.loads(person.debt)) if person.debt is not None else None,
    )


def _debt(found: list[Any]) -> StoredDebt:
    number, disputed, pool_left, refund, difference, differs_since, items, is_remembered, warnings = found
    return StoredDebt(
        number,
        _pounds(disputed or 0),
        _pounds(pool_left or 0),
        _pounds(refund or 0),
        None if difference is None else _pounds(difference),
        _moment(differs_since),
        tuple(map(_item, items or ())),
        bool(is_remembered),
        tuple(warnings or ()),
    )


def _item(found: list[Any]) -> StoredItem:
    number, kind, outstanding, uncovered, dated, due, query, is_foreign = found
    sums = (_pounds(outstanding), _pounds(uncovered))
    return StoredItem(number, kind, *sums, _day(dated), _day(due), query, bool(is_foreign))


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def _pounds(pennies: int) -> Decimal:
    return Decimal(pennies).scaleb(-2)


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    when = datetime.fromisoformat(said)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


async def refuse(
    tx: AsyncSession, *, workspace_id: str, user_id: str, company_pk: int, refusal: str, now: datetime
) -> None:
    """Store that Sage refused this user this company."""
    said = {"refusal": refusal, "refused_at": now}
    key = {"workspace_id": workspace_id, "company_pk": company_pk, "user_id": user_id}
    await upsert(tx, SageRefusal, on=list(key), values={**key, **said}, instead=said)


async def lift_refusal(tx: AsyncSession, *, workspace_id: str, user_id: str, company_pk: int) -> bool:
    """Delete a refusal, as Sage has shown this user the company since. Return False if there was none."""
    gone = delete(SageRefusal).where(
        SageRefusal.workspace_id == workspace_id,
        SageRefusal.company_pk == company_pk,
        SageRefusal.user_id == user_id,
    )
    return await changed(tx, gone) == 1


def _sign_in(table: NamedFromClause, prefix: str) -> list[Any]:
    names = (
        "id", "user_id", "state", "state_since", "state_reason", "company_pk", "sign_in_id", "access_token_sealed",
        "access_expires_at", "figures_seen_at", "opens",
    )  # fmt: skip
    return [table.c[name].label(f"{prefix}_{name}") for name in names]


def _columns(table: Table, *names: str) -> list[Any]:
    return [table.c[name] for name in names]


def _statement(
    start: FromClause, user: Any, named: Any, reference: Any, *, lists: Any, each: Any, parsed: Any
) -> Select[Any]:
    """Return the statement, one row of which holds everything of one user; `start` has the workspace."""
    # Lists come as JSON: a second statement would cost as much again. Built once per dialect, since building the
    # statement for a request costs more than running it.
    w, m, s, c = (table_of(model) for model in (Workspace, MemberRole, WorkspaceSettings, CompanyRow))
    mirror, pause = table_of(MirrorStateRow), table_of(LeaseRow)
    own, shared = table_of(core.Connection).alias("own"), table_of(core.Connection).alias("shared")
    answers = case((own.c.id.is_not(None), own.c.company_pk), else_=shared.c.company_pk)
    company = func.coalesce(named, answers)

    def listed(
        name: str, table: Table, *columns: str | ColumnElement[Any], where: ColumnElement[bool] | None = None
    ) -> Any:
        values = (table.c[column] if isinstance(column, str) else column for column in columns)
        found = func.coalesce(cast(lists(each(*values)), String), "[]")
        statement = select(found).where(table.c.workspace_id == w.c.id)
        return (statement if where is None else statement.where(where)).scalar_subquery().label(name)

    def debt_of_named() -> Any:
        mc, d, i = table_of(MirroredCustomer), table_of(CustomerDebtRow), table_of(OpenItemRow)
        open_of = (i.c.company_pk == mc.c.company_pk) & (i.c.customer_id == mc.c.customer_id)
        sums = (_pennies(i.c.outstanding), _pennies(i.c.uncovered))
        item = each(i.c.transaction_id, i.c.kind, *sums, i.c.dated, i.c.due, i.c.query, i.c.is_foreign)
        items = select(cast(lists(item), String)).where(open_of).correlate(mc).scalar_subquery()
        owed = (_pennies(d.c[name]) for name in ("disputed", "pool_left", "refund", "difference"))
        known = (table_of(model) for model in (PromiseRow, DisputeRow, DebtNoteRow))
        about = [
            exists().where(k.c.company_pk == mc.c.company_pk, k.c.customer_id == mc.c.customer_id).correlate(mc)
            for k in known
        ]
        values = (
            mc.c.customer_id,
            *owed,
            d.c.differs_since,
            parsed(items),
            or_(*about),
            parsed(cast(d.c.warnings, String)),
        )
        found = select(cast(each(*values), String)).select_from(
            mc.outerjoin(d, (d.c.company_pk == mc.c.company_pk) & (d.c.customer_id == mc.c.customer_id))
        )
        whose = (mc.c.workspace_id == w.c.id) & (mc.c.company_pk == company) & (mc.c.reference_key == reference)
        # No customer has an empty reference; and the row that is oldest at Sage answers, as it does live.
        one = found.where(whose, reference != "").order_by(mc.c.customer_id).limit(1)
        return one.scalar_subquery().label("debt")

    g, o, r, b = (table_of(model) for model in (GroupRole, OwnCustomerCode, SageRefusal, SubscriptionRow))
    personal = (b.c.owner == user) & (b.c.target_id == user) & b.c.is_personal
    return (
        select(
            *_columns(w, "name", "workspace_connection_id", "installed_by"),
            m.c.role,
            *_sign_in(own, "own"),
            *_sign_in(shared, "shared"),
            c.c.id.label("company_pk"),
            *_columns(c, "edition", "site_id", "company_id", "company_name", "site_name"),
            *_columns(c, "lacks", "change_names_customer"),
            *_columns(mirror, "phase", "synced_at", "read_count", "trouble", "trouble_since"),
            *_columns(mirror, "items_phase", "items_synced_at", "items_read_count"),
            pause.c.until.label("paused_until"),
            s.c.workspace_id.label("has_settings"),
            *_columns(s, "status_for_everyone", "sales_only_theirs", "trust_copy_minutes", "second_approver_above"),
            *_columns(s, "zone", "region", "overdue_ask_days", "overdue_stop_days", "overdue_least"),
            *_columns(s, "disputes_count", "sets_off_credit"),
            *_columns(s, "promise_grace_days", "suggest_after_days", "suggest_above", "working_hours", "hold_reasons"),
            *_columns(s, "keep_questions", "hold_notes"),
            listed("groups", g, "group_id", "team_id", "role"),
            listed("codes", o, "slot", "value", where=(o.c.user_id == user) & (o.c.company_pk == company)),
            listed("watched", b, "number", b.c.filter["customers"], where=personal & (b.c.company_pk == company)),
            listed(
                "refusals",
                r,
                "user_id",
                "refusal",
                where=or_(r.c.user_id == user, r.c.user_id == shared.c.user_id) & (r.c.company_pk == company),
            ),
            debt_of_named(),
        )
        .select_from(start)
        .outerjoin(m, (m.c.workspace_id == w.c.id) & (m.c.user_id == user))
        .outerjoin(own, (own.c.workspace_id == w.c.id) & (own.c.user_id == user) & (own.c.state != DISCONNECTED))
        .outerjoin(shared, (shared.c.id == w.c.workspace_connection_id) & (shared.c.workspace_id == w.c.id))
        .outerjoin(c, (c.c.id == company) & (c.c.workspace_id == w.c.id))
        .outerjoin(mirror, mirror.c.company_pk == c.c.id)
        .outerjoin(pause, pause.c.name == pause_name(c))
        .outerjoin(s, s.c.workspace_id == w.c.id)
    )


def _pennies(money: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column of money as the pennies that are stored, for JSON."""
    return type_coerce(money, BigInteger)


def _of_one() -> Select[Any]:
    """Return SQLite's statement, for one user."""
    user, company = bindparam("user_id", type_=String), bindparam("company_pk", type_=Integer)
    workspaces = table_of(Workspace)
    reference = bindparam("reference_key", type_=String)
    how = {"lists": func.json_group_array, "each": func.json_array, "parsed": func.json}
    statement = _statement(workspaces, user, company, reference, **how)
    return statement.where(workspaces.c.id == bindparam("workspace_id", type_=String))


def _of_many() -> Select[Any]:
    """Return PostgreSQL's statement, for many users: its parameters are lists, and `place` counts along them."""
    kinds: dict[str, type[TypeEngine[Any]]] = {
        "workspace_id": String,
        "user_id": String,
        "company_pk": Integer,
        "reference_key": String,
    }
    given: list[BindParameter[Any]] = [bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items()]
    columns: list[ColumnClause[Any]] = [column(name, kind) for name, kind in kinds.items()]
    asked = func.unnest(*given).table_valued(*columns, with_ordinality="place").render_derived(name="asked")
    workspaces, whose = table_of(Workspace), asked.c
    start = asked.join(workspaces, workspaces.c.id == whose.workspace_id)
    how = {"lists": func.json_agg, "each": func.json_build_array, "parsed": lambda text: cast(text, JSON)}
    statement = _statement(start, whose.user_id, whose.company_pk, whose.reference_key, **how)
    return statement.add_columns(whose.place)


_OF_ONE, _OF_MANY = _of_one(), _of_many()
