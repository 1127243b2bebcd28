"""The record: nobody changes a line, takes one out or makes one up without being found out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.channel import Channel
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Role
from bot.features.audit.model.hash_chain import ACCESS, CHANGES, AuditLine, ChainHead, next_link
from bot.features.audit.service.heads import HEAD, Head, audit_row
from bot.features.audit.service.log import AuditLog, _columns
from bot.features.audit.service.verifier import AuditVerifier
from bot.operations.key_rotation import reseal
from storage.cipher import Cipher, new_key
from storage.queries import audit as rows
from storage.queries.access import roles
from storage.queries.alerts import subscriptions
from storage.tables.access import HANDOVER_ASKED
from tests.connected_app import KEY
from tests.connected_app import desk as open_desk
from tests.features.connections.test_workspace_connection import grant

ROW = "workspace_id = :w and number = 2"
# By the table that PostgreSQL wants to hear of; one of SQLite's is part of another there.
TRIGGERS = {
    "audit_entries_stay": "audit_entries",
    "audit_entries_remain": "",
    "audit_heads_remain": "audit_heads",
    "audit_heads_go_on": "audit_heads",
}
EMPTY = ("delete from audit_entries where workspace_id = :w", "delete from audit_heads where workspace_id = :w")
FORGOTTEN = "delete from audit_heads where id = 'all'"


@pytest.fixture
async def acme(desk):
    """Three lines in the first workspace's record, two in the other's: an installation is the first of each."""
    await write(desk, "T0ACME", 2)
    await write(desk, "T0OTHER", 1)
    return desk


async def write(desk, team, count):
    workspace_id = desk.workspaces[team]
    for number in range(count):
        line = AuditLine(desk.clock(), "U0PRIYA", "hold", f"ABS00{number} Ünïcode 😀", "not on hold", "on hold: why")
        async with desk.services.database.transaction() as tx:
            await desk.services.audit.record(tx, line, workspace_id=workspace_id)
        desk.clock.forward(seconds=1.234567)


def verifier(desk, cipher=None):
    return AuditVerifier(database=desk.services.database, cipher=cipher or Cipher.from_text(KEY))


async def broken(desk, cipher=None):
    found = await verifier(desk, cipher).verify()
    names = {workspace_id: team for team, workspace_id in desk.workspaces.items()}
    assert found.is_good == (not found.lost and all(each.broken is None for each in found.chains))
    worst = sorted(found.chains, key=lambda each: each.broken is not None)
    return {names[each.workspace_id]: each.broken for each in worst}


async def tamper(desk, statement, *, triggers=True, **given):
    """As whoever owns the database could."""
    off = {
        "sqlite": [f"drop trigger if exists {each}" for each in TRIGGERS],
        "postgresql": [f"alter table {table} disable trigger {each}" for each, table in TRIGGERS.items() if table],
    }
    async with desk.services.database.transaction() as tx:
        for each in off[desk.services.database.dialect] if triggers else ():
            await tx.execute(text(each))
        await tx.execute(text(statement), {"w": desk.workspaces["T0ACME"], **given})


async def test_as_written_it_holds(acme):
    assert await broken(acme) == {"T0ACME": None, "T0OTHER": None}


@pytest.mark.parametrize(
    "statement",
    [
        f"update audit_entries set after = 'x' where {ROW}",
        f"delete from audit_entries where {ROW}",
        "delete from audit_entries",
        "delete from audit_heads",
        "update audit_heads set number = 2 where workspace_id = :w",
        "update audit_heads set hash = 'x' where workspace_id = :w",
        "update audit_heads set workspace_id = 'x' where workspace_id = :w",
        "update audit_heads set removed = 4 where workspace_id = :w",
        "update audit_heads set roll = 3 where workspace_id = :w",
        "delete from workspaces where id = :w",
    ],
)
async def test_the_database_itself_refuses(acme, statement):
    with pytest.raises(DBAPIError, match="never changed"):
        await tamper(acme, statement, triggers=False)
    assert (await broken(acme))["T0ACME"] is None


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        (f"update audit_entries set after = 'x' where {ROW}", 2),
        (f"update audit_entries set who = 'U0ANNA' where {ROW}", 2),
        (f"delete from audit_entries where {ROW}", 2),
        ("delete from audit_entries where workspace_id = :w and number = 1", 1),
        ("delete from audit_entries where workspace_id = :w and number = 3", 3),
        ("delete from audit_entries where workspace_id = :w", 1),
        ("update audit_entries set hash = previous_hash where workspace_id = :w and number = 3", 3),
        ("update audit_heads set number = 2 where workspace_id = :w", 3),
        ("delete from audit_heads where workspace_id = :w", 1),
        ("update audit_heads set head_sealed = 'v1.x.y' where workspace_id = :w", 4),
    ],
)
async def test_who_gets_round_it_is_found_out(acme, statement, number):
    await tamper(acme, statement)
    assert await broken(acme) == {"T0ACME": number, "T0OTHER": None}


async def sealed_by(cipher, desk, **columns):
    """The head of T0ACME's changes with these columns, sealed with another key."""
    which = f"{desk.workspaces['T0ACME']}.{CHANGES}"
    async with desk.services.database.reading() as tx:
        row = await rows.head(tx, which)
    end = ChainHead(columns["number"], columns["hash"])
    text = replace(Head.of(row), end=end).text
    return cipher.seal(text, workspace_id=row.workspace_id, column=HEAD, owner=which)


