"""The simulated Sage ID: codes, tokens, rotation, and how they die."""

import base64
import json
from typing import Any

import pytest

from tests.sandbox.sage.fixtures import BACK, CLIENT, GEORGE, PRIYA, Sandbox, send

DEAD = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}


async def test_a_code_becomes_a_pair_of_tokens():
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    assert tokens.keys() == {"access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type"}
    assert (tokens["expires_in"], tokens["token_type"]) == (28800, "Bearer")
    assert tokens["scope"] == "openid profile email offline_access"
    assert sandbox.sign_in.person_for(tokens["access_token"]) is sandbox.sign_in.people[PRIYA]


async def test_the_id_token_names_the_person():
    claims = (await Sandbox().tokens(GEORGE))["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (claims["email"], claims["name"], claims["aud"]) == (GEORGE, "George Hall", CLIENT["client_id"])


async def test_tokens_are_not_to_be_stored_on_the_way():
    sandbox = Sandbox()
    assert (await sandbox.redeem(await sandbox.code())).headers["cache-control"] == "no-store"


async def test_a_second_use_of_a_code_is_refused_and_kills_what_the_first_gave():
    sandbox = Sandbox()
    code = await sandbox.code()
    tokens = (await sandbox.redeem(code)).json()
    assert (await sandbox.redeem(code)).json()["error"] == "invalid_grant"
    assert (await sandbox.renew(tokens["refresh_token"])).json() == DEAD


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 403)])
async def test_a_code_lives_for_a_minute(seconds, status):
    sandbox = Sandbox()
    code = await sandbox.code()
    sandbox.clock.advance(seconds)
    assert (await sandbox.redeem(code)).status_code == status


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://app.example.test/other"},
        {"code_verifier": "not-the-verifier-that-made-the-challenge-000"},
        {"code_verifier": None},
        {"code": "never-given"},
    ],
)
async def test_a_code_with_the_wrong_company_is_refused(changes):
    sandbox = Sandbox()
    answer = await sandbox.redeem(**{"code": await sandbox.code(), **changes})
    assert answer.status_code == 403
    assert answer.json()["error"] == "invalid_grant"


async def test_a_failed_attempt_spends_the_code():
    sandbox = Sandbox()
    code = await sandbox.code()
    await sandbox.redeem(code, code_verifier=None)
    assert (await sandbox.redeem(code)).status_code == 403


async def test_pkce_may_be_left_out_but_not_half_of_it():
    sandbox = Sandbox()
    without: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
    assert (await sandbox.redeem(await sandbox.code(**without), code_verifier=None)).status_code == 200
    assert (await sandbox.redeem(await sandbox.code(**without))).status_code == 403


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"client_secret": "wrong"}, {"client_secret": None}])
async def test_bad_client_credentials_are_refused_and_spend_nothing(changes):
    sandbox = Sandbox()
    code = await sandbox.code()
    refused = await sandbox.redeem(code, **changes)
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})
    assert (await sandbox.redeem(code)).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code", "redirect_uri": BACK}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_request"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "redirect_uri": "https://evil.example"},
            "invalid_request",
        ),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ["password", "password"]}, "invalid_request"),
    ],
)
async def test_a_token_request_that_lacks_something_is_refused(form, error):
    assert (await Sandbox().token(**form)).json()["error"] == error


