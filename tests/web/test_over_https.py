"""Where the app is served over https: cookies belong to its host alone, and browsers come back by https."""

from __future__ import annotations

import httpx
import pytest

from tests.connected_app import desk

HOST = "https://sage.example.test"


@pytest.fixture
async def secure(sqlite_url):
    async with (
        desk(sqlite_url, PUBLIC_URL=HOST) as opened,
        httpx.AsyncClient(transport=httpx.ASGITransport(opened.product.asgi), base_url=HOST) as browser,
    ):
        yield opened, browser


def is_bound(page: httpx.Response, cookie: str) -> bool:
    """Whether no other host or unencrypted request can set or read the cookie, and no script."""
    name, *attributes = page.headers["set-cookie"].lower().split("; ")
    needed = {"secure", "httponly", "path=/", "samesite=lax"}
    return name.startswith(f"__host-{cookie}=") and needed <= set(attributes) and "domain=" not in str(attributes)


async def test_the_cookies_of_installing_and_connecting_are_the_hosts_alone(secure):
    opened, browser = secure
    assert is_bound(await browser.get("/slack/install"), "slack-install")
    offer = await opened.services.connect_links.offer(await opened.session())
    assert offer.url.startswith(HOST)
    assert is_bound(await browser.get(offer.url), "sage-connect")


@pytest.mark.parametrize("path", ["/", "/slack/install", "/health/live", "/not-there"])
async def test_browsers_are_told_to_come_by_https_alone(secure, path):
    page = await secure[1].get(path)
    assert page.headers["strict-transport-security"].startswith("max-age=")
