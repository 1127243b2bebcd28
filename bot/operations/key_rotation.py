"""Encrypted texts, all of them: whether the ring opens them, and `bot keys rotate`, while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.features.audit.service import heads as audit_heads
from bot.features.connections.service import connect_link
from bot.features.installations.service import bot_tokens
from bot.features.tokens.service import sage_tokens
from storage import key_rotation as rows
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.key_rotation import Found
from storage.tables.core import Connection, ConnectLink, Workspace
from storage.tables.holds import AuditHead

_PAGE = 100
_ROUNDS = 5

# What each seal is bound to besides its workspace: the column's name, and the row's owner.
_PLACES: dict[tuple[type[rows.Sealed], str], tuple[str, Callable[[Found], str]]] = {
    (Workspace, "bot_token_sealed"): (bot_tokens.TOKEN, lambda found: ""),
    (Workspace, "bot_refresh_token_sealed"): (bot_tokens.REFRESH, lambda found: ""),
    (Connection, "access_token_sealed"): (sage_tokens.ACCESS, lambda found: found.user_id),
    (Connection, "refresh_token_sealed"): (sage_tokens.REFRESH, lambda found: found.user_id),
    (ConnectLink, "verifier_sealed"): (connect_link.VERIFIER, lambda found: found.row_id),
    (ConnectLink, "access_token_sealed"): (connect_link.ACCESS, lambda found: found.row_id),
    (ConnectLink, "refresh_token_sealed"): (connect_link.REFRESH, lambda found: found.row_id),
    (ConnectLink, "code_sealed"): (connect_link.CODE, lambda found: found.row_id),
    (AuditHead, "head_sealed"): (audit_heads.HEAD, lambda found: found.row_id),
}

Progress = Callable[[int, int], None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Resealed:
    """The counts: texts encrypted anew, texts that no key decrypts, and rows still under an older key."""

    done: int
    broken: int
    left: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The counts: texts that the ring decrypts, and texts that none of its keys decrypts."""

    readable: int
    broken: int


async def opened(database: Database, cipher: Cipher) -> Opened:
    """Decrypt every text, and return how many could be."""
    counts = [0, 0]
    for table in rows.TABLES:
        after = ""
        while found := await _page(database, table, but=None, after=after):
            after = found[-1].row_id
            for each in found:
                counts[_text(cipher, each) is None] += 1
    return Opened(*counts)


async def reseal(database: Database, cipher: Cipher, *, progress: Progress) -> Resealed:
    """Encrypt every text anew, row by row, by compare-and-swap. Safe to stop and to run again."""
    async with database.reading() as tx:
        total = await rows.count(tx, but=cipher.prefix)
    done = broken = 0
    for _ in range(_ROUNDS):
        before = done
        broken = 0
        for table in rows.TABLES:
            after = ""
            while found := await _page(database, table, but=cipher.prefix, after=after):
                after = found[-1].row_id
                sealed, unreadable = await _seal_anew(database, cipher, found)
                done, broken = done + sealed, broken + unreadable
                progress(done, total)
        if done == before:
            break
    async with database.reading() as tx:
        return Resealed(done, broken, await rows.count(tx, but=cipher.prefix))


async def _page(database: Database, table: type[rows.Sealed], *, but: str | None, after: str) -> list[Found]:
    async with database.reading() as tx:
        return await rows.page(tx, table, but=but, after=after, limit=_PAGE)


async def _seal_anew(database: Database, cipher: Cipher, page: list[Found]) -> tuple[int, int]:
    done = broken = 0
    async with database.transaction() as tx:
        for found in page:
            text = _text(cipher, found)
            if text is None:
                log.warning("not opened by any key", table=found.table.__tablename__, row=found.row_id)
                broken += 1
                continue
            done += await rows.replace(tx, found, sealed=cipher.seal(text, **_place(found)))
    return done, broken


def _text(cipher: Cipher, found: Found) -> str | None:
    """Return a text as it was before it was encrypted; None if no key decrypts it."""
    try:
        return cipher.open(SealedText(found.sealed), **_place(found))
    except SealBroken:
        return None


def _place(found: Found) -> dict[str, str]:
    column, owner = _PLACES[found.table, found.column]
    return {"workspace_id": found.workspace_id, "column": column, "owner": owner(found)}
