"""A strict server for every test that asks for one; parametrize it indirectly with `running`'s settings."""

from __future__ import annotations

import pytest

from tests.peers import strict_sage_id as peer


@pytest.fixture(scope="session")
def _strict_sage_id_installed():
    peer.install()


@pytest.fixture
def strict_sage_id(request, tmp_path, _strict_sage_id_installed):
    with peer.running(tmp_path, **getattr(request, "param", {})) as running:
        yield running
