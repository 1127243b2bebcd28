"""Our client against a server that we did not write and that forgives nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import ClientRefused, GrantRefused
from bot.sage.auth import SageId
from tests.peers.strict_sage_id import FILES


@pytest.fixture
async def http():
    async with httpx.AsyncClient(verify=False) as client:
        yield client


@pytest.fixture
def sage_id(strict_sage_id, http):
    return client_of(strict_sage_id, http)


def client_of(peer, http):
    return SageId(
        http,
        base_url=peer.url,
        client_id=peer.client_id,
        client_secret=peer.client_secret,
        redirect_uri=peer.redirect_uri,
    )


async def approved(peer, sage_id):
    """The code of a finished sign-in, and the verifier it was asked with."""
    sign_in = sage_id.sign_in()
    back = await peer.approve(sign_in.url)
    assert back.params["state"] == sign_in.state
    return {"code": back.params["code"], "verifier": sign_in.verifier}


async def signed_in(peer, sage_id):
    return await sage_id.exchange(**await approved(peer, sage_id))


async def userinfo(peer, http, access):
    return await http.get(f"{peer.url}/userinfo", headers={"Authorization": f"Bearer {access}"})


@pytest.mark.parametrize("strict_sage_id", [{"access_token_seconds": 60}], indirect=True)
async def test_a_sign_in_becomes_a_pair_that_works(strict_sage_id, sage_id, http):
    tokens = await signed_in(strict_sage_id, sage_id)
    assert tokens.expires_in == 60
    assert (await userinfo(strict_sage_id, http, tokens.access)).json()["sub"] == "auth0|priya"
    assert strict_sage_id.counts() == {
        "token_posts": 1,
        "exchanges": 1,
        "refreshes": 0,
        "refusals": 0,
        "reuses": 0,
        "consumed": 0,
        "grants_revoked": 0,
    }


async def test_the_server_sends_a_link_without_a_challenge_back(strict_sage_id, sage_id):
    link = httpx.URL(sage_id.sign_in().url)
    bare = link.copy_remove_param("code_challenge").copy_remove_param("code_challenge_method")
    assert (await strict_sage_id.approve(str(bare))).params["error"] == "invalid_request"


async def test_a_code_asked_with_another_verifier_is_dead(strict_sage_id, sage_id):
    code = (await approved(strict_sage_id, sage_id))["code"]
    with pytest.raises(GrantRefused):
        await sage_id.exchange(code=code, verifier=sage_id.sign_in().verifier)


async def test_a_code_used_twice_is_dead_and_so_is_what_it_gave(strict_sage_id, sage_id):
    approval = await approved(strict_sage_id, sage_id)
    tokens = await sage_id.exchange(**approval)
    with pytest.raises(GrantRefused):
        await sage_id.exchange(**approval)
    with pytest.raises(GrantRefused):
        await sage_id.refresh(tokens.refresh)


async def test_twenty_renewals_in_a_row_never_use_a_token_twice(strict_sage_id, sage_id):
    tokens = await signed_in(strict_sage_id, sage_id)
    seen = {tokens.refresh}
    for _ in range(20):
        tokens = await sage_id.refresh(tokens.refresh)
        seen.add(tokens.refresh)
    counts = strict_sage_id.counts()
    assert len(seen) == 21
    assert (counts["token_posts"], counts["refreshes"], counts["consumed"]) == (21, 20, 20)
    assert (counts["refusals"], counts["reuses"], counts["grants_revoked"]) == (0, 0, 0)


async def test_an_old_token_is_a_dead_grant_and_takes_the_new_one_with_it(strict_sage_id, sage_id):
    first = await signed_in(strict_sage_id, sage_id)
    second = await sage_id.refresh(first.refresh)
    for refresh in (first.refresh, second.refresh):
        with pytest.raises(GrantRefused):
            await sage_id.refresh(refresh)
    counts = strict_sage_id.counts()
    assert (counts["refreshes"], counts["reuses"], counts["grants_revoked"]) == (1, 1, 1)


async def test_of_two_uses_at_once_the_second_ends_the_sign_in(strict_sage_id, sage_id):
    refresh = (await signed_in(strict_sage_id, sage_id)).refresh
    answers = await asyncio.gather(sage_id.refresh(refresh), sage_id.refresh(refresh), return_exceptions=True)
    assert {type(answer) for answer in answers} == {OAuthTokens, GrantRefused}
    counts = strict_sage_id.counts()
    assert (counts["reuses"], counts["grants_revoked"]) == (1, 1)


async def test_a_revoked_sign_in_is_a_dead_grant(strict_sage_id, sage_id, http):
    tokens = await signed_in(strict_sage_id, sage_id)
    assert await sage_id.revoke(tokens.refresh) is True
    with pytest.raises(GrantRefused):
        await sage_id.refresh(tokens.refresh)
    assert (await userinfo(strict_sage_id, http, tokens.access)).status_code == 401
    counts = strict_sage_id.counts()
    assert (counts["grants_revoked"], counts["reuses"]) == (1, 0)


@pytest.mark.parametrize("wrong", [{"client_secret": "not-the-secret"}, {"client_id": "nobody"}])
async def test_wrong_credentials_are_the_operators_fault_and_cost_nobody_their_sign_in(
    strict_sage_id, sage_id, http, wrong
):
    tokens = await signed_in(strict_sage_id, sage_id)
    misconfigured = client_of(replace(strict_sage_id, **wrong), http)
    with pytest.raises(ClientRefused):
        await misconfigured.refresh(tokens.refresh)
    with pytest.raises(ClientRefused):
        await misconfigured.exchange(**await approved(strict_sage_id, sage_id))
    assert await misconfigured.revoke(tokens.refresh) is False
    assert (await sage_id.refresh(tokens.refresh)).refresh != tokens.refresh


def test_the_lock_has_a_hash_for_every_package_and_names_no_registry():
    text = (FILES / "package-lock.json").read_text()
    libraries = {name: library for name, library in json.loads(text)["packages"].items() if name}
    assert len(libraries) >= 30
    assert [name for name, library in libraries.items() if not library["integrity"].startswith("sha512-")] == []
    assert "://" not in text
    assert "registry" not in text
