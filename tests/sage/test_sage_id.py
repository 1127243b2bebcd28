from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog
from starlette.responses import Response

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import (
    AppRefused,
    ClientRefused,
    GrantRefused,
    NoOfflineAccess,
    SageIdUnavailable,
    SignInDeclined,
    SignInFailed,
    SignInRefused,
)
from bot.sage.auth import TOKEN_TIMEOUT, SageId
from bot.sage.token_response import callback_refusal
from tests.sage.stand_in import StandIn, reply

PAIR = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 28800, "token_type": "Bearer"}
SECRETS = ("hush-hush", "the-code", "the-verifier", "access-1", "refresh-0", "refresh-1")


@asynccontextmanager
async def sage_id(answer, path="/oauth/token"):
    stand_in = StandIn({path: answer})
    async with stand_in.http() as http:
        yield of(http), stand_in


def of(http):
    return SageId(
        http,
        base_url="https://id.example/",
        client_id="client-1",
        client_secret="hush-hush",
        redirect_uri="https://bot.example/sage/callback",
    )


def link_of(sign_in):
    return httpx.URL(sign_in.url)


async def test_the_link_asks_for_exactly_what_sage_documents():
    async with httpx.AsyncClient(verify=False) as http:
        sign_in = of(http).sign_in()
    link = link_of(sign_in)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sign_in.verifier.encode()).digest()).decode().rstrip("=")
    assert (link.scheme, link.host, link.path) == ("https", "id.example", "/authorize")
    assert dict(link.params) == {
        "audience": "s200ukipd/sage200",
        "client_id": "client-1",
        "response_type": "code",
        "redirect_uri": "https://bot.example/sage/callback",
        "scope": "openid profile email offline_access",
        "state": sign_in.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert "+" not in sign_in.url


async def test_every_link_has_its_own_long_secrets():
    async with httpx.AsyncClient(verify=False) as http:
        links = [of(http).sign_in() for _ in range(20)]
    secrets = {link.state for link in links} | {link.verifier for link in links}
    assert len(secrets) == 40
    assert min(map(len, secrets)) >= 43


async def test_a_code_is_traded_for_a_pair_by_a_form():
    async with sage_id(reply(PAIR)) as (sage, stand_in):
        tokens = await sage.exchange(code="the-code", verifier="the-verifier")
    assert tokens == OAuthTokens("access-1", "refresh-1", 28800)
    assert stand_in.headers[0]["content-type"] == "application/x-www-form-urlencoded"
    assert stand_in.forms == [
        {
            "grant_type": "authorization_code",
            "code": "the-code",
            "code_verifier": "the-verifier",
            "redirect_uri": "https://bot.example/sage/callback",
            "client_id": "client-1",
            "client_secret": "hush-hush",
        }
    ]


async def test_a_refresh_token_is_traded_for_a_new_pair():
    async with sage_id(reply(PAIR)) as (sage, stand_in):
        assert await sage.refresh("refresh-0") == OAuthTokens("access-1", "refresh-1", 28800)
    assert stand_in.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-0",
            "redirect_uri": "https://bot.example/sage/callback",
            "client_id": "client-1",
            "client_secret": "hush-hush",
        }
    ]


