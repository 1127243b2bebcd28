"""Who is told of a request for a release: those who may decide it, and whoever asked of the outcome."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.delivery.model import RELEASE_ANSWERED, RELEASE_ASKED, RELEASE_SHOWN
from bot.features.release_requests.model import Answer, ReleaseRequest, State
from storage import mirror_state as ledgers
from storage import notices
from storage import release_requests as requests
from storage.tables.core import Notice
from storage.tables.holds import ReleaseRequestRow


def request_of(row: ReleaseRequestRow, company_name: str = "") -> ReleaseRequest:
    """A row as a value."""
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
    )


async def books_name(tx: AsyncSession, row: ReleaseRequestRow) -> str:
    """Whose books a request is about."""
    company = await ledgers.company(tx, workspace_id=row.workspace_id, company_pk=row.company_pk)
    return company.company_name if company is not None else ""


async def asked(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, deciders: Collection[str], *, now: datetime
) -> None:
    """One message to each of those who may decide."""
    for user_id in sorted(deciders):
        await notices.add(
            tx,
            workspace_id=row.workspace_id,
            user_id=user_id,
            kind=RELEASE_ASKED,
            facts=request.facts(),
            dedupe_key=f"{_asked(row)}{user_id}",
            now=now,
        )


async def half(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Their messages say that one of two has approved."""
    await notices.retell(tx, workspace_id=row.workspace_id, prefix=_asked(row), facts=request.facts())
    # The same person may approve first twice, when more is owed meanwhile.
    await _edited(tx, row, request, f"first:{now.isoformat()}", now=now)


async def decided(tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, *, now: datetime) -> None:
    """Their messages show the outcome, and whoever asked is told of it."""
    await notices.call_off(tx, workspace_id=row.workspace_id, prefix=_asked(row), failure="decided meanwhile")
    await _edited(tx, row, request, request.state.value, now=now)
    if request.decided_by != request.asked_by:
        await notices.add(
            tx,
            workspace_id=row.workspace_id,
            user_id=row.asked_by,
            kind=RELEASE_ANSWERED,
            facts=request.facts(),
            dedupe_key=f"release:{row.id}:answer",
            now=now,
        )


async def _edited(
    tx: AsyncSession, row: ReleaseRequestRow, request: ReleaseRequest, mark: str, *, now: datetime
) -> None:
    """An edit that is still under way would undo this one."""
    await notices.call_off(tx, workspace_id=row.workspace_id, prefix=_shown(row), failure="changed meanwhile")
    for sent in await notices.sent_with(tx, workspace_id=row.workspace_id, prefix=_asked(row)):
        place = (sent.channel or "", sent.message_ts or "")
        await _show(tx, row, request, f"{mark}:{sent.user_id}", to=sent.user_id, place=place, now=now)


async def catch_up(tx: AsyncSession, told: Notice, place: tuple[str, str], *, now: datetime) -> None:
    """What came of a request while this was on its way to where it stands now is shown there next.

    Whoever decided couldn't edit what stood nowhere yet; and an edit that was overtaken has undone a later one. The
    request is locked before its notices are looked at, as whoever decides does.
    """
    if told.kind not in {RELEASE_ASKED, RELEASE_SHOWN}:
        return
    row = await requests.locked(tx, workspace_id=told.workspace_id, number=ReleaseRequest.of(told.facts).number)
    kept = await notices.still_due(tx, notice_id=told.id)
    if row is None or (kept is not None and kept.facts == told.facts):
        return
    request = request_of(row, await books_name(tx, row))
    await _show(tx, row, request, f"again:{told.id}", to=told.user_id, place=place, now=now)


async def _show(
    tx: AsyncSession,
    row: ReleaseRequestRow,
    request: ReleaseRequest,
    mark: str,
    *,
    to: str,
    place: tuple[str, str],
    now: datetime,
) -> None:
    await notices.add(
        tx,
        workspace_id=row.workspace_id,
        user_id=to,
        kind=RELEASE_SHOWN,
        facts=request.facts(),
        dedupe_key=f"{_shown(row)}{mark}",
        now=now,
        place=place,
    )


async def too_late(tx: AsyncSession, row: ReleaseRequestRow) -> Answer:
    """Another was first, or is at it."""
    now = await requests.by_number(tx, workspace_id=row.workspace_id, number=row.number) or row
    return Answer(request_of(now), is_news=False, deciding=now.claimed_by or "")


def what(request: ReleaseRequest) -> str:
    """A request in the record."""
    return f"{request.reference} {request.name}, request {request.number} of {request.asked_by}: {request.reason}"


def _shown(row: ReleaseRequestRow) -> str:
    return f"release:{row.id}:shown:"


def _asked(row: ReleaseRequestRow) -> str:
    return f"release:{row.id}:ask:"
