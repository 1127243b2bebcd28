"""The simulated Sage ID: the consent page, and what an authorize request must say."""

import pytest

from tests.sandbox.sage.fixtures import BACK, GEORGE, PRIYA, Sandbox, answer_of, send


async def test_the_consent_page_says_sandbox_and_offers_the_people():
    page = await Sandbox().authorize()
    assert page.status_code == 200
    for text in ("SANDBOX", PRIYA, GEORGE, 'id="allow"', 'id="decline"', 'name="viewport"'):
        assert text in page.text


async def test_the_consent_page_needs_no_inline_code_or_style():
    page = await Sandbox().authorize()
    assert (
        "default-src 'none'; style-src 'self'; form-action 'self' https://app.example.test"
        in (page.headers["content-security-policy"])
    )
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "<style" not in page.text


async def test_a_login_hint_picks_the_person_and_nobody_is_picked_without_one():
    sandbox = Sandbox()
    assert " checked" not in (await sandbox.authorize()).text
    hinted = (await sandbox.authorize(login_hint=GEORGE)).text
    assert hinted.count(" checked") == 1
    assert " checked" in hinted.partition(f'value="{GEORGE}" id=')[2].partition(">")[0]


async def test_what_the_app_sends_is_escaped_on_the_page():
    page = await Sandbox().authorize(state='"><script>alert(1)</script>')
    assert "<script" not in page.text


WRONG = [
    ("response_type", None),
    ("response_type", "token"),
    ("client_id", None),
    ("client_id", "another-client"),
    ("redirect_uri", None),
    ("redirect_uri", f"{BACK}/"),
    ("redirect_uri", f"{BACK}?x=1"),
    ("audience", None),
    ("audience", "s200ukipd/sage200/"),
    ("scope", None),
    ("scope", "openid profile email"),
    ("scope", "profile openid email offline_access"),
    ("code_challenge", None),
    ("code_challenge", "too-short"),
    ("code_challenge_method", None),
    ("code_challenge_method", "plain"),
]


@pytest.mark.parametrize(("parameter", "value"), WRONG)
async def test_a_wrong_parameter_is_named_on_a_400_page(parameter, value):
    page = await Sandbox().authorize(**{parameter: value})
    assert page.status_code == 400
    assert f'<code id="parameter">{parameter}</code>' in page.text
    assert "location" not in page.headers


@pytest.mark.parametrize(("parameter", "value"), WRONG)
async def test_the_decision_checks_the_request_again(parameter, value):
    assert (await Sandbox().decide(**{parameter: value})).status_code == 400


async def test_a_parameter_given_twice_is_refused():
    sandbox = Sandbox()
    sandbox.sign_in.redirect_uris.append("https://evil.example.test/")
    page = await sandbox.authorize(**{"redirect_uri": [BACK, "https://evil.example.test/"]})
    assert page.status_code == 400


async def test_allowing_sends_a_code_and_the_state_back():
    answer = answer_of(await Sandbox().decide())
    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "a state/with+marks"


async def test_state_is_optional():
    assert answer_of(await Sandbox().decide(state=None)).keys() == {"code"}


async def test_declining_needs_no_person_and_says_so_to_the_app():
    answer = answer_of(await Sandbox().decide(email="", decision="decline"))
    assert answer["error"] == "access_denied"
    assert answer["error_description"]
    assert answer["state"] == "a state/with+marks"


@pytest.mark.parametrize(("email", "decision"), [("stranger@example.test", "allow"), ("", "allow"), (PRIYA, "maybe")])
async def test_a_decision_needs_a_known_person_and_a_button(email, decision):
    assert (await Sandbox().decide(email, decision)).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_sage_id_has_and_we_do_not_is_said_loudly(method):

    answer = await send(Sandbox().sign_in.app, method, "/userinfo")
    assert answer.status_code == 501
    assert answer.json() == {"error": f"the sandbox does not simulate {method} /userinfo"}
