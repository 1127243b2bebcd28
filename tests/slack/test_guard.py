from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.slack.guard import MOST_BYTES, SlackGuard
from tests.builders import FORM, JSON, NOW, SECRET, command, event, interaction, signed

NOON = NOW.timestamp()


class Gate:
    """The guard before an app that remembers what got through."""

    def __init__(self, **limits: float) -> None:
        self.passed: list[bytes] = []
        guard = SlackGuard(self._echo, signing_secret=SECRET, clock=lambda: NOON, **limits)
        self.guard = guard
        # An error inside would be raised here, where a server would answer 500.
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://bot.test")

    async def _echo(self, scope, receive, send):
        body = await Request(scope, receive).body()
        self.passed.append(body)
        await Response(body)(scope, receive, send)

    async def __call__(self, body: bytes | AsyncIterator[bytes], headers: dict, *, method: str = "POST") -> int:
        async with self._client as client:
            return (await client.request(method, "/slack/events", content=body, headers=headers)).status_code


def payload(inside: object) -> bytes:
    return urlencode({"payload": json.dumps(inside)}).encode()


GOOD = {
    "a command": (command(), FORM),
    "a command without words": (command(text=""), FORM),
    "a command in other scripts": (command(text="مرحبا ✨"), FORM),
    "a command that spells an escape": (command(text=r"\u0000"), FORM),
    "a click": (interaction(), FORM),
    "a modal's code with a typed escape": (interaction(view={"state": r"\u0000"}), FORM),
    "an event": (event(), JSON),
    "an event with a charset": (event(), f"{JSON}; charset=utf-8"),
    "an event in another spelling": (event(), "Application/JSON"),
    "a command in another spelling": (command(), "Application/X-WWW-Form-URLEncoded ; charset=UTF-8"),
    "an uninstall": (event({"type": "app_uninstalled"}), JSON),
    "Slack's check of our address": (json.dumps({"type": "url_verification", "challenge": "c"}).encode(), JSON),
    "Slack's check of our certificate": (b"ssl_check=1&token=t", FORM),
}


@pytest.mark.parametrize("kind", GOOD)
async def test_what_slack_sends_passes_with_its_body_as_it_came(kind):
    gate = Gate()
    body, content_type = GOOD[kind]
    assert await gate(body, signed(body, at=NOON, content_type=content_type)) == 200
    assert gate.passed == [body]


@pytest.mark.parametrize("age", [-299, -300, 0, 299, 300])
async def test_a_signature_is_good_for_five_minutes(age):
    assert await Gate()(command(), signed(command(), at=NOON - age)) == 200


@pytest.mark.parametrize("age", [-301, 301, 86_400, -86_400, NOON])
async def test_an_older_or_newer_one_is_refused(age):
    gate = Gate()
    assert await gate(command(), signed(command(), at=NOON - age)) == 401
    assert gate.passed == []


TIMESTAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
GIVEN = signed(command(), at=NOON)
UNSIGNED = {
    "no timestamp": {TIMESTAMP: None},
    "no signature": {SIGNATURE: None},
    "an empty timestamp": {TIMESTAMP: ""},
    "a timestamp of words": {TIMESTAMP: "now"},
    "a timestamp with a fraction": {TIMESTAMP: f"{NOON:.1f}"},
    "a negative timestamp": {TIMESTAMP: "-1"},
    "a timestamp beyond all numbers": {TIMESTAMP: "9" * 5_000},
    "a timestamp in another script": {TIMESTAMP: "١٧٧٢٤٤٢٠٠٠".encode()},
    "a timestamp of odd bytes": {TIMESTAMP: b"\xff\xfe"},
    "an empty signature": {SIGNATURE: ""},
    "another version": {SIGNATURE: GIVEN[SIGNATURE].replace("v0", "v1")},
    "upper case": {SIGNATURE: "v0=" + GIVEN[SIGNATURE][3:].upper()},
    "a short signature": {SIGNATURE: GIVEN[SIGNATURE][:-1]},
    "a long signature": {SIGNATURE: GIVEN[SIGNATURE] + "0"},
    "a signature of odd bytes": {SIGNATURE: b"v0=" + b"\xe9" * 64},
    "another secret": signed(command(), at=NOON, secret="another"),
    "another body's signature": signed(command(text="ABS002"), at=NOON),
    "another time's signature": {SIGNATURE: signed(command(), at=NOON - 1)[SIGNATURE]},
}


