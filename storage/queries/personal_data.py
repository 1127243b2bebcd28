"""Queries of retention, erasure and subject access, made from the list of what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.kept import KEPT, Erase
from storage.queries.mirror import name_words, open_items
from storage.queries.mirror.mirror_state import is_needed
from storage.statements import changed
from storage.tables.access import OwnCustomerCode
from storage.tables.alerts import (
    CodeSetRow,
    CodeValueRow,
    CustomerWordRow,
    HoldEpisodeRow,
    MirroredCustomer,
    MirrorStateRow,
    NameWordRow,
    OutboxRow,
    SeenChange,
    SubscriptionRow,
    notice_target,
)
from storage.tables.assistant import ConversationSubject
from storage.tables.core import (
    CONNECTED,
    DISCONNECTED,
    CompanyRow,
    Connection,
    ConnectLink,
    MemberRole,
    Row,
    Workspace,
)
from storage.tables.holds import ChangeIntent, HoldNote, ReleaseRequestRow, TemporaryRelease
from storage.tables.promises import DebtNoteRow, DisputeRow, PromiseRow

_SECRET = ("_sealed", "_hash")


async def purge_history(tx: AsyncSession, *, before: datetime) -> dict[str, int]:
    """Delete the rows that are over since a moment, in every table that has a history. Return how many of each."""
    gone = {}
    for name, kept in KEPT.items():
        if kept.history:
            table = Row.metadata.tables[name]
            over = [text(kept.past)] if kept.past else []
            gone[name] = await changed(tx, delete(table).where(table.c[kept.history] < before, *over))
    ended = (Connection.state == DISCONNECTED, Connection.state_since < before)
    gone["connections"] = await changed(tx, delete(Connection).where(*ended, ~_answers()))
    return gone


async def unneeded_copies(tx: AsyncSession, *, before: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) of the copies that nobody has needed since a moment."""
    # A copy that is needed is looked at every few minutes, also while Sage is away: then it is needed all the same.
    last = func.coalesce(MirrorStateRow.synced_at, MirrorStateRow.due_at)
    statement = (
        select(MirrorStateRow.workspace_id, MirrorStateRow.company_pk)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(last < before, ~is_needed())
    )
    ordered = statement.order_by(MirrorStateRow.company_pk).limit(limit)
    return [(row.workspace_id, row.company_pk) for row in await tx.execute(ordered)]


