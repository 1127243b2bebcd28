"""A migrated database of its own for every test that asks: on both kinds, or on one of them."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import uuid
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
import pytest_asyncio
import stamina
from psycopg import sql

from bot.process import loop_factory
from storage.database import Database
from storage.migrations import upgrade
from tests.chromium import connected as browser_connected
from tests.chromium import end_chromium
from tests.connected_app import Desk, take_up
from tests.connected_app import desk as open_desk
from tests.dialects import share_compiled_statements
from tests.features.mirror.synced_companies import mirror_desk
from tests.postgres import postgres_server
from tests.restored import Restored
from tests.serving import run_in_loop

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 * 1024**3


def pytest_configure():
    """No test is timed, and what tests write goes to memory where there is room, unless TMPDIR says where.

    A database costs a fifth there. What a shell starts in the background ignores Ctrl-C, and so would the programs
    that tests start and end by it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    share_compiled_statements()
    gc.disable()
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    may_run_programs = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    if may_run_programs and shutil.disk_usage(_MEMORY).free >= _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_itemcollected(item):
    """Mark what needs a PostgreSQL server: a fixture of its own, or a kind of database that it is run on."""
    kinds = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if "_postgresql_server" in getattr(item, "fixturenames", ()) or any(kind == "postgresql" for kind in kinds):
        item.add_marker(pytest.mark.postgresql)


def pytest_asyncio_loop_factories():
    """The event loop that the product runs in, which takes half of the time of asyncio's own."""
    return {"product": loop_factory()}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes a minute begins first: begun last, it would be waited for, with every other worker idle."""
    # All that need a browser are among them, so that not every worker starts one.
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("browser", "first")))


def pytest_collection_finish():
    """What is imported and collected by now lives to the end: the collector need not look through it again."""
    gc.freeze()
    # A test leaves tens of thousands of objects: after each 700 new ones it took a fifteenth of all tests' time.
    gc.set_threshold(200_000, 20, 20)
    gc.enable()


def pytest_sessionfinish():
    end_chromium()


@pytest.fixture
def now():
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def pytest_addoption(parser):
    parser.addoption(
        "--databases",
        choices=("one", "both"),
        default="one",
        help="run tests above the storage on one kind of database each (half of them on either), or on both",
    )


def pytest_generate_tests(metafunc):
    """What is told of the storage is told on both kinds; what stands above it on one of them, by its name."""
    if "database_url" not in metafunc.fixturenames:
        return
    test = metafunc.definition
    kinds = ("sqlite", "postgresql")
    if alone := test.get_closest_marker("on"):
        kinds = alone.args
    elif metafunc.config.getoption("databases") == "one" and not test.nodeid.startswith("tests/storage/"):
        kinds = (kinds[zlib.crc32(test.nodeid.encode()) % 2],)
    metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture
def database_url(request):
    return request.getfixturevalue(f"{request.param}_url")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _browser():
    async with browser_connected():
        yield


@pytest.fixture
def no_waiting_between_tries():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
async def desk(request, database_url, no_waiting_between_tries):
    """The product with two workspaces installed, on both databases."""
    async with open_desk(database_url) as opened:
        template = _kind_of_template(request)
        if template != "installed":
            kind = "postgresql" if database_url.startswith("postgresql") else "sqlite"
            take_up(request.getfixturevalue(f"_{template}_desks")[kind], opened)
        yield opened


@pytest.fixture
def installed():
    """Before a test begins, two workspaces have installed the app; a desk begins there in any case."""


@pytest.fixture
def connected():
    """Before a test with a desk begins, Priya has connected as George, and so founded the first workspace."""


@pytest.fixture
def mirrored():
    """Before a test with a desk begins, Priya has connected as George, and the mirror of the company was read."""


@pytest.fixture
def prepared():
    """Before a test with a desk begins, its module's own `prepare(desk)` has been done."""


@pytest.fixture(scope="session")
def _connected_desks():
    """The desk where Priya had connected, by the kind of its database."""
    return {}


@pytest.fixture(scope="session")
def _mirrored_desks():
    """The desk whose company's mirror was read, by the kind of its database."""
    return {}


@pytest.fixture(scope="module")
def _prepared_desks():
    """The desk that the module had prepared, by the kind of its database."""
    return {}


@pytest.fixture
async def database(database_url):
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_url(request, tmp_path):
    shutil.copy(request.getfixturevalue(f"_{_kind_of_template(request)}_sqlite"), tmp_path / "sage.db")
    return f"sqlite:///{tmp_path / 'sage.db'}"


@pytest.fixture
async def sqlite_database(sqlite_url):
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def postgresql_url(request, _postgresql_server, _postgresql_databases):
    assert request.node.get_closest_marker("postgresql"), "-m 'not postgresql' wouldn't leave this test out"
    template = request.getfixturevalue(f"_{_kind_of_template(request)}_postgresql")
    name = _postgresql_databases.take(template)
    yield _within(_postgresql_server, name)
    _postgresql_databases.give_back(template, name)


