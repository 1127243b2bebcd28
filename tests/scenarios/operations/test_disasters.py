"""What an operator does when a machine is lost, a database is moved, or a key is: as docs/operations.md says."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import asynccontextmanager

import pytest

from bot.config import BadSettings
from bot.features.audit.service.verifier import AuditVerifier
from bot.operations.database_copy import copy_database
from storage.cipher import Cipher, new_key
from storage.database import Database
from storage.queries import heartbeats
from tests.connected_app import KEY, settings
from tests.postgres import postgres_tools
from tests.scenarios.slack_app import office as open_office


@pytest.fixture
def left(_furnished):
    """What Slack and Sage knew when the old installation ended."""
    return _furnished


def quiet(*_):
    """Nobody watches."""


async def moved(office, from_url, to_url, *, while_running=False, **changes):
    given = {"while_running": while_running, "now": office.clock(), "progress": quiet}
    return await copy_database(settings(from_url, **changes), to_url, **given)


@asynccontextmanager
async def office_again(url, left, **changes):
    """The app started on another database; Slack and Sage know what they knew."""
    async with open_office(url, **changes) as office:
        left.copy_to(office)
        yield office
        await office.settle()


async def the_record(url, keys=KEY):
    database = Database(url)
    try:
        return await AuditVerifier(database=database, cipher=Cipher.from_text(keys)).verify()
    finally:
        await database.close()


async def test_an_installation_moves_to_postgresql_and_nobody_signs_in_again(
    connected_office, sqlite_url, empty_postgresql_url, tmp_path, left
):
    """Counts, the record and the sign-ins are verified; the app goes on from there, and from a dump of it."""
    copied = await moved(connected_office, sqlite_url, empty_postgresql_url)
    assert copied.is_good, copied.said
    assert copied.said[0].startswith("Copied and compared: ")
    assert copied.said[-1].startswith("✓ All ")
    assert copied.record.said[-1].startswith("✓ All: 2 records began")
    _dump_and_restore(empty_postgresql_url, tmp_path / "sage200.dump")
    assert (await the_record(empty_postgresql_url)).is_good
    async with office_again(empty_postgresql_url, left) as office:
        assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
        assert "install" in (await office.command("/sage", "audit")).text.lower()


def _dump_and_restore(url, file):
    """As an operator does; the triggers that keep the record come back with it."""
    tools = postgres_tools()
    if tools is None:
        return
    for words in (
        ("pg_dump", "--format=custom", f"--file={file}", url),
        ("pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(file)),
    ):
        subprocess.run([tools / words[0], *words[1:]], check=True, capture_output=True)


async def test_a_backup_of_a_running_app_is_restored_and_one_person_signs_in_again(
    connected_office, sqlite_url, tmp_path, left
):
    """Sage's refresh tokens serve once: a sign-in renewed since the backup has to be made again, and can be."""
    backup = f"sqlite:///{tmp_path}/backup.db"
    assert (await moved(connected_office, sqlite_url, backup, while_running=True)).is_good
    shutil.copy(tmp_path / "backup.db", tmp_path / "sage200.db")
    async with office_again(f"sqlite:///{tmp_path}/sage200.db", left) as office:
        assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
        office.sage_id.revoke("george@example.test")  # as when the token was used since
        office.clock.forward(days=1)
        answer = await office.command("/customer", "ABS001")
        assert "£2,464.16" not in answer.text
        assert office.link(answer)
        await office.connect()
        assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
    assert (await the_record(f"sqlite:///{tmp_path}/sage200.db")).is_good


async def test_a_lost_key_costs_the_sign_ins_and_nothing_else(read_office, sqlite_url, tmp_path, left):
    """The app is installed again, people connect again; customers, roles, subscriptions and the record are there."""
    await read_office.command("/sage", "subscribe holds in me")
    url, other = f"sqlite:///{tmp_path}/kept.db", new_key()
    assert (await moved(read_office, sqlite_url, url)).is_good
    async with office_again(url, left, ENCRYPTION_KEYS=other) as office:
        unopened = await office.command("/customer", "ABS001")
        assert "something is wrong with its set-up" in unopened.text.lower()
        assert "can see it in the log" in unopened.text
        assert (await office.install()).status_code == 200
        sealed = await office.command("/customer", "ABS001")
        assert "£" not in sealed.text
        assert "If they say that a key is lost, run `/sage connect`" in sealed.text
        await office.connect()
        assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
        assert "put on hold" in (await office.command("/sage", "subscriptions")).text.lower()
        assert "admin" in (await office.command("/sage", "roles")).text.lower()
    said = "\n".join((await the_record(url, other)).said)
    assert "no line was changed, but its end is sealed with a key that isn't in ENCRYPTION_KEYS" in said
    assert "✗ All: the count of all records is sealed with a key" in said


async def test_a_copy_with_another_key_says_what_does_not_open(connected_office, sqlite_url, tmp_path):
    copied = await moved(connected_office, sqlite_url, f"sqlite:///{tmp_path}/new.db", ENCRYPTION_KEYS=new_key())
    assert not copied.is_good
    assert "are opened by no key in ENCRYPTION_KEYS, here or in the old database" in copied.said[-1]


async def test_what_is_not_copied_is_one_line(connected_office, sqlite_url, tmp_path):
    office, new = connected_office, f"sqlite:///{tmp_path}/new.db"
    async with office.product.services.database.writing() as tx:
        await heartbeats.beat(tx, "worker:1", kind="worker", now=office.clock())
    refusals = {
        new: "A worker is running on DATABASE_URL",
        None: "Say where to: bot db copy sqlite:///FILE",
        "nonsense": "A worker is running",
    }
    for address, words in refusals.items():
        with pytest.raises(BadSettings, match=words) as refused:
            await moved(office, sqlite_url, address)
        assert len(refused.value.faults) == 1
    office.clock.forward(seconds=31)
    secret = "postgresql://app:not-shown@127.0.0.1:1/x"
    for address in ("sqlite:///:memory:", "sqlite:////dev/null/x.db", "nonsense", secret):
        with pytest.raises(BadSettings, match="NEW_DATABASE_URL") as refused:
            await moved(office, sqlite_url, address)
        assert "not-shown" not in str(refused.value)
    with pytest.raises(BadSettings, match="The new database isn't empty"):
        await moved(office, sqlite_url, sqlite_url)
    assert (await moved(office, sqlite_url, new)).is_good