async def drop_copy(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> int:
    """Delete a company's copy with its history. Return how many customers it had."""
    count = 0
    await open_items.forget_company(tx, workspace_id=workspace_id, company_pk=company_pk)
    of_company = (
        SeenChange,
        HoldEpisodeRow,
        MirrorStateRow,
        CodeSetRow,
        CodeValueRow,
        NameWordRow,
        CustomerWordRow,
        MirroredCustomer,
    )
    for model in of_company:
        count = await changed(
            tx, delete(model).where(model.workspace_id == workspace_id, model.company_pk == company_pk)
        )
    return count


async def dead_sign_ins(tx: AsyncSession, *, before: datetime, limit: int) -> list[Connection]:
    """Return the sign-ins that ended or were paused before a moment, and still hold tokens or whose they are."""
    holds = or_(Connection.refresh_token_sealed.is_not(None), Connection.subject_hash.is_not(None))
    statement = select(Connection).where(
        Connection.state.not_in([CONNECTED, DISCONNECTED]), Connection.state_since < before, holds
    )
    return list(await tx.scalars(statement.order_by(Connection.id).limit(limit)))


async def erase_tokens(tx: AsyncSession, row: Connection) -> bool:
    """Erase the tokens and the hashed Sage ID of a sign-in that has not come back meanwhile."""
    statement = update(Connection).where(
        Connection.id == row.id, Connection.workspace_id == row.workspace_id, Connection.state == row.state,
        Connection.sign_in_id == row.sign_in_id,
    )  # fmt: skip
    erased = {"access_token_sealed": None, "refresh_token_sealed": None, "subject_hash": None}
    return await changed(tx, statement.values(**erased)) == 1


async def with_a_role(tx: AsyncSession) -> list[tuple[str, str]]:
    """Return (workspace id, user id) of everybody with a role or customers of their own, where the app is installed."""
    found: set[tuple[str, str]] = set()
    for model in (MemberRole, OwnCustomerCode):
        statement = select(model.workspace_id, model.user_id).join(Workspace, Workspace.id == model.workspace_id)
        rows = await tx.execute(statement.where(Workspace.uninstalled_at.is_(None)))
        found |= {(row.workspace_id, row.user_id) for row in rows}
    return sorted(found)


async def withdraw(tx: AsyncSession, *, workspace_id: str, user_id: str) -> str | None:
    """Delete a person's role and own customers. Return the role, or None."""
    role = await tx.scalar(
        select(MemberRole.role).where(MemberRole.workspace_id == workspace_id, MemberRole.user_id == user_id)
    )
    for model in (MemberRole, OwnCustomerCode):
        await changed(tx, delete(model).where(model.workspace_id == workspace_id, model.user_id == user_id))
    return role


async def workspaces(tx: AsyncSession, *, slack_id: str | None) -> list[tuple[str, str, str]]:
    """Return (id, Slack id, name) of every workspace, or of the one with this Slack id."""
    statement = select(Workspace.id, Workspace.slack_id, Workspace.name).order_by(Workspace.slack_id)
    if slack_id is not None:
        statement = statement.where(Workspace.slack_id == slack_id)
    return [(row.id, row.slack_id, row.name) for row in await tx.execute(statement)]


async def of_person(tx: AsyncSession, *, workspace_id: str, user_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row that names a person, by table; secrets and their hashes are left out."""
    found = {}
    said = await _messages_about(tx, workspace_id, user_id)
    for name, table, named in _naming(workspace_id, user_id):
        names = or_(*named.values())
        if name == OutboxRow.__tablename__:
            names = or_(names, table.c.id.in_([row.id for row in said]))
        rows = await tx.execute(select(*_readable(table)).where(names))
        found[name] = [dict(row._mapping) for row in rows]
    return {name: rows for name, rows in found.items() if rows}


async def erase_person(tx: AsyncSession, *, workspace_id: str, user_id: str) -> dict[str, int]:
    """Delete what is about a person, and forget them where the row is about something else. Return rows by table."""
    done: dict[str, int] = {}
    mine = select(Connection.id).where(Connection.workspace_id == workspace_id, Connection.user_id == user_id)
    answering = update(Workspace).where(Workspace.id == workspace_id, Workspace.workspace_connection_id.in_(mine))
    await changed(tx, answering.values(workspace_connection_id=None))
    for name, table, named in _naming(workspace_id, user_id):
        for column, is_theirs in named.items():
            how = KEPT[name].person[column]
            count = 0
            if how is Erase.DELETE:
                count = await changed(tx, delete(table).where(is_theirs))
            elif how is Erase.FORGET:
                forgotten = None if table.c[column].nullable else ""
                count = await changed(tx, update(table).where(is_theirs).values({column: forgotten}))
            done[name] = done.get(name, 0) + count
    done[OutboxRow.__tablename__] += await _forget_in_messages(tx, workspace_id, user_id)
    return {name: count for name, count in done.items() if count}


async def _forget_in_messages(tx: AsyncSession, workspace_id: str, user_id: str) -> int:
    """Take a person out of messages to others, which are sent as they are then. Return the number of messages."""
    said = await _messages_about(tx, workspace_id, user_id)
    for row in said:
        row.facts = _without(row.facts, user_id)
        row.dedupe_key = f"erased:{row.id}"
    await tx.flush()
    return len(said)


async def _messages_about(tx: AsyncSession, workspace_id: str, user_id: str) -> list[OutboxRow]:
    """Return the messages to others that name a person."""
    theirs = OutboxRow.target_id.in_([user_id, notice_target(user_id)])
    rows = await tx.scalars(select(OutboxRow).where(OutboxRow.workspace_id == workspace_id, ~theirs))
    return [row for row in rows if [row.facts, row.dedupe_key] != _without([row.facts, row.dedupe_key], user_id)]


def _without(facts: Any, user_id: str) -> Any:
    """Return the facts of a message without a person's Slack id."""
    if isinstance(facts, dict):
        return {name: _without(each, user_id) for name, each in facts.items()}
    if isinstance(facts, list):
        return [_without(each, user_id) for each in facts]
    word = re.escape(user_id)
    return re.sub(rf"<@{word}(\|[^>]*)?>|\b{word}\b", "", facts) if isinstance(facts, str) else facts


def _naming(workspace_id: str, user_id: str) -> Iterator[tuple[str, Table, dict[str, ColumnElement[bool]]]]:
    """Yield (name, table, condition by column) of the tables that may name a person."""
    for name, kept in KEPT.items():
        if not kept.person:
            continue
        table = Row.metadata.tables[name]
        here = table.c["id" if name == "workspaces" else "workspace_id"] == workspace_id
        ids = [user_id, notice_target(user_id)]
        yield name, table, {column: and_(here, table.c[column].in_(ids)) for column in kept.person}


async def tokens_of(tx: AsyncSession, *, workspace_id: str, user_id: str) -> list[tuple[str, str, str, str | None]]:
    """Return (kind, row id, sealed refresh token, hashed Sage ID) of a person's sign-ins, finished or not."""
    found = []
    for kind, model in (("connection", Connection), ("link", ConnectLink)):
        statement = select(model.id, model.refresh_token_sealed, model.subject_hash).where(
            model.workspace_id == workspace_id, model.user_id == user_id, model.refresh_token_sealed.is_not(None)
        )
        found += [(kind, row.id, row.refresh_token_sealed, row.subject_hash) for row in await tx.execute(statement)]
    return found


async def customers(
    tx: AsyncSession, *, workspace_id: str, reference: str, company: str | None
) -> list[tuple[int, str, int]]:
    """Return (company, its name, customer id) of the customers with this reference, also of those no longer copied."""
    found: set[tuple[int, str, int]] = set()
    models: tuple[Any, ...] = (
        MirroredCustomer, ChangeIntent, HoldNote, ReleaseRequestRow, TemporaryRelease, PromiseRow, DisputeRow,
        DebtNoteRow, SeenChange,
    )  # fmt: skip
    for model in models:
        statement = (
            select(model.company_pk, CompanyRow.company_name, model.customer_id)
            .join(CompanyRow, CompanyRow.id == model.company_pk)
            .where(model.workspace_id == workspace_id, _reference(model) == reference.lower())
        )
        if company is not None:
            statement = statement.where(func.lower(CompanyRow.company_name) == company.lower())
        found |= {(row[0], row[1], row[2]) for row in await tx.execute(statement)}
    return sorted(found)


def _reference(model: type[Any]) -> ColumnElement[str]:
    """Return a row's reference of its customer: a change that was seen has it within."""
    if model is SeenChange:
        return func.lower(SeenChange.facts["before"]["reference"].as_string())
    return func.lower(model.reference)


async def of_customer(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, reference: str
) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a customer, by table."""
    found = {}
    for name, table, about in await _about(tx, workspace_id, company_pk, customer_id, reference, exported=True):
        rows = await tx.execute(select(*_readable(table)).where(about))
        found[name] = [dict(row._mapping) for row in rows]
    return {name: rows for name, rows in found.items() if rows}


async def erase_customer(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, reference: str
) -> dict[str, int]:
    """Delete every row about a customer. Return rows by table."""
    about = await _about(tx, workspace_id, company_pk, customer_id, reference)
    narrowed = await _narrow(tx, workspace_id, company_pk, customer_id, reference)
    done = {name: await changed(tx, delete(table).where(condition)) for name, table, condition in about}
    done[SubscriptionRow.__tablename__] += narrowed
    await name_words.forget_unused(tx, workspace_id=workspace_id, company_pk=company_pk)
    return {name: count for name, count in done.items() if count}


async def _about(
    tx: AsyncSession, workspace_id: str, company_pk: int, customer_id: int, reference: str, *, exported: bool = False
) -> list[tuple[str, Table, ColumnElement[bool]]]:
    """Return (name, table, condition) of the tables with rows about a customer.

    A subscription that names others too is only narrowed by an erasure, but `exported` whole.
    """
    found = []
    for name, kept in KEPT.items():
        if not kept.is_of_customer:
            continue
        table = Row.metadata.tables[name]
        here = and_(table.c.workspace_id == workspace_id, table.c.company_pk == company_pk)
        if name == ConversationSubject.__tablename__:
            places = await _spoken_of(tx, workspace_id, company_pk, customer_id, reference)
            place = tuple_(table.c.channel, table.c.thread, table.c.user_id)
            condition = and_(here, or_(table.c.customer_id == customer_id, place.in_(places)))
        elif "customer_id" in table.c:
            condition = and_(here, table.c.customer_id == customer_id)
        elif name == SubscriptionRow.__tablename__:
            naming = await _naming_customer(tx, workspace_id, company_pk, customer_id, reference)
            condition = and_(here, table.c.id.in_([row.id for row, others in naming if exported or not others]))
        else:
            # A message's facts are JSON, with the customer somewhere in them.
            rows = await tx.execute(select(OutboxRow.id, OutboxRow.facts).where(here))
            condition = and_(here, table.c.id.in_([row.id for row in rows if _mentions(row.facts, reference)]))
        found.append((name, table, condition))
    return found


async def _spoken_of(
    tx: AsyncSession, workspace_id: str, company_pk: int, customer_id: int, reference: str
) -> list[tuple[str, str, str]]:
    """Return (channel, thread, user) of conversations that showed a customer, or typed part of what it is called."""
    whose = (MirroredCustomer.workspace_id == workspace_id, MirroredCustomer.company_pk == company_pk)
    name = await tx.scalar(select(MirroredCustomer.name).where(*whose, MirroredCustomer.customer_id == customer_id))
    called = [each.casefold() for each in (reference, name or "") if each]
    rows = await tx.scalars(
        select(ConversationSubject).where(
            ConversationSubject.workspace_id == workspace_id, ConversationSubject.company_pk == company_pk
        )
    )
    found = []
    for row in rows:
        # What was typed stands behind a tab and a letter each.
        typed = [each[1:].casefold() for each in row.asked.split("\t")[1:]]
        is_named = any(said in own or own in said for said in filter(None, typed) for own in called)
        if customer_id in row.shown or is_named:
            found.append((row.channel, row.thread, row.user_id))
    return found


async def _narrow(tx: AsyncSession, workspace_id: str, company_pk: int, customer_id: int, reference: str) -> int:
    """Take a customer out of the subscriptions that name others too. Return the number of subscriptions."""
    count = 0
    for row, others in await _naming_customer(tx, workspace_id, company_pk, customer_id, reference):
        if others:
            row.filter = {**row.filter, "customers": others}
            count += 1
    await tx.flush()
    return count


async def _naming_customer(
    tx: AsyncSession, workspace_id: str, company_pk: int, customer_id: int, reference: str
) -> list[tuple[SubscriptionRow, list[str]]]:
    """Return the subscriptions that name a customer by reference or name, each with the others that it names."""
    whose = (MirroredCustomer.workspace_id == workspace_id, MirroredCustomer.company_pk == company_pk)
    name = await tx.scalar(select(MirroredCustomer.name).where(*whose, MirroredCustomer.customer_id == customer_id))
    called = {reference.casefold(), (name or reference).casefold()}
    rows = await tx.scalars(
        select(SubscriptionRow).where(
            SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.company_pk == company_pk
        )
    )
    found = []
    for row in rows:
        named = list(row.filter.get("customers", ()))
        others = [each for each in named if each.strip().casefold() not in called]
        if len(others) < len(named):
            found.append((row, others))
    return found


def _mentions(facts: object, reference: str) -> bool:
    if isinstance(facts, dict):
        return any(_mentions(each, reference) for each in facts.values())
    if isinstance(facts, list):
        return any(_mentions(each, reference) for each in facts)
    return isinstance(facts, str) and facts.casefold() == reference.casefold()


def _answers() -> ColumnElement[bool]:
    """Return the condition that a connection is one that answers for a workspace."""
    pointed_at = select(Workspace.workspace_connection_id).where(Workspace.workspace_connection_id.is_not(None))
    return Connection.id.in_(pointed_at)


def _readable(table: Table) -> list[ColumnElement[Any]]:
    return [column for column in table.c if not column.name.endswith(_SECRET)]