@pytest.fixture
def empty_postgresql_url(request, _postgresql_server):
    assert request.node.get_closest_marker("postgresql"), "-m 'not postgresql' wouldn't leave this test out"
    name = _create(_postgresql_server, template="template0")
    yield _within(_postgresql_server, name)
    _drop(_postgresql_server, name)


def _kind_of_template(request) -> str:
    """A test with a desk begins where two workspaces have installed the app, or further on, as its fixtures say.

    That is done once, and copied.
    """
    if not {"desk", "installed"} & set(request.fixturenames):
        return "migrated"
    return next((kind for kind in ("prepared", "mirrored", "connected") if kind in request.fixturenames), "installed")


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "sage.db"
    run_in_loop(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def _installed_sqlite(tmp_path_factory, _migrated_sqlite):
    path = tmp_path_factory.mktemp("template") / "sage.db"
    shutil.copy(_migrated_sqlite, path)
    run_in_loop(_install(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def _connected_sqlite(tmp_path_factory, _installed_sqlite, _connected_desks):
    path = tmp_path_factory.mktemp("template") / "sage.db"
    shutil.copy(_installed_sqlite, path)
    _connected_desks["sqlite"] = run_in_loop(_prepare(f"sqlite:///{path}", _connect))
    return path


@pytest.fixture(scope="session")
def _mirrored_sqlite(tmp_path_factory, _installed_sqlite, _mirrored_desks):
    path = tmp_path_factory.mktemp("template") / "sage.db"
    shutil.copy(_installed_sqlite, path)
    _mirrored_desks["sqlite"] = run_in_loop(_prepare(f"sqlite:///{path}", _read_mirror))
    return path


@pytest.fixture(scope="module")
def _prepared_sqlite(request, tmp_path_factory, _installed_sqlite, _prepared_desks):
    path = tmp_path_factory.mktemp("template") / "sage.db"
    shutil.copy(_installed_sqlite, path)
    _prepared_desks["sqlite"] = run_in_loop(_prepare(f"sqlite:///{path}", request.module.prepare))
    return path


@pytest.fixture(scope="session")
def _postgresql_server():
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def _postgresql_databases(_postgresql_server):
    return Restored(
        create=lambda template: _create(_postgresql_server, template=template),
        drop=lambda name: _drop(_postgresql_server, name),
        address=lambda name: _within(_postgresql_server, name),
    )


@pytest.fixture(scope="session")
def _migrated_postgresql(_postgresql_server, _postgresql_databases):
    name = _create(_postgresql_server, template="template0")
    run_in_loop(_migrate(_within(_postgresql_server, name)))
    yield name
    _postgresql_databases.forget(name)
    _drop(_postgresql_server, name)


@pytest.fixture(scope="session")
def _installed_postgresql(_postgresql_server, _postgresql_databases, _migrated_postgresql):
    name = _create(_postgresql_server, template=_migrated_postgresql)
    run_in_loop(_install(_within(_postgresql_server, name)))
    yield name
    _postgresql_databases.forget(name)
    _drop(_postgresql_server, name)


@pytest.fixture(scope="session")
def _connected_postgresql(_postgresql_server, _postgresql_databases, _installed_postgresql, _connected_desks):
    name = _create(_postgresql_server, template=_installed_postgresql)
    _connected_desks["postgresql"] = run_in_loop(_prepare(_within(_postgresql_server, name), _connect))
    yield name
    _postgresql_databases.forget(name)
    _drop(_postgresql_server, name)


@pytest.fixture(scope="session")
def _mirrored_postgresql(_postgresql_server, _postgresql_databases, _installed_postgresql, _mirrored_desks):
    name = _create(_postgresql_server, template=_installed_postgresql)
    _mirrored_desks["postgresql"] = run_in_loop(_prepare(_within(_postgresql_server, name), _read_mirror))
    yield name
    _postgresql_databases.forget(name)
    _drop(_postgresql_server, name)


@pytest.fixture(scope="module")
def _prepared_postgresql(request, _postgresql_server, _postgresql_databases, _installed_postgresql, _prepared_desks):
    name = _create(_postgresql_server, template=_installed_postgresql)
    _prepared_desks["postgresql"] = run_in_loop(_prepare(_within(_postgresql_server, name), request.module.prepare))
    yield name
    _postgresql_databases.forget(name)
    _drop(_postgresql_server, name)


async def _install(url: str) -> None:
    async with open_desk(url):
        pass


async def _connect(desk: Desk) -> None:
    await desk.connect(desk.asker())


async def _read_mirror(desk: Desk) -> None:
    assert await (await mirror_desk(desk)).sync()


async def _prepare(url: str, prepare: Callable[[Desk], Awaitable[None]]) -> Desk:
    with stamina.set_testing(True, attempts=1):
        async with open_desk(url) as opened:
            await prepare(opened)
            return opened


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()


def _within(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _create(server: str, *, template: str) -> str:
    name = f"sage200_{uuid.uuid4().hex}"
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    if (
        "TEST_DATABASE_URL" not in os.environ
    ):  # ours writes to memory: copying the files is half the work of logging them
        command += sql.SQL(" STRATEGY FILE_COPY")
    _tell(server, command)
    return name


def _drop(server: str, name: str) -> None:
    _tell(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _tell(server: str, command: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command)
