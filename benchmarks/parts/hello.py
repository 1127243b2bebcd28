"""Bare Bolt, for comparison: check the signature, ack, and that is all. Served as the product is."""

from __future__ import annotations

import os
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.routing import Route


async def authorize(enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
    """One workspace, one token."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-fixed")


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/customer")
async def customer(ack: AsyncAck) -> None:
    """Say hello in the acknowledgement itself."""
    await ack("hello")


if __name__ == "__main__":
    events = Route("/slack/events", AsyncSlackRequestHandler(app).handle, methods=["POST"])
    port = int(os.environ["PORT"])
    uvicorn.run(Starlette(routes=[events]), port=port, log_config=None, access_log=False, loop="uvloop")