async def test_a_token_request_must_be_form_encoded():
    sandbox = Sandbox()
    answer = await send(sandbox.sign_in.app, "POST", "/oauth/token", json={**CLIENT, "grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_renewal_gives_a_new_pair_and_the_new_one_renews_again():
    sandbox = Sandbox()
    first = await sandbox.tokens()
    second = (await sandbox.renew(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert (await sandbox.renew(second["refresh_token"])).status_code == 200


async def test_an_old_refresh_token_kills_the_whole_family():
    sandbox = Sandbox()
    first = await sandbox.tokens()
    second = (await sandbox.renew(first["refresh_token"])).json()
    again = await sandbox.renew(first["refresh_token"])
    assert (again.status_code, again.json()) == (403, DEAD)
    assert (await sandbox.renew(second["refresh_token"])).json() == DEAD


async def test_a_killed_family_leaves_other_sign_ins_alone():
    sandbox = Sandbox()
    first, other = await sandbox.tokens(), await sandbox.tokens()
    await sandbox.renew(first["refresh_token"])
    await sandbox.renew(first["refresh_token"])
    assert (await sandbox.renew(other["refresh_token"])).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (30, 403)])
async def test_within_the_overlap_the_previous_refresh_token_still_works(seconds, status):
    sandbox = Sandbox(overlap_seconds=30)
    first = await sandbox.tokens()
    await sandbox.renew(first["refresh_token"])
    sandbox.clock.advance(seconds)
    assert (await sandbox.renew(first["refresh_token"])).status_code == status


@pytest.mark.parametrize(("days", "status"), [(89.9, 200), (90, 403)])
async def test_a_sign_in_lasts_ninety_days(days, status):
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    sandbox.clock.advance(days * 86400)
    assert (await sandbox.renew(tokens["refresh_token"])).status_code == status


@pytest.mark.parametrize(("seconds", "known"), [(28799, True), (28800, False)])
async def test_an_access_token_lasts_eight_hours(seconds, known):
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    sandbox.clock.advance(seconds)
    assert (sandbox.sign_in.person_for(tokens["access_token"]) is not None) is known


async def test_expiring_access_leaves_renewal_working():
    sandbox = Sandbox()
    tokens, other = await sandbox.tokens(), await sandbox.tokens(GEORGE)
    sandbox.sign_in.expire_access(PRIYA)
    assert sandbox.sign_in.person_for(tokens["access_token"]) is None
    assert sandbox.sign_in.person_for(other["access_token"]) is not None
    assert (await sandbox.renew(tokens["refresh_token"])).status_code == 200


async def test_revoking_a_person_ends_access_and_renewal():
    sandbox = Sandbox()
    tokens, other = await sandbox.tokens(), await sandbox.tokens(GEORGE)
    sandbox.sign_in.revoke(PRIYA)
    assert sandbox.sign_in.person_for(tokens["access_token"]) is None
    assert (await sandbox.renew(tokens["refresh_token"])).json() == DEAD
    assert (await sandbox.renew(other["refresh_token"])).status_code == 200


async def test_the_revocation_endpoint_ends_renewal_and_knows_its_client():
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    stranger = {"client_id": "x", "client_secret": "y", "token": tokens["refresh_token"]}
    assert (await send(sandbox.sign_in.app, "POST", "/oauth/revoke", data=stranger)).status_code == 401
    assert sandbox.sign_in.is_signed_in(PRIYA)
    assert (await sandbox.revoke(tokens["refresh_token"])).status_code == 200
    assert not sandbox.sign_in.is_signed_in(PRIYA)
    assert (await sandbox.revoke("never-given")).status_code == 200


async def test_the_token_log_tells_what_happened_without_the_tokens():
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    await sandbox.renew("never-given")
    sandbox.sign_in.faults.next(503)
    await sandbox.renew(tokens["refresh_token"])
    log = sandbox.sign_in.token_log
    assert [(entry.grant_type, entry.outcome, entry.status, entry.email) for entry in log] == [
        ("authorization_code", "issued", 200, PRIYA),
        ("refresh_token", "invalid_grant", 403, ""),
        ("refresh_token", "fault 503", 503, ""),
    ]
    assert tokens["refresh_token"] not in repr(log)


async def test_a_fault_at_the_token_endpoint_rotates_nothing():
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    sandbox.sign_in.faults.next(503, contains="/oauth/token")
    assert (await sandbox.renew(tokens["refresh_token"])).status_code == 503
    assert (await sandbox.renew(tokens["refresh_token"])).status_code == 200