async def test_an_answer_without_a_new_refresh_token_keeps_the_old_one():
    async with sage_id(reply({"access_token": "access-1", "expires_in": 60})) as (sage, _):
        assert await sage.refresh("refresh-0") == OAuthTokens("access-1", "refresh-0", 60)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (None, 600),
        (0, 600),
        (-1, 600),
        ("soon", 600),
        (True, 600),
        ("nan", 600),
        ("inf", 600),
        ([], 600),
        (0.5, 600),
        (1.5, 1),
        (60, 60),
        ("28800", 28800),
        (" 28800.0 ", 28800),
        (28800.0, 28800),
        (10**12, 30 * 24 * 3600),
        (10**400, 600),
    ],
)
async def test_a_pair_is_never_thrown_away_over_its_lifetime(said, taken):
    async with sage_id(reply({**PAIR, "expires_in": said})) as (sage, _):
        assert await sage.refresh("refresh-0") == OAuthTokens("access-1", "refresh-1", taken)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant"}, GrantRefused),
        (401, {"error": "invalid_grant"}, GrantRefused),
        (403, {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}, GrantRefused),
        (401, {"error": "invalid_client"}, ClientRefused),
        (400, {"error": "invalid_client"}, ClientRefused),
        (403, {"error": "unauthorized_client"}, ClientRefused),
        (401, {"error": "access_denied"}, ClientRefused),
        (403, {"error": "access_denied"}, SageIdUnavailable),
        (429, {"error": "too_many_requests"}, SageIdUnavailable),
        (429, {"error": "invalid_grant"}, SageIdUnavailable),
        (500, {"error": "invalid_grant"}, SageIdUnavailable),
        (503, {"error": "invalid_client"}, SageIdUnavailable),
        (400, {"error": ["invalid_grant"]}, SageIdUnavailable),
        (403, [], SageIdUnavailable),
        (302, {}, SageIdUnavailable),
        (200, [], SageIdUnavailable),
        (200, {}, SageIdUnavailable),
        (200, {"access_token": "access-1"}, NoOfflineAccess),
        (200, {**PAIR, "refresh_token": None}, NoOfflineAccess),
        (200, {**PAIR, "scope": "openid profile email"}, NoOfflineAccess),
        (200, {**PAIR, "token_type": "mac"}, SageIdUnavailable),
        (200, {**PAIR, "token_type": None}, SageIdUnavailable),
        (200, {**PAIR, "access_token": "two words"}, SageIdUnavailable),
        (200, {**PAIR, "access_token": "line\r\nX-Site: other"}, SageIdUnavailable),
        (200, {**PAIR, "refresh_token": 5}, SageIdUnavailable),
    ],
)
async def test_each_refusal_has_its_meaning(status, body, error):
    async with sage_id(reply(body, status)) as (sage, _):
        with pytest.raises(error) as raised:
            await sage.exchange(code="the-code", verifier="the-verifier")
    assert type(raised.value) is error
    assert "Unknown" not in str(raised.value)


@pytest.mark.parametrize("more", [{"scope": "openid offline_access"}, {"scope": ""}, {"token_type": "bearer"}])
async def test_a_first_pair_that_lasts_is_taken(more):
    async with sage_id(reply({**PAIR, **more})) as (sage, _):
        assert await sage.exchange(code="the-code", verifier="v") == OAuthTokens("access-1", "refresh-1", 28800)


async def test_a_refreshed_pair_is_kept_whatever_it_says_of_itself():
    """The pair before may be dead already."""
    async with sage_id(reply({**PAIR, "scope": "openid", "token_type": "mac"})) as (sage, _):
        assert await sage.refresh("refresh-0") == OAuthTokens("access-1", "refresh-1", 28800)


async def test_without_pkce_neither_the_link_nor_the_exchange_speaks_of_it():
    stand_in = StandIn({"/oauth/token": reply(PAIR)})
    async with stand_in.http() as http:
        sage = SageId(http, base_url="https://id.example", client_id="c", client_secret="s", redirect_uri="https://b.example",
                      uses_pkce=False)  # fmt: skip
        assert "challenge" not in sage.sign_in().url
        await sage.exchange(code="the-code", verifier="v")
    assert "code_verifier" not in stand_in.forms[0]


@pytest.mark.parametrize(
    ("error", "description", "kind"),
    [
        ("access_denied", "User did not authorize the request", SignInDeclined),
        ("access_denied", "", SignInDeclined),
        ("access_denied", "user is blocked", SignInRefused),
        ("unauthorized_client", "x", AppRefused),
        ("invalid_scope", "", AppRefused),
        ("invalid_request", "", AppRefused),
        ("unsupported_response_type", "", AppRefused),
        ("server_error", "", SignInFailed),
        ("temporarily_unavailable", "", SignInFailed),
        ("login_required", "", SignInRefused),
        ("<script>", "<script>", SignInRefused),
        ("", "", SignInRefused),
    ],
)
def test_a_callback_without_a_code_has_its_meaning(error, description, kind):
    refused = callback_refusal(error, description)
    assert type(refused) is kind
    assert "script" not in f"{refused}{refused.hint}"