async def test_a_chain_made_anew_without_the_key_ends_elsewhere(acme):
    """Whoever may write to the database, but has no key, deletes the last line and seals the end as they can."""
    cipher = Cipher.from_text(new_key())
    forger = AuditLog(cipher=cipher)
    await tamper(acme, "delete from audit_entries where workspace_id = :w and number = 3")
    async with acme.services.database.reading() as tx:
        [_, second] = await rows.page(tx, workspace_id=acme.workspaces["T0ACME"], chain=CHANGES)
    await tamper(
        acme,
        "update audit_heads set number = 2, hash = :hash, head_sealed = :sealed where workspace_id = :w",
        triggers=False,
        hash=second.hash,
        sealed=await sealed_by(cipher, acme, number=2, hash=second.hash),
    )
    line = AuditLine(acme.clock(), "U0PRIYA", "release", "ABS001", "on hold", "not on hold")
    async with acme.services.database.transaction() as tx:
        await forger.record(tx, line, workspace_id=acme.workspaces["T0ACME"])
    assert (await broken(acme, cipher))["T0ACME"] is None
    assert (await broken(acme))["T0ACME"] == 4


async def test_what_was_forged_is_not_sealed_with_the_next_line(acme):
    """A chain needs no key: without a look at the seal, the app itself would vouch for what it goes on from."""
    async with acme.services.database.reading() as tx:
        *_, last = map(audit_row, await rows.page(tx, workspace_id=acme.workspaces["T0ACME"], chain=CHANGES))
    forged = next_link(
        ChainHead(2, last.previous_hash), replace(last.line, after="x"), workspace_id=acme.workspaces["T0ACME"]
    )
    changed = {"hash": forged.hash, "triggers": False}
    await tamper(acme, "select 1 where :w = ''")
    await tamper(acme, f"update audit_entries set after = 'x', hash = :hash where {ROW[:-1]}3", **changed)
    await tamper(acme, "update audit_heads set hash = :hash where workspace_id = :w", **changed)
    assert (await broken(acme))["T0ACME"] == 4
    await write(acme, "T0ACME", 2)
    assert (await broken(acme))["T0ACME"] == 6
    assert len(await acme.services.audit_reader.read(await acme.session(await admin(acme)), "hold")) == 4


