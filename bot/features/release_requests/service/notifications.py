"""Notices of release requests: to the users who may decide, in channels, and to the user who asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.money import Currency
from bot.features.delivery.model import (
    RELEASE_ANSWERED,
    RELEASE_ASKED,
    RELEASE_QUESTION,
    RELEASE_REMINDED,
    RELEASE_REPLIED,
    RELEASE_SHOWN,
)
from bot.features.release_requests.model import Answer, ReleaseRequest, RequestKind, State
from storage.queries.alerts import outbox, targets
from storage.queries.holds import release_requests
from storage.queries.mirror import mirror_state
from storage.tables.alerts import OutboxRow
from storage.tables.holds import ReleaseRequestRow


def request_of(row: ReleaseRequestRow, company_name: str = "") -> ReleaseRequest:
    """Return a row as a value."""
    return ReleaseRequest(
        number=row.number,
        reference=row.reference,
        name=row.name,
        asked_by=row.asked_by,
        reason=row.reason,
        company_name=company_name,
        state=State(row.state),
        first_by=row.first_by or "",
        decided_by=row.decided_by or "",
        decision=row.decision,
        held_for=row.held_for or "",
        kind=RequestKind(row.kind),
        limit=row.amount,
        currency=Currency(row.currency_iso, row.currency_symbol),
        order_number=row.order_number,
        question=row.question,
        question_by=row.question_by or "",
        answer=row.answer,
    )


async def company_name_of(tx: AsyncSession, row: ReleaseRequestRow) -> str:
    """Return the name of the request's company; empty if there is none."""
    company = await mirror_state.company(tx, workspace_id=row.workspace_id, company_pk=row.company_pk)
    return company.company_name if company is not None else ""


async def asked(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, deciders: Collection[str], *, now: datetime
) -> None:
    """Write one notice to each user who may decide."""
    for user_id in sorted(deciders):
        await outbox.add_notice(
            tx,
            workspace_id=row.workspace_id,
            user_id=user_id,
            kind=RELEASE_ASKED,
            facts=request.facts(),
            dedupe_key=f"{_asked(row)}{user_id}",
            now=now,
            company_pk=row.company_pk,
        )