@pytest.mark.parametrize("body", [b"", b"<html>sorry</html>", b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 403])
async def test_an_unreadable_answer_is_an_outage(status, body):
    async with sage_id(Response(body, status)) as (sage, _):
        with pytest.raises(SageIdUnavailable):
            await sage.refresh("refresh-0")


@pytest.mark.parametrize("answer", [reply({}, 500), reply({}, 429), reply({}, 302, location="https://evil.example/")])
async def test_a_renewal_is_posted_once_and_never_again(answer):
    async with sage_id(answer) as (sage, stand_in):
        with pytest.raises(SageIdUnavailable):
            await sage.refresh("refresh-0")
    assert len(stand_in.asked) == 1


async def test_a_closed_port_is_an_outage():
    async with httpx.AsyncClient(verify=False) as http:
        sage = SageId(http, base_url="http://127.0.0.1:9", client_id="c", client_secret="s", redirect_uri="r")
        with pytest.raises(SageIdUnavailable):
            await sage.refresh("refresh-0")


async def test_an_answer_that_takes_too_long_in_all_is_given_up():
    async def drip(request):
        await asyncio.sleep(60)

    async with httpx.AsyncClient(transport=httpx.MockTransport(drip)) as http:
        sage = SageId(
            http, base_url="https://id.example", client_id="c", client_secret="s", redirect_uri="r", timeout=0.05
        )
        with pytest.raises(SageIdUnavailable):
            await sage.refresh("refresh-0")


async def test_a_renewal_is_given_its_whole_time_whatever_the_shared_client_allows():
    allowed = []

    def note(request):
        allowed.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json=PAIR)

    async with httpx.AsyncClient(transport=httpx.MockTransport(note), timeout=1) as http:
        await of(http).refresh("refresh-0")
    assert allowed == [TOKEN_TIMEOUT]


async def test_one_persons_cookies_never_travel_with_the_next():
    async with sage_id(reply(PAIR, set_cookie="auth0=first-person; Path=/")) as (sage, stand_in):
        await sage.exchange(code="the-code", verifier="the-verifier")
        await sage.refresh("refresh-0")
    assert [headers.get("cookie") for headers in stand_in.headers] == [None, None]


async def test_revoking_sends_the_refresh_token():
    async with sage_id(Response(b""), "/oauth/revoke") as (sage, stand_in):
        assert await sage.revoke("refresh-0") is True
    assert stand_in.forms == [{"token": "refresh-0", "client_id": "client-1", "client_secret": "hush-hush"}]


@pytest.mark.parametrize("answer", [reply({}, 404), reply({"error": "invalid_client"}, 401), Response(b"", 503)])
async def test_a_failed_revocation_is_noted_and_nothing_more(answer):
    with structlog.testing.capture_logs() as log:
        async with sage_id(answer, "/oauth/revoke") as (sage, _):
            assert await sage.revoke("refresh-0") is False
    assert log[-1]["event"] == "sign-in not revoked"


async def test_no_secret_is_shown_or_logged(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    async with sage_id([reply(PAIR), reply({"error": "invalid_grant"}, 403)]) as (sage, _):
        tokens = await sage.exchange(code="the-code", verifier="the-verifier")
        with pytest.raises(GrantRefused) as refused:
            await sage.refresh("refresh-0")
        assert await sage.revoke("refresh-0") is False
        sign_in = sage.sign_in()
        shown = repr((tokens, sign_in, sage, refused.value)) + caplog.text + "".join(capsys.readouterr())
    assert "HTTP Request: POST https://id.example/oauth/token" in caplog.text
    assert not [secret for secret in (*SECRETS, sign_in.state, sign_in.verifier) if secret in shown]
