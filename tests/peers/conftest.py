"""A strict server for every test that asks for one; parametrize it indirectly with `running`'s settings."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.peers import strict_sage_id as peer


@pytest.fixture(scope="session")
def _strict_servers(tmp_path_factory):
    """Return what gives the server of some settings. Each is started once; nobody's sign-in is another's there."""
    peer.install()
    started: dict[tuple[tuple[str, object], ...], peer.StrictSageId] = {}
    with ExitStack() as stack:

        def of(**settings: object) -> peer.StrictSageId:
            key = tuple(sorted(settings.items()))
            if key not in started:
                running = peer.running(tmp_path_factory.mktemp("strict"), **settings)  # type: ignore[arg-type]
                started[key] = stack.enter_context(running)
            return started[key]

        yield of


@pytest.fixture
def strict_sage_id(request, _strict_servers):
    return _strict_servers(**getattr(request, "param", {})).counting_anew()
