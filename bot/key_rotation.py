"""`bot keys rotate`: encrypts everything with the first key of the ring, while the service runs."""

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


async def _page(database: Database, table: type[rows.Sealed], *, but: str, after: str) -> list[Found]:
    async with database.reading() as tx:
        return await rows.page(tx, table, but=but, after=after, limit=_PAGE)


async def _seal_anew(database: Database, cipher: Cipher, page: list[Found]) -> tuple[int, int]:
    done = broken = 0
    async with database.transaction() as tx:
        for found in page:
            column, owner = _PLACES[found.table, found.column]
            place = {"workspace_id": found.workspace_id, "column": column, "owner": owner(found)}
            try:
                text = cipher.open(SealedText(found.sealed), **place)
            except SealBroken:
                log.warning("not opened by any key", table=found.table.__tablename__, row=found.row_id)
                broken += 1
                continue
            done += await rows.replace(tx, found, sealed=cipher.seal(text, **place))
    return done, broken
