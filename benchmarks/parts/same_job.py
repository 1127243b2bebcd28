"""Answer `/customer` in forty lines of Bolt, as a baseline: one fixed token, no roles, no database."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.routing import Route

SAGE = httpx.AsyncClient(
    base_url=f"{os.environ['SAGE_API_URL']}/uk/sage200/accounts/v1",
    headers={
        "Authorization": f"Bearer {os.environ['SAGE_TOKEN']}",
        "X-Site": os.environ["SAGE_SITE"],
        "X-Company": "1",
    },
)


async def authorize(enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
    """One workspace, one token."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-fixed")


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/customer")
async def customer(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
    """Ack, ask Sage once, answer."""
    await ack()
    wanted = quote(f"reference eq '{command['text']}'")
    found = await SAGE.get(f"/customers?$filter={wanted}")
    row = found.raise_for_status().json()[0]
    state = "On hold" if row["on_hold"] else "Not on hold"
    balance, limit = row["balance"], row["credit_limit"]
    figures = f"Balance £{balance:,.2f}, credit limit £{limit:,.2f}, headroom £{limit - balance:,.2f}"
    await respond(f"{row['name']} ({row['reference']}): {state}. {figures}")


if __name__ == "__main__":
    events = Route("/slack/events", AsyncSlackRequestHandler(app).handle, methods=["POST"])
    port = int(os.environ["PORT"])
    uvicorn.run(Starlette(routes=[events]), port=port, log_config=None, access_log=False, loop="uvloop")
