"""The strict third-party server never sees a refresh token twice, and never revokes us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import ReconnectNeeded
from tests.connected_app import PUBLIC_URL
from tests.features.tokens.token_store import connected

STRICT = {"redirect_uri": f"{PUBLIC_URL}/sage/callback", "access_token_seconds": 600}


@pytest.fixture
async def vault(database_url, strict_sage_id):
    async def allow(url: str) -> dict[str, str]:
        return dict((await strict_sage_id.approve(url)).params)

    environment = {"SAGE_ID_URL": strict_sage_id.url, "SAGE_API_URL": "http://127.0.0.1:9/sage-api"}
    async with connected(database_url, environment, allow) as opened:
        yield opened


@pytest.mark.parametrize("strict_sage_id", [STRICT], indirect=True)
async def test_fifty_callers_in_two_processes_are_one_refresh_each_time(vault, strict_sage_id):
    for _ in range(3):
        renewers = [await vault.renewer(25), await vault.renewer(25)]
        await vault.age()
        for renewer in renewers:
            renewer.go()
        first, second = [await renewer.answers() for renewer in renewers]
        assert first == second
        assert list(first.values()) == [25]
    counts = strict_sage_id.counts()
    assert (counts["refreshes"], counts["consumed"]) == (3, 3)
    assert (counts["reuses"], counts["grants_revoked"], counts["refusals"]) == (0, 0, 0)


@pytest.mark.parametrize("strict_sage_id", [STRICT], indirect=True)
async def test_the_worker_and_a_request_at_once_are_one_refresh(vault, strict_sage_id):
    await vault.age()
    ((workspace_id, connection_id, version),) = await vault.product.services.sage_tokens.due(most=5)
    renewer = await vault.renewer(5)
    renewer.go()
    await vault.product.services.sage_tokens.refresh(
        workspace_id=workspace_id, connection_id=connection_id, version=version
    )
    assert list((await renewer.answers()).values()) == [5]
    assert strict_sage_id.counts()["refreshes"] == 1


@pytest.mark.parametrize("strict_sage_id", [STRICT], indirect=True)
async def test_a_sign_in_revoked_there_is_the_end_at_once(vault, strict_sage_id):
    row = await vault.row()
    sage_tokens = vault.product.services.sage_tokens
    refresh = sage_tokens.open(
        row.refresh_token_sealed, "connections.refresh_token", workspace_id=row.workspace_id, user_id=row.user_id
    )
    assert await sage_tokens.sage_id.revoke(refresh)
    await vault.age()
    with pytest.raises(ReconnectNeeded):
        await vault.token()
    assert await vault.notices() == ["sign_in_ended"]
    assert (await vault.row()).state_since > datetime.now(UTC) - timedelta(minutes=1)
