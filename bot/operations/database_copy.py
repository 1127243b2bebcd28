"""`bot db copy`: all that is kept, into an empty database of either kind, and proof that it works there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.app import open_database, usable
from bot.config import BadSettings, Settings
from bot.features.audit.service.verifier import AuditVerifier, VerifiedAll
from bot.jobs.heartbeat import WORKER
from bot.operations.key_rotation import Opened, opened
from bot.web.readiness import SILENCE
from storage.cipher import Cipher
from storage.copying import CopyRefused, Progress, copy
from storage.database import Database
from storage.queries import heartbeats
from storage.schema_version import is_current

NEW = "NEW_DATABASE_URL"
_NOT_SAID = f"Say where to: bot db copy sqlite:///FILE, or an address in {NEW}, where a password is seen by nobody."
_OLD_TABLES = "DATABASE_URL has missing or old tables, or those of a newer version: run bot db upgrade first."
_RUNNING = (
    "A worker is running on DATABASE_URL: what it writes from now on would be missing. Stop every bot process first. "
    "For a backup, add --while-running: the copy is of one moment."
)


@dataclass(frozen=True, slots=True)
class Copied:
    """What arrived: the rows of each table, the record verified there, and whether what is sealed can be opened."""

    rows: dict[str, int]
    record: VerifiedAll
    sealed: Opened

    @property
    def is_good(self) -> bool:
        """Return whether the copy can be used without a second thought."""
        return self.record.is_good and not self.sealed.broken

    @property
    def said(self) -> list[str]:
        """Return the results as lines of text."""
        tables, sealed = sum(1 for count in self.rows.values() if count), self.sealed
        lines = [f"Copied and compared: {sum(self.rows.values())} rows in {tables} tables.", *self.record.said]
        if sealed.broken:
            lines.append(
                f"✗ {sealed.broken} of {sealed.readable + sealed.broken} sealed texts are opened by no key in "
                "ENCRYPTION_KEYS, here or in the old database. Add the missing key, or those people sign in again."
            )
        else:
            lines.append(f"✓ All {sealed.readable} sealed texts are opened by ENCRYPTION_KEYS.")
        return lines


async def copy_database(
    settings: Settings, address: str | None, *, while_running: bool, now: datetime, progress: Progress
) -> Copied:
    """Copy DATABASE_URL's rows to the address and look at them there. Raises BadSettings; then nothing was copied."""
    if not address:
        raise BadSettings([_NOT_SAID])
    cipher = Cipher.from_text(settings.encryption_keys.get_secret_value())
    source = open_database(settings.database_url)
    try:
        with usable(settings.database_url):
            await _may_be_copied(source, while_running=while_running, now=now)
        with _new_database_named(address):
            target = open_database(address)
        try:
            with _new_database_named(address):
                rows = await copy(source, target, progress=progress)
                await _prepare_jobs(target)
            record = await AuditVerifier(database=target, cipher=cipher).verify()
            return Copied(rows, record, await opened(target, cipher))
        finally:
            await target.close()
    finally:
        await source.close()


async def _may_be_copied(source: Database, *, while_running: bool, now: datetime) -> None:
    if not await is_current(source):
        raise BadSettings([_OLD_TABLES])
    async with source.reading() as tx:
        last = await heartbeats.last(tx, kind=WORKER)
    if last is not None and now - last < SILENCE and not while_running:
        raise BadSettings([_RUNNING])


async def _prepare_jobs(target: Database) -> None:
    if target.dialect == "postgresql":
        from bot.jobs import engine_schema

        await engine_schema.upgrade(target.libpq_address)


@contextmanager
def _new_database_named(address: str) -> Iterator[None]:
    """Let a fault of the new database be said of its own address."""
    try:
        with usable(address):
            yield
    except CopyRefused as refused:
        raise BadSettings([str(refused)]) from None
    except BadSettings as bad:
        raise BadSettings([fault.replace("DATABASE_URL", NEW) for fault in bad.faults]) from None