async def test_an_emptied_record_is_missed_and_not_born_again(acme):
    for each in EMPTY:
        await tamper(acme, each)
    assert (await broken(acme)) == {"T0ACME": 1, "T0OTHER": None}
    assert "it has no record" in await said(acme, "T0ACME")
    await write(acme, "T0ACME", 1)
    assert "isn't the installation" in await said(acme, "T0ACME")
    await tamper(acme, EMPTY[1])
    assert "the end of its record is gone" in await said(acme, "T0ACME")


async def test_a_record_begun_anew_by_whoever_owns_the_database_leaves_a_gap(acme):
    """The app itself writes the first line and it is an installation, but the count of all records has one more."""
    for each in EMPTY:
        await tamper(acme, each)
    await record(acme, "T0ACME", AuditLine(acme.clock(), "U0PRIYA", "install", "Acme", "", "installed"))
    found = await verifier(acme).verify()
    assert [each.broken for each in found.chains] == [None, None]
    assert not found.is_good
    assert "✗ All: a record that began is missing" in found.said[-1]
    # Nor does it help to take the count away as well.
    await tamper(acme, FORGOTTEN)
    assert not (await verifier(acme).verify()).is_good
    await tamper(acme, EMPTY[0])
    await tamper(acme, EMPTY[1])
    await record(acme, "T0ACME", AuditLine(acme.clock(), "U0PRIYA", "install", "Acme", "", "installed"))
    assert not (await verifier(acme).verify()).is_good


SAVED = ("workspaces", "companies", "member_roles", "connections")


async def test_a_workspace_deleted_and_put_back_with_its_rows(acme):
    """Nobody's trigger is dropped and no key is known: everything but the record comes back as it was."""
    kept = await save(acme)
    with pytest.raises(DBAPIError, match="never changed"):
        await tamper(acme, "delete from workspaces where id = :w", triggers=False)
    assert (await broken(acme))["T0ACME"] is None
    # Without the rule between the tables nothing is deleted in a workspace's wake; with it, the record must say first
    # that it is closed, which takes the key.
    closed = "update audit_heads set closed_at = '2026-03-02 09:00:00+00:00' where workspace_id = :w"
    await tamper(acme, closed, triggers=False)
    await tamper(acme, "delete from workspaces where id = :w", triggers=False)
    assert "✗ A deleted workspace" in await said(acme, "T0ACME")
    await put_back(acme, kept)
    assert "closed when the workspace was deleted" in await said(acme, "T0ACME")
    assert not (await verifier(acme).verify()).is_good
    with pytest.raises(DBAPIError, match="never changed"):
        await write(acme, "T0ACME", 1)


async def test_the_app_deletes_no_record_for_who_only_says_that_it_was_uninstalled(acme):
    await tamper(
        acme, "update workspaces set uninstalled_at = '2020-01-01 00:00:00+00:00' where id = :w", triggers=False
    )
    await acme.services.installations.clear_away(now=acme.clock())
    assert (await broken(acme)) == {"T0ACME": None, "T0OTHER": None}
    # Nor with a line that says so: it is not sealed.
    async with acme.services.database.reading() as tx:
        row = await rows.head(tx, f"{acme.workspaces['T0ACME']}.{CHANGES}")
    line = AuditLine(datetime(2020, 1, 1, tzinfo=UTC), "", "uninstall", "Acme", "installed", "uninstalled")
    link = next_link(ChainHead(row.number, row.hash), line, workspace_id=row.workspace_id)
    async with acme.services.database.transaction() as tx:
        await rows.add(tx, [_columns(link, row.workspace_id)])
        await rows.move_head(tx, row.id, sealed=None, number=link.number, hash=link.hash)
    await acme.services.installations.clear_away(now=acme.clock())
    assert (await broken(acme))["T0ACME"] == 5