@pytest.mark.parametrize("kind", UNSIGNED)
async def test_what_is_not_signed_by_slack_is_refused(kind):
    gate = Gate()
    headers = {name: value for name, value in {**GIVEN, **UNSIGNED[kind]}.items() if value is not None}
    assert await gate(command(), headers) == 401
    assert gate.passed == []


@pytest.mark.parametrize("body", [b"\xff", b"", b"{", command()[:-1]])
async def test_any_other_body_under_a_signature_is_refused(body):
    assert await Gate()(body, GIVEN) == 401


async def test_even_slacks_certificate_check_must_be_signed():
    gate = Gate()
    assert await gate(b"ssl_check=1&token=t", {"Content-Type": FORM}) == 401
    assert gate.passed == []


MISSHAPEN = {
    "no UTF-8": (b"command=/customer&user_id=U1&text=\xff", FORM),
    "no UTF-8 behind percent signs": (b"command=/customer&user_id=U1&text=%ff", FORM),
    "no UTF-8 in JSON": (b'{"type": "\xff"}', JSON),
    "nothing": (b"", FORM),
    "no JSON at all": (b"", JSON),
    "broken JSON": (b'{"type": ', JSON),
    "a JSON array": (b"[]", JSON),
    "a JSON word": (b'"type"', JSON),
    "no number": (b'{"type": "event_callback", "event_time": NaN}', JSON),
    "a number beyond all numbers": (b'{"type": "event_callback", "event_time": 1e999}', JSON),
    "half a character": (event({"type": "message", "text": "X"}).replace(b"X", rb"\ud800"), JSON),
    "a NUL": (event({"type": "message", "text": "\0"}), JSON),
    "a NUL in a name": (event(**{"\0": 1}), JSON),
    "an event of words": (event(event="message"), JSON),
    "an event of an array": (event(event=[]), JSON),
    "an event without a type": (event({"text": "x"}), JSON),
    "an event with a number for a user": (event({"type": "message", "user": 1}), JSON),
    "a number for an id": (event(event_id=1), JSON),
    "a very long id": (event(event_id="x" * 256), JSON),
    "a word for a flag": (event(is_enterprise_install="false"), JSON),
    "deep JSON": (b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON),
    "a broken payload": (b"payload={", FORM),
    "a payload of an array": (payload([]), FORM),
    "an empty payload": (b"payload=", FORM),
    "a payload without a user": (payload({"type": "block_actions"}), FORM),
    "a payload with a user's name only": (interaction(user="U1"), FORM),
    "a payload with actions of words": (interaction(actions=["x"]), FORM),
    "a callback without an event": (event(event=None), JSON),
    "another body with an event of nothing": (event(type="another", event=None), JSON),
    "a form whose view is of a list": (interaction(type="view_closed", view={"type": ["modal"]}), FORM),
    "a menu of a list for a name": (interaction(type="block_suggestion", action_id=[], block_id="b"), FORM),
    "a form of a number for a name": (interaction(type="view_submission", callback_id=5), FORM),
    "a click without an action": (interaction(type="block_actions", actions=[]), FORM),
    "a click that leaves its actions out": (interaction(type="block_actions", actions=None), FORM),
    "a form without a view": (interaction(type="view_submission", view=None), FORM),
    "a form whose view has no type": (interaction(type="view_submission", view={"callback_id": "share"}), FORM),
    "a closed form whose view has no type": (interaction(type="view_closed", view={"callback_id": "share"}), FORM),
    "a form of a workflow": (interaction(type="view_submission", view={"type": "workflow_step"}), FORM),
    "a step of a workflow": (interaction(type="workflow_step_edit", callback_id="x"), FORM),
    "a payload to be answered nowhere": (interaction(response_url="{}"), FORM),
    "a command to be answered nowhere": (command(response_url="%00"), FORM),
    "a command to be answered in a file": (command(response_url="file:///etc/passwd"), FORM),
    "a payload with a NUL": (interaction(view={"state": "\0"}), FORM),
    "a payload with half a character": (interaction(view={"state": "\ud800"}), FORM),
    "deep payload": (b"payload=" + b"[" * 100_000, FORM),
    "a command without a slash": (command("customer"), FORM),
    "a command without a user": (b"command=/customer&text=ABS001", FORM),
    "a command with a NUL": (command(text="\0"), FORM),
    "no fields": (b"hello", FORM),
    "another kind": (command(), "text/plain"),
    "no kind": (command(), ""),
    "a form that calls itself JSON": (command(), JSON),
}