async def posted(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> list[str]:
    """Write one notice to each channel in which the company's requests are posted; return the channels."""
    channels = await targets.request_channels(tx, workspace_id=row.workspace_id, company_pk=row.company_pk)
    for channel_id in channels:
        await outbox.add(
            tx,
            workspace_id=row.workspace_id,
            target_id=channel_id,
            is_personal=False,
            kind=RELEASE_ASKED,
            facts=request.facts(),
            dedupe_key=f"{_asked(row)}{channel_id}",
            now=now,
            due_at=now,
            company_pk=row.company_pk,
        )
    return channels


async def half(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Say in the deciders' messages that one of two has approved."""
    await outbox.retell(tx, workspace_id=row.workspace_id, prefix=_asked(row), facts=request.facts())
    # The same person may approve first twice, when more is owed meanwhile.
    await _edited(tx, row, request, f"first:{now.isoformat()}", now=now)


async def decided(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Show the outcome in the deciders' messages, and tell the user who asked."""
    await outbox.call_off(tx, workspace_id=row.workspace_id, prefix=_asked(row), failure="decided meanwhile")
    await _edited(tx, row, request, request.state.value, now=now)
    if request.decided_by != request.asked_by:
        await outbox.add_notice(
            tx,
            workspace_id=row.workspace_id,
            user_id=row.asked_by,
            kind=RELEASE_ANSWERED,
            facts=request.facts(),
            dedupe_key=f"release:{row.id}:answer",
            now=now,
            company_pk=row.company_pk,
        )


async def questioned(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Put a question to the user who asked, and show it in the deciders' messages."""
    await outbox.retell(tx, workspace_id=row.workspace_id, prefix=_asked(row), facts=request.facts())
    await _edited(tx, row, request, f"question:{now.isoformat()}", now=now)
    key = f"{_question(row)}{now.isoformat()}"
    await _notice(tx, row, request, RELEASE_QUESTION, to=row.asked_by, key=key, now=now)


async def replied(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Show the answer in every message, and tell the user whose question it was."""
    await outbox.retell(tx, workspace_id=row.workspace_id, prefix=_asked(row), facts=request.facts())
    await _edited(tx, row, request, f"answer:{now.isoformat()}", now=now)
    await outbox.retell(tx, workspace_id=row.workspace_id, prefix=_question(row), facts=request.facts())
    for sent in await outbox.notices_posted(tx, workspace_id=row.workspace_id, prefix=_question(row)):
        place = (sent.channel or "", sent.message_ts or "")
        key = f"release:{row.id}:answered:{sent.id}:{now.isoformat()}"
        await _notice(tx, row, request, RELEASE_QUESTION, to=row.asked_by, key=key, now=now, place=place)
    key = f"release:{row.id}:replied:{now.isoformat()}"
    await _notice(tx, row, request, RELEASE_REPLIED, to=request.question_by, key=key, now=now)


async def remind(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, people: Collection[str], *, now: datetime
) -> None:
    """Remind these users of the request, in messages that are edited with the others."""
    for user_id in sorted(people):
        key = f"{_asked(row)}remind:{row.reminded}:{user_id}"
        await _notice(tx, row, request, RELEASE_REMINDED, to=user_id, key=key, now=now)


async def remind_of_question(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime
) -> None:
    """Put the question to the user who asked once more."""
    key = f"{_question(row)}remind:{row.reminded}"
    await _notice(tx, row, request, RELEASE_QUESTION, to=row.asked_by, key=key, now=now)


async def _notice(
    tx: AsyncSession,
    row: ReleaseRequestRow,
    request: ReleaseRequest,
    kind: str,
    *,
    to: str,
    key: str,
    now: datetime,
    place: tuple[str, str] | None = None,
) -> None:
    await outbox.add_notice(
        tx,
        workspace_id=row.workspace_id,
        user_id=to,
        kind=kind,
        facts=request.facts(),
        dedupe_key=key,
        now=now,
        place=place,
        company_pk=row.company_pk,
    )


async def _edited(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, dedupe_suffix: str, *, now: datetime
) -> None:
    """Enqueue edits of the notices that asked for a decision, to show what has become of the request."""
    # An edit that is still under way would undo this one.
    await outbox.call_off(tx, workspace_id=row.workspace_id, prefix=_shown(row), failure="changed meanwhile")
    for sent in await outbox.notices_posted(tx, workspace_id=row.workspace_id, prefix=_asked(row)):
        place = (sent.channel or "", sent.message_ts or "")
        await _show(tx, row, request, f"{dedupe_suffix}:{sent.id}", of=sent, place=place, now=now)


async def catch_up(tx: AsyncSession, told: OutboxRow, place: tuple[str, str], *, now: datetime) -> None:
    """Enqueue an edit of a message if its request has changed while the message was being sent."""
    # The user who decided couldn't edit a message that wasn't there yet; and an edit that was overtaken has undone a
    # later one. The request's row is locked before its notices are read, in the order in which deciders lock them.
    if told.kind not in {RELEASE_ASKED, RELEASE_SHOWN, RELEASE_REMINDED}:
        return
    row = await release_requests.locked(tx, workspace_id=told.workspace_id, number=ReleaseRequest.of(told.facts).number)
    kept = await outbox.still_due(tx, row_id=told.id)
    if row is None or (kept is not None and kept.facts == told.facts):
        return
    request = request_of(row, await company_name_of(tx, row))
    await _show(tx, row, request, f"again:{told.id}", of=told, place=place, now=now)


async def _show(
    tx: AsyncSession,
    row: ReleaseRequestRow,
    request: ReleaseRequest,
    dedupe_suffix: str,
    *,
    of: OutboxRow,
    place: tuple[str, str],
    now: datetime,
) -> None:
    key = f"{_shown(row)}{dedupe_suffix}"
    await outbox.add_edit(tx, of, place, kind=RELEASE_SHOWN, facts=request.facts(), dedupe_key=key, now=now)


async def too_late(tx: AsyncSession, row: ReleaseRequestRow) -> Answer:
    """Return the answer for a request that another user has decided or is deciding."""
    now = await release_requests.by_number(tx, workspace_id=row.workspace_id, number=row.number) or row
    return Answer(request_of(now), is_news=False, deciding=now.claimed_by or "")


def what(request: ReleaseRequest) -> str:
    """Return the request as written in the audit log."""
    about = {
        RequestKind.LIMIT: f", credit limit {request.limit} {request.currency.iso}".rstrip(),
        RequestKind.ORDER: f", order {request.order_number}",
    }.get(request.kind, "")
    return (
        f"{request.reference} {request.name}{about}, request {request.number} of {request.asked_by}: {request.reason}"
    )


def _shown(row: ReleaseRequestRow) -> str:
    return f"release:{row.id}:shown:"


def _asked(row: ReleaseRequestRow) -> str:
    return f"release:{row.id}:ask:"


def _question(row: ReleaseRequestRow) -> str:
    return f"release:{row.id}:question:"
