"""An assistant's client as a process of its own: asks about ABS001 in several people's names, and prints the answers.

On standard input, in JSON: the `url` of the tools, Slack's signing `secret`, the moment `at` which it signs, and the
`users` in turn. On standard output: [text, whether it is an error] of each.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import Generator
from typing import Any

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent


class _Signed(httpx2.Auth):
    requires_request_body = True

    def __init__(self, secret: str, at: int) -> None:
        self._secret, self._at = secret.encode(), str(at)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        digest = hmac.new(self._secret, f"v0:{self._at}:".encode() + request.content, hashlib.sha256).hexdigest()
        request.headers.update({"X-Slack-Request-Timestamp": self._at, "X-Slack-Signature": f"v0={digest}"})
        yield request


async def answers(*, url: str, secret: str, at: int, users: list[str]) -> list[tuple[str, bool]]:
    """Return what each of these users is answered."""
    said: list[tuple[str, bool]] = []
    async with (
        httpx2.AsyncClient(auth=_Signed(secret, at)) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        for user in users:
            meta: dict[str, Any] = {"slack": {"user_id": user, "team_id": "T0ACME"}}
            answer = await client.call_tool("customer", {"reference": "ABS001"}, meta=meta)
            (content,) = answer.content
            assert isinstance(content, TextContent)
            said.append((content.text, bool(answer.is_error)))
    return said


if __name__ == "__main__":
    json.dump(asyncio.run(answers(**json.load(sys.stdin))), sys.stdout)