async def save(desk):
    kept = {}
    async with desk.services.database.reading() as tx:
        for table in SAVED:
            where = "id" if table == "workspaces" else "workspace_id"
            found = await tx.execute(
                text(f"select * from {table} where {where} = :w"), {"w": desk.workspaces["T0ACME"]}
            )
            kept[table] = [dict(row._mapping) for row in found]
    return kept


async def put_back(desk, kept):
    async with desk.services.database.transaction() as tx:
        for table, found in kept.items():
            for row in found:
                columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
                await tx.execute(text(f"insert into {table} ({columns}) values ({values})"), row)


async def record(desk, team, line):
    async with desk.services.database.transaction() as tx:
        await desk.services.audit.record(tx, line, workspace_id=desk.workspaces[team])


@pytest.mark.on("postgresql")  # which alone has TRUNCATE
async def test_postgresql_refuses_to_truncate(acme):
    for each in ("audit_entries", "audit_heads", "workspaces cascade"):
        with pytest.raises(DBAPIError, match="never changed"):
            await tamper(acme, f"truncate {each}", triggers=False)


async def test_an_installation_is_recorded_and_the_same_again_is_not(desk):
    await desk.install("T0ACME", installed_by="U0GEORGE")
    await desk.install("T0ACME", installed_by="U0PRIYA")
    await desk.services.installations.uninstall("T0ACME", now=desk.clock())
    await desk.install("T0ACME", installed_by="U0GEORGE")
    lines = [
        kept.line for kept in await desk.services.audit_reader.read(await desk.session(await admin(desk)), "install")
    ]
    assert [(line.who, line.what, line.before, line.after) for line in reversed(lines)] == [
        ("U0PRIYA", "Acme", "", "installed"),
        ("U0GEORGE", "Acme", "installed", "installed"),
        ("", "Acme", "installed", "uninstalled"),
        ("U0GEORGE", "Acme", "uninstalled", "installed"),
    ]


async def test_many_at_once_make_one_chain(acme):
    await asyncio.gather(*(write(acme, "T0ACME", 1) for _ in range(8)))
    assert await broken(acme) == {"T0ACME": None, "T0OTHER": None}
    assert len(await acme.services.audit_reader.read(await acme.session(await admin(acme)), "")) == 11


