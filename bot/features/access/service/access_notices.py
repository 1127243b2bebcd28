"""What the admins and the asker are told of a request for access, in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.access_request import AccessRequest
from bot.features.delivery.model import ACCESS_ASKED, ACCESS_REFUSED, ACCESS_SHOWN
from storage.queries.access import access_requests
from storage.queries.alerts import outbox
from storage.tables.access import AccessRequestRow
from storage.tables.alerts import OutboxRow


def request_of(row: AccessRequestRow) -> AccessRequest:
    """Return a row as a value."""
    return AccessRequest(row.id, row.asked_by, row.reason, row.state, row.role, row.decided_by or "")


async def asked(tx: AsyncSession, row: AccessRequestRow, admins: Iterable[str], *, now: datetime) -> None:
    """Write one notice to each admin."""
    for user_id in admins:
        await outbox.add_notice(
            tx,
            workspace_id=row.workspace_id,
            user_id=user_id,
            kind=ACCESS_ASKED,
            facts=request_of(row).facts(),
            dedupe_key=f"{_asked(row.id)}{user_id}",
            now=now,
            company_pk=None,
        )


async def close(
    tx: AsyncSession, row: AccessRequestRow, *, state: str, role: str = "", decided_by: str, now: datetime
) -> AccessRequest | None:
    """Close an open request, show that in the admins' messages, and tell the asker of a no.

    A role that was given is told in a message of its own. Return None if the request was closed before.
    """
    workspace_id = row.workspace_id
    closed = {"state": state, "role": role, "decided_by": decided_by}
    if not await access_requests.decide(tx, workspace_id=workspace_id, request_id=row.id, **closed, now=now):
        return None
    request = AccessRequest(row.id, row.asked_by, row.reason, **closed)
    await outbox.call_off(tx, workspace_id=workspace_id, prefix=_asked(row.id), failure="decided meanwhile")
    for sent in await outbox.notices_posted(tx, workspace_id=workspace_id, prefix=_asked(row.id)):
        place = (sent.channel or "", sent.message_ts or "")
        await _show(tx, workspace_id, request, state, to=sent.recipient, place=place, now=now)
    if state == access_requests.REFUSED:
        await outbox.add_notice(
            tx,
            workspace_id=workspace_id,
            user_id=row.asked_by,
            kind=ACCESS_REFUSED,
            facts=request.facts(),
            dedupe_key=f"access:{row.id}:answer",
            now=now,
            company_pk=None,
        )
    return request


async def catch_up(tx: AsyncSession, told: OutboxRow, place: tuple[str, str], *, now: datetime) -> None:
    """Enqueue an edit of a message whose request was closed while the message was being sent."""
    # Who closed it couldn't edit a message that wasn't there yet.
    if told.kind != ACCESS_ASKED:
        return
    number = AccessRequest.of(told.facts).number
    row = await access_requests.by_id(tx, workspace_id=told.workspace_id, request_id=number, lock=True)
    if row is None or row.state == access_requests.OPEN:
        return
    await _show(tx, told.workspace_id, request_of(row), "again", to=told.recipient, place=place, now=now)


async def _show(
    tx: AsyncSession,
    workspace_id: str,
    request: AccessRequest,
    which: str,
    *,
    to: str,
    place: tuple[str, str],
    now: datetime,
) -> None:
    await outbox.add_notice(
        tx,
        workspace_id=workspace_id,
        user_id=to,
        kind=ACCESS_SHOWN,
        facts=request.facts(),
        dedupe_key=f"access:{request.number}:shown:{which}:{to}",
        now=now,
        company_pk=None,
        place=place,
    )


def _asked(number: int) -> str:
    return f"access:{number}:ask:"
