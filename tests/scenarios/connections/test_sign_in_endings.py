"""What a person reads when Sage ID sends them back without a code, or gives less than was asked for."""

from __future__ import annotations

import pytest


async def back_from_sage_id(office, decision):
    """Ask for a link, open it, and end the sign-in that way; the page at the end, and the address that led to it."""
    link = office.link(await office.command("/sage", "connect"))
    url = await office.open_sage_id(link)
    return await office.browser.get(await office.allow(url, "george@example.test", decision=decision))


@pytest.mark.parametrize(
    ("decision", "status", "words"),
    [
        ("decline", 400, "You cancelled at Sage ID"),
        ("access_denied", 400, "Sage ID refused this sign-in"),
        ("unauthorized_client", 400, "doesn&#39;t accept the way this app asked"),
        ("server_error", 409, "Sage ID had a fault of its own"),
        ("temporarily_unavailable", 409, "Sage ID had a fault of its own"),
    ],
)
async def test_each_ending_is_told_apart_and_nothing_is_connected(office, decision, status, words):
    page = await back_from_sage_id(office, decision)
    assert page.status_code == status
    assert words in page.text
    for upstream in ("user is blocked", "Something went wrong", "Grant type", "did not authorize the request"):
        assert upstream not in page.text
    assert "haven't connected" in (await office.command("/customer", "ABS001")).text


async def test_a_sign_in_that_would_not_last_is_said_at_once(office):
    office.sage_id.granted_scope = "openid profile email"
    page = await back_from_sage_id(office, "allow")
    assert page.status_code == 400
    assert "gave no lasting access" in page.text
    assert "offline_access" in page.text
    assert "haven't connected" in (await office.command("/customer", "ABS001")).text


async def test_a_sign_in_lives_longer_than_its_first_access_token(office, connected):
    """The simulated Sage ID refuses a refresh that lacks what Sage's guide lists."""
    office.clock.forward(hours=9)
    assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
    assert [each.outcome for each in office.sage_id.token_log if each.grant_type == "refresh_token"] == ["issued"]