@pytest.mark.parametrize("kind", MISSHAPEN)
async def test_what_is_signed_but_not_slacks_shape_is_refused(kind):
    gate = Gate()
    body, content_type = MISSHAPEN[kind]
    assert await gate(body, signed(body, at=NOON, content_type=content_type)) == 400
    assert gate.passed == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", ""])
async def test_a_packed_body_is_refused(encoding):
    assert await Gate()(command(), {**GIVEN, "Content-Encoding": encoding}) == 400


@pytest.mark.parametrize("length", ["-1", "", "two", "1.5", "٣", "9" * 5_000])
async def test_a_length_that_is_no_number_is_refused(length):
    headers = {**GIVEN, "Content-Length": length.encode()}
    assert await Gate()(command(), headers) == 400


async def never_sent() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


@pytest.mark.parametrize("length", [MOST_BYTES + 1, 10**14])
async def test_a_body_that_says_it_is_too_large_is_not_even_read(length):
    assert await Gate()(never_sent(), {**GIVEN, "Content-Length": str(length)}) == 413


@pytest.mark.parametrize("declared", [{}, {"Content-Length": "10"}], ids=["in chunks", "that says it is small"])
async def test_a_body_that_turns_out_too_large_is_not_read_to_its_end(declared):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * (MOST_BYTES // 10)
        raise AssertionError("read on")

    gate = Gate()
    assert await gate(endless(), {**GIVEN, **declared}) == 413
    assert gate.passed == []


async def test_the_largest_body_passes():
    body = command(text="x" * (MOST_BYTES - len(command(text=""))))
    assert len(body) == MOST_BYTES
    assert await Gate()(body, signed(body, at=NOON)) == 200


UNREAD = {
    **{kind: (UNSIGNED[kind], 401) for kind in UNSIGNED if "another" not in kind or kind == "another version"},
    "a stale timestamp": ({TIMESTAMP: str(int(NOON) - 301)}, 401),
    "another kind": ({"Content-Type": "text/plain"}, 400),
    "a kind that begins like ours": ({"Content-Type": f"{JSON}5"}, 400),
    "a packed body": ({"Content-Encoding": "gzip"}, 400),
    "a length of words": ({"Content-Length": "two"}, 400),
}


@pytest.mark.parametrize("kind", UNREAD)
async def test_of_a_request_whose_headers_will_not_do_no_body_is_read(kind):
    changes, status = UNREAD[kind]
    headers = {name: value for name, value in {**GIVEN, **changes}.items() if value is not None}
    assert await Gate()(never_sent(), headers) == status


async def test_a_body_that_does_not_come_is_not_waited_for():
    async def stuck() -> AsyncIterator[bytes]:
        yield command()[:20]
        await asyncio.Event().wait()

    gate = Gate(body_seconds=0.05)
    assert await gate(stuck(), GIVEN) == 408
    assert gate.passed == []


async def test_only_so_many_large_bodies_are_taken_in_at_a_time():
    begun: list[int] = []

    async def large(number: int) -> AsyncIterator[bytes]:
        for part in range(10):
            yield b"x" * 50_000
            if part == 2:
                begun.append(number)
        await asyncio.Event().wait()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(Gate().guard), base_url="http://bot.test") as client:
        asked = [
            asyncio.create_task(client.post("/slack/events", content=large(number), headers=GIVEN))
            for number in range(40)
        ]
        for _ in range(500):
            await asyncio.sleep(0)
        assert len(begun) == 16
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def test_a_body_in_chunks_passes_whole():
    async def halves() -> AsyncIterator[bytes]:
        yield command()[:20]
        yield command()[20:]

    gate = Gate()
    assert await gate(halves(), GIVEN) == 200
    assert gate.passed == [command()]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_posts_are_taken(method):
    assert await Gate()(command(), GIVEN, method=method) == 405
