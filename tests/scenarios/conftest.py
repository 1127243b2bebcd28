"""Scenarios run on the embedded default; one of them on PostgreSQL too."""

from __future__ import annotations

import shutil

import pytest
import stamina

from tests.scenarios.furnished import furnished, read_ledger
from tests.scenarios.slack_app import office as open_office


@pytest.fixture
async def bare_office(sqlite_url, _furnished, tmp_path):
    """Nothing installed yet."""
    if _furnished is not None:
        shutil.copy(_furnished.database, tmp_path / "sage.db")
    async with open_office(sqlite_url) as opened:
        if _furnished is not None:
            _furnished.copy_to(opened)
        yield opened


@pytest.fixture
async def office(bare_office):
    """Installed in Acme by Priya, and in the other workspace by Oscar."""
    yield bare_office
    await bare_office.settle()


@pytest.fixture
def connected_office(office, connected):
    """Priya has connected as George, and so founded the workspace."""
    return office


@pytest.fixture
def read_office(connected_office):
    """Priya has connected, is the app's first admin, and the mirror has been read."""
    return connected_office


@pytest.fixture
def furnished_office(office):
    """As the test module's own `furnish(office)` leaves it."""
    return office


@pytest.fixture
def _furnished(request):
    """How far it has come before the test begins: that is done once, and copied."""
    of = {"furnished_office": "_furnished_by_module", "read_office": "_read_office"}
    of |= {"connected": "_connected_office", "office": "_installed_office"}
    made = next((made for name, made in of.items() if name in request.fixturenames), None)
    return made and request.getfixturevalue(made)


@pytest.fixture(scope="session")
def _installed_office(tmp_path_factory, _migrated_sqlite):
    async def install(office):
        await office.install("T0ACME")
        await office.install("T0OTHER")

    return furnished(tmp_path_factory.mktemp("installed"), begun=_migrated_sqlite, furnish=install)


@pytest.fixture(scope="session")
def _connected_office(tmp_path_factory, _installed_office):
    async def connect(office):
        _installed_office.copy_to(office)
        await office.connect()

    return furnished(tmp_path_factory.mktemp("connected"), begun=_installed_office.database, furnish=connect)


@pytest.fixture(scope="session")
def _read_office(tmp_path_factory, _connected_office):
    async def read(office):
        _connected_office.copy_to(office)
        await read_ledger(office)

    return furnished(tmp_path_factory.mktemp("read"), begun=_connected_office.database, furnish=read)


@pytest.fixture(scope="module")
def _furnished_by_module(request, tmp_path_factory, _installed_office):
    async def furnish(office):
        _installed_office.copy_to(office)
        await request.module.furnish(office)

    return furnished(tmp_path_factory.mktemp("module"), begun=_installed_office.database, furnish=furnish)


@pytest.fixture(autouse=True)
def _no_waiting_between_tries():
    with stamina.set_testing(True, attempts=1):
        yield
