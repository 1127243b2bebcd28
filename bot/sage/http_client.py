"""The HTTP client of Sage 200: what is read goes through aiohttp's connections, what is changed through httpx's own."""

from __future__ import annotations

import ssl
from urllib.request import getproxies

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport


def sage_http(*, connections: int, verify: ssl.SSLContext) -> httpx.AsyncClient:
    """Return a client of at most so many connections for reading, and as many for changes."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections // 4)
    # A client with a transport of its own asks no proxy, and httpx reads more of their variables than aiohttp does.
    transport = None if getproxies() else _ReadsByAiohttp(limits, verify)
    return httpx.AsyncClient(transport=transport, limits=limits, verify=verify)


class _ReadsByAiohttp(httpx.AsyncBaseTransport):
    """Sends GET over aiohttp, which takes a quarter of the processor, and everything else over httpcore.

    aiohttp sends a PUT again by itself when a kept connection turns out to be closed; a change is to be sent once.
    """

    def __init__(self, limits: httpx.Limits, verify: ssl.SSLContext) -> None:
        def session() -> aiohttp.ClientSession:
            connector = aiohttp.TCPConnector(
                limit=limits.max_connections or 0, keepalive_timeout=limits.keepalive_expiry, ssl=verify
            )
            # No cookies: the client is everybody's, and one person's session must not reach the next.
            return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

        self._reads = AiohttpTransport(verify=verify, limits=limits, client=session)
        self._changes = httpx.AsyncHTTPTransport(verify=verify, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise httpx.RequestError if no answer comes."""
        if request.method != "GET":
            return await self._changes.handle_async_request(request)
        try:
            return await self._reads.handle_async_request(request)
        except (aiohttp.ClientError, TimeoutError) as error:  # what the library leaves unnamed, such as no HTTP at all
            raise httpx.RemoteProtocolError(type(error).__name__) from error

    async def aclose(self) -> None:
        """Close the connections of both."""
        await self._reads.aclose()
        await self._changes.aclose()