async def test_what_fails_is_not_recorded(acme):
    async def fail():
        async with acme.services.database.transaction() as tx:
            line = AuditLine(acme.clock(), "U0PRIYA", "hold", "x")
            await acme.services.audit.record(tx, line, workspace_id=acme.workspaces["T0ACME"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert len(await acme.services.audit_reader.read(await acme.session(await admin(acme)), "")) == 3


async def said(desk, team):
    found = await verifier(desk).verify()
    return next(each.said for each in found.chains if each.workspace_id == desk.workspaces[team])


async def test_it_goes_with_its_workspace_and_says_so(acme):
    await acme.services.installations.uninstall("T0ACME", now=acme.clock())
    acme.clock.forward(days=8)
    await acme.services.installations.clear_away(now=acme.clock())
    async with acme.services.database.reading() as tx:
        left = await tx.scalar(text("select count(*) from audit_entries"))
    assert left == 2
    assert (await verifier(acme).verify()).is_good
    assert "✓ A deleted workspace" in await said(acme, "T0ACME")
    assert "deleted with its workspace on 2026-03-10, 4 lines" in await said(acme, "T0ACME")


async def test_the_oldest_months_go_and_the_chain_stays_whole(acme):
    await acme.services.audit_retention.clear_away(now=acme.clock())
    assert (await broken(acme)) == {"T0ACME": None, "T0OTHER": None}
    acme.clock.forward(days=400)
    await access(acme, 2)
    acme.clock.forward(days=2557 - 100)
    await write(acme, "T0ACME", 1)
    assert await acme.services.audit_retention.clear_away(now=acme.clock()) == 3 + 2 + 2
    assert await acme.services.audit_retention.clear_away(now=acme.clock()) == 0
    assert (await verifier(acme).verify()).is_good
    assert "3 lines earlier removed by retention" in await said(acme, "T0ACME")
    await tamper(
        acme, "update audit_heads set removed = 4 where workspace_id = :w and chain = 'changes'", triggers=False
    )
    await tamper(acme, "delete from audit_entries where number = 4 and workspace_id = :w", triggers=False)
    assert (await broken(acme))["T0ACME"] is not None


async def test_what_was_tampered_with_is_not_removed(acme):
    await tamper(acme, f"update audit_entries set after = 'x' where {ROW}")
    acme.clock.forward(days=3000)
    await acme.services.audit_retention.clear_away(now=acme.clock())
    assert (await broken(acme))["T0ACME"] == 2


async def access(desk, count):
    line = AuditLine(desk.clock(), "U0PRIYA", "read", "ABS001")
    async with desk.services.database.transaction() as tx:
        await desk.services.audit.record_all(tx, [line] * count, workspace_id=desk.workspaces["T0ACME"], chain=ACCESS)


async def admin(desk):
    await grant(desk, "U0PRIYA", "admin")
    return desk.asker()


async def test_admins_read_all_controllers_their_own_and_others_nothing(acme):
    await grant(acme, "U0GEORGE", "controller")
    assert len(await acme.services.audit_reader.read(await acme.session(await admin(acme)), "")) == 3
    assert await acme.services.audit_reader.read(await acme.session("U0GEORGE"), "") == []
    await acme.services.settings.change(await acme.session(), "trust-copy 1h")
    [line] = await acme.services.audit_reader.read(await acme.session(), "trust-copy")
    assert (line.line.action, line.line.before, line.line.after) == ("change setting", "24h", "1h")
    assert await acme.services.audit_reader.read(await acme.session(), "trust-copy nonsense") == []
    await grant(acme, "U0ANNA", "sales")
    for user in ("U0ANNA", "U0NOBODY"):
        with pytest.raises(NotAllowed):
            await acme.services.audit_reader.read(await acme.session(user), "")


async def test_connecting_roles_and_the_rest_are_recorded(desk):
    priya, george = desk.asker(), desk.asker("U0GEORGE")
    await desk.connect(priya)
    await desk.services.roles.give(await desk.session(priya), george, Role.VIEWER)
    await desk.connect(george)
    await desk.services.succession.offer(await desk.session(priya), george, HANDOVER_ASKED)
    await desk.services.succession.accept(await desk.session(george), HANDOVER_ASKED)
    await desk.services.connections.disconnect(await desk.session(george))
    lines = [kept.line for kept in await desk.services.audit_reader.read(await desk.session(priya), "")]
    assert [(line.who, line.action) for line in reversed(lines)] == [
        ("U0PRIYA", "install"),
        ("U0PRIYA", "connect"),
        ("U0PRIYA", "choose company"),
        ("U0PRIYA", "found the workspace"),
        ("U0PRIYA", "change role"),
        ("U0GEORGE", "connect"),
        ("U0GEORGE", "choose company"),
        ("U0PRIYA", "offer"),
        ("U0GEORGE", "accept hand-over"),
        ("U0GEORGE", "disconnect"),
    ]
    said = " ".join(f"{line.what} {line.before} {line.after}" for line in lines)
    assert "token" not in said
    assert "@example.test" not in said


async def test_subscriptions_are_recorded_as_they_stood(desk):
    priya, george = desk.asker(), desk.asker("U0GEORGE")
    await desk.connect(priya)
    await desk.services.roles.give(await desk.session(priya), george, Role.CONTROLLER)
    service, given = desk.services.subscriptions, {"here": "", "look": in_channel}
    await service.create(await desk.session(priya), "holds in <#C0SALES>", **given)
    await service.edit(await desk.session(priya), 1, "holds,releases in <#C0SALES>", **given)
    await service.edit(await desk.session(priya), 1, "holds,releases in <#C0SALES>", **given)
    await service.pause(await desk.session(priya), 1)
    await service.resume(await desk.session(priya), 1)
    await service.mute(await desk.session(priya), 1, until=desk.clock() + timedelta(days=1))
    await service.mute(await desk.session(priya), 1, until=None)
    await service.hand_over(await desk.session(priya), 1, to=george)
    await service.remove(await desk.session(george), 1)
    lines = [kept.line for kept in await desk.services.audit_reader.read(await desk.session(priya), "subscription 1")]
    one, both = "holds in C0SALES", "holds,releases in C0SALES"
    assert [(line.who, line.action, line.before, line.after) for line in reversed(lines)] == [
        ("U0PRIYA", "subscribe", "", f"U0PRIYA: {one}"),
        ("U0PRIYA", "change a subscription", f"U0PRIYA: {one}", f"U0PRIYA: {both}"),
        ("U0PRIYA", "pause a subscription", f"U0PRIYA: {both}", f"U0PRIYA, paused in Slack: {both}"),
        ("U0PRIYA", "resume a subscription", f"U0PRIYA, paused in Slack: {both}", f"U0PRIYA: {both}"),
        ("U0PRIYA", "mute a subscription", f"U0PRIYA: {both}", f"U0PRIYA, muted until 2026-03-03 09:00 UTC: {both}"),
        ("U0PRIYA", "mute a subscription", f"U0PRIYA, muted until 2026-03-03 09:00 UTC: {both}", f"U0PRIYA: {both}"),
        ("U0PRIYA", "hand over a subscription", f"U0PRIYA: {both}", f"U0GEORGE: {both}"),
        ("U0GEORGE", "unsubscribe", f"U0GEORGE: {both}", ""),
    ]


async def in_channel(channel_id):
    return Channel(channel_id, is_member=True)


async def test_keys_can_be_changed(acme):
    fresh = Cipher.from_text(f"{new_key()},{KEY}")
    await reseal(acme.services.database, fresh, progress=lambda *_: None)
    assert await broken(acme, fresh) == {"T0ACME": None, "T0OTHER": None}


@pytest.fixture
async def on_postgres(postgresql_url):
    """SQLite has one writer at a time, so nobody there holds what another waits for."""
    async with open_desk(postgresql_url) as opened:
        yield opened


@pytest.mark.parametrize("hold", [roles.lock, partial(subscriptions._next_numbers, many=1)])
async def test_a_line_does_not_wait_for_whoever_holds_the_workspace(on_postgres, hold):
    """They may want the record's end in turn, which whoever writes the line holds already."""
    workspace_id = on_postgres.workspaces["T0ACME"]
    async with on_postgres.services.database.transaction() as tx:
        await hold(tx, workspace_id=workspace_id)
        async with asyncio.timeout(10):
            await write(on_postgres, "T0ACME", 1)
    assert (await broken(on_postgres))["T0ACME"] is None


async def test_two_who_write_the_first_line_take_turns(on_postgres):
    database, audit, line = (
        on_postgres.services.database,
        on_postgres.services.audit,
        AuditLine(on_postgres.clock(), "", "read", "y"),
    )
    workspace_id = on_postgres.workspaces["T0ACME"]
    async with database.transaction() as tx:
        await audit.record_all(tx, [line], workspace_id=workspace_id, chain=ACCESS)
        other = asyncio.create_task(_record(database, audit, line, workspace_id))
        await asyncio.sleep(0.3)
    await other
    found = await verifier(on_postgres).verify()
    assert found.is_good
    assert [(each.lines, each.broken) for each in found.chains if each.chain == ACCESS] == [(2, None)]


async def _record(database, audit, line, workspace_id):
    async with database.transaction() as tx:
        await audit.record_all(tx, [line], workspace_id=workspace_id, chain=ACCESS)
