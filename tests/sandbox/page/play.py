"""The demo with its cast, as a small product sees it, and pages that people have open."""

from __future__ import annotations

from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from sandbox.page.cast import assemble
from tests.chromium import chromium
from tests.sandbox.slack.fixtures import actions, button, mrkdwn, plain, section
from tests.sandbox.slack.test_browser import serving
from tests.sandbox.slack.test_page import HERE, Demo

SCOPES = ("chat:write", "im:write", "files:write", "assistant:write", "users:read")
FRAME = {"has_home": True, "shortcuts": [{"id": "check", "name": "Check customer", "about": "", "is_message": True}]}
RELEASE = {
    "title": plain("Release ABS001?"),
    "text": mrkdwn("Orders *go out* again."),
    "confirm": plain("Release"),
    "deny": plain("Cancel"),
}
HOME = {"type": "home", "blocks": [section("Good morning"), actions(button("settings", "Settings"))]}


class Office(Demo):
    """Everybody is there; the app is installed and in #sales."""

    def __init__(self) -> None:
        super().__init__()
        assemble(self.slack)
        self.token = self.slack.install("T0ACME", scopes=SCOPES)
        self.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")

    async def api(self, method, **arguments):
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = (await self.http.post(f"/slack/api/{method}", json=arguments, headers=headers)).json()
        assert answer["ok"], answer
        return answer

    async def posted(self, *blocks, text="words", channel="C0SALES", **more):
        return (await self.api("chat.postMessage", channel=channel, text=text, blocks=list(blocks), **more))["ts"]

    async def opened(self, view):
        """A modal before Priya."""
        await self.say("/customer")
        trigger = self.product.got[-1]["trigger_id"]
        return (await self.api("views.open", trigger_id=trigger, view=view))["view"]["id"]

    async def shared(self, name, content, channel="C0SALES"):
        """A file, in #sales unless told otherwise."""
        made = await self.api("files.getUploadURLExternal", filename=name, length=len(content))
        await self.http.post(made["upload_url"].removeprefix(HERE), content=content)
        files = [{"id": made["file_id"], "title": name}]
        await self.api("files.completeUploadExternal", files=files, channel_id=channel)
        return made["file_id"]

    def clicked(self):
        """What was clicked, by action."""
        return [got["actions"][0] for got in self.product.got if got.get("type") == "block_actions"]


@asynccontextmanager
async def windows(office, *users, **context):
    """A window for each of them, in #sales; scripts that fail fail the test."""
    failures = []
    async with serving(_with_home(office.sandbox.app)) as url, chromium(**context) as browser:
        pages = []
        for user in users:
            page = await browser.new_page()
            page.on("pageerror", lambda error: failures.append(f"{error}\n{error.stack}"))
            await page.goto(url)
            await page.locator("#person").select_option(user, force=True)
            await page.locator("[data-channel=C0SALES]").dispatch_event("click")
            pages.append(page)
        yield pages
    assert failures == []


def _with_home(app):
    """The demo, as if its manifest had a home tab and a message shortcut."""

    # Said by the server: the library that answers for it stops every one of a page's fifty requests on its way.
    async def frame(request):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE) as http:
            return JSONResponse({**(await http.get(request.url.path)).json(), **FRAME})

    return Starlette(routes=[Route("/control/frame", frame), Mount("/", app)])
