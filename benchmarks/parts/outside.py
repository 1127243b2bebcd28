"""The simulated Slack and Sage in a process of their own: `python -m benchmarks.parts.outside --port N`.

`GET /counts` says how often each was asked, so that a benchmark can tell what one answer costs others.
`POST /token?team=T1` makes a workspace with channels, installs the app there and answers with its token.
`--slow SECONDS` lets each request to either wait, without the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.app import Credentials, Sandbox, build
from sandbox.sage200 import small_world
from sandbox.sage_id.people import Person
from sandbox.slack import T_ACME, User
from sandbox.slack.people import Channel, Workspace

OWNER = "U0PRIYA"
CHANNELS = tuple(f"C{number:04}" for number in range(10))
COLLEAGUES = tuple(f"U0PERSON{number}" for number in range(9))


def email_of(user_id: str) -> str:
    """Whose Sage ID a colleague's is; it opens the Standard company alone."""
    return f"{user_id.lower()}@example.test"


def peopled(port: int, product_url: str) -> Sandbox:
    """The world of the tests, and colleagues in Slack, each of whom can also sign in to Sage."""
    world = small_world()
    world.people += [Person(email_of(each), each, [world.companies[0].key]) for each in COLLEAGUES]
    credentials = Credentials.from_env(os.environ)
    made = build(base_url=f"http://127.0.0.1:{port}", product_url=product_url, credentials=credentials, world=world)
    colleagues = {each: User(each, each.lower(), each, T_ACME) for each in COLLEAGUES}
    made.slack.workspaces[T_ACME].users.update(colleagues)
    return made


def counting(sandbox: Sandbox) -> Starlette:
    """The sandbox, and what it was asked."""

    async def counts(_: Request) -> JSONResponse:
        return JSONResponse({"Sage": len(sandbox.sage200.requests), "Slack": len(sandbox.slack.calls)})

    async def token(request: Request) -> JSONResponse:
        team = request.query_params["team"]
        place = Workspace(team, team.lower(), team.lower(), OWNER, {OWNER: User(OWNER, "priya", "Priya", team)})
        place.channels.update({each: Channel(each, each.lower(), {place.bot_user_id}) for each in CHANNELS})
        sandbox.slack.workspaces[team] = place
        return JSONResponse(sandbox.slack.install(team))

    own = [Route("/counts", counts), Route("/token", token, methods=["POST"])]
    return Starlette(routes=[*own, Mount("/", sandbox.app)])


def slowed(app: ASGIApp, seconds: float) -> ASGIApp:
    """Return the app with every request to Slack's and Sage's interfaces answered so much later."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        if seconds and scope["type"] == "http" and scope["path"].startswith(("/sage-api", "/slack/api")):
            await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return later


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--product-url", required=True)
    parser.add_argument("--slow", type=float, default=0.0)
    given = parser.parse_args()
    app = slowed(counting(peopled(given.port, given.product_url)), given.slow)
    uvicorn.run(app, port=given.port, log_level="warning", access_log=False)
