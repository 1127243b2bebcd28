"""`bot web` and `bot worker` as processes of their own on PostgreSQL, as a hosting platform runs them."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from storage.cipher import Cipher, new_key
from tests.command_line import Serving
from tests.scenarios.operations.process import REPOSITORY, running
from tests.scenarios.operations.test_real_process import check_frozen, walk


def bot(environment, folder, *arguments, log="other.log"):
    return Serving(arguments, env=environment, cwd=folder, log=folder / log)


async def until(condition):
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.sleep(0.2)


@pytest.fixture
async def product(tmp_path, empty_postgresql_url):
    environment = {"DATABASE_URL": empty_postgresql_url, "PYTHONPATH": str(REPOSITORY), "PATH": ""}
    upgrade = bot(environment, tmp_path, "db", "upgrade")
    assert await upgrade.wait() == 0
    async with running(tmp_path, kind=("web",), DATABASE_URL=empty_postgresql_url) as started:
        yield started


async def test_the_worker_renews_and_tells_and_both_stop_gently(product, tmp_path, empty_postgresql_url):
    secrets: list[str] = []
    await walk(product.office, secrets)
    worker = bot(product.environment, tmp_path, "worker", log="worker.log")
    try:

        def tell(statement):
            with psycopg.connect(empty_postgresql_url, autocommit=True) as server:
                return server.execute(statement)

        before = len(refreshes(product))
        tell("UPDATE connections SET refresh_due_at = now(), access_expires_at = now() + interval '1 minute'")
        await until(lambda: len(refreshes(product)) > before)
        product.office.sage_id.revoke("george@example.test")
        tell("UPDATE connections SET refresh_due_at = now()")
        await until(lambda: any("has ended" in message.text for message in product.office.slack.messages))
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    assert await product.stop() == 0
    for log in (product.log, tmp_path / "worker.log"):
        check_frozen(log)
    office = product.office
    secrets += [*office.sage_id.grants._access, *office.sage_id.grants._refresh]
    written = (tmp_path / "worker.log").read_text() + product.log.read_text()
    assert [secret for secret in secrets if secret in written] == []


def refreshes(product):
    return [e for e in product.office.sage_id.token_log if e.grant_type == "refresh_token" and e.outcome == "issued"]


async def test_keys_are_rotated_while_it_serves(product, tmp_path, empty_postgresql_url):
    await walk(product.office, [])
    new = new_key()
    ring = {**product.environment, "ENCRYPTION_KEYS": f"{new},{product.environment['ENCRYPTION_KEYS']}"}
    rotate = bot(ring, tmp_path, "keys", "rotate", log="rotate.log")
    assert await rotate.wait() == 0, (tmp_path / "rotate.log").read_text()
    said = (tmp_path / "rotate.log").read_text()
    assert "not needed any more" in said
    assert new not in said
    with psycopg.connect(empty_postgresql_url) as server:
        sealed = [row[0] for row in server.execute("SELECT refresh_token_sealed FROM connections")]
    assert all(text.startswith(Cipher.from_text(new).prefix) for text in sealed)
