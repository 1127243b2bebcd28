"""A host that answers come from keeps nothing with the app by a cookie; of Sage, `tests/sage` tells."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.serving import free_socket, serving

OUT_OF_DATE = {"type": "button", "action_id": "customer.hold", "block_id": "b", "value": "?", "action_ts": "1.1"}


async def test_a_host_of_a_response_url_gets_no_cookie_back(read_office):
    sent: list[str | None] = []

    async def take(request):
        sent.append(request.headers.get("cookie"))
        return PlainTextResponse("ok", headers={"Set-Cookie": "whose=acme; Path=/"})

    bound = free_socket()
    # No cookie is kept of an address of numbers anyway.
    url = f"http://localhost:{bound.getsockname()[1]}/hook"
    async with serving(Starlette(routes=[Route("/hook", take, methods=["POST"])]), bound):
        for number in range(2):
            await read_office.sender.click(
                {
                    "type": "block_actions",
                    "team": {"id": "T0ACME", "domain": "acme"},
                    "user": {"id": "U0PRIYA", "name": "priya", "team_id": "T0ACME"},
                    "api_app_id": "A0SAGE200",
                    "trigger_id": f"{number}.1.a",
                    "response_url": url,
                    "actions": [OUT_OF_DATE],
                    "container": {"type": "message", "message_ts": f"{number}.1", "channel_id": "C0SALES"},
                }
            )
            await read_office.settle()
    assert sent == [None, None]
