"""The transport to Sage 200: requests throttled, timed, and repeated where that is harmless."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Protocol

import httpx
import stamina

from bot.domain.company import SiteWays
from bot.errors import SageBusy, SageSlow, SageUnavailable, SageUnreadable
from bot.observability.metrics import SAGE_SECONDS, observed
from bot.sage.auth import SageAuth, TokenSource
from bot.sage.protocol import LARGEST_BODY, Ask, decipher

# Sage publishes no quota; two at once is modest and still lets both editions be asked together.
_AT_ONCE = 2
_WORTH_WAITING = 5.0
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)


class Gate(Protocol):
    """A company's throttle and memory: pauses, heavy reads and ways over all processes, places in this one."""

    async def pass_through(self) -> None:
        """Raise SageBusy while Sage wants a pause."""
        ...

    async def pause(self, seconds: float) -> None:
        """Store a pause of so many seconds, which Sage asked for."""
        ...

    async def remember(self, ways: SiteWays) -> None:
        """Store how the company's Sage turned out to be asked. Never fails."""
        ...

    def place(self) -> AbstractAsyncContextManager[None]:
        """Wait for a place among the requests, and hold it while the block runs. Raises SageSlow if none is free."""
        ...

    def heavy(self) -> AbstractAsyncContextManager[None]:
        """Wait for a lease for heavy reads, and hold it while the block runs."""
        ...


class Transport:
    """Sends requests of `protocol` and returns their deciphered answers.

    Raises SageError, or the token source's errors.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, tokens: TokenSource, gate: Gate | None = None
    ) -> None:
        self._http = http
        self._gate = gate
        self._base_url = base_url.rstrip("/")
        self._auth = SageAuth(tokens)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=3, timeout=None, wait_initial=0.25, wait_max=2.0, wait_jitter=0.25
        )

    async def get(self, ask: Ask, *, seconds: float) -> object:
        """Return the answer's JSON within `seconds`, pauses and repeats included. Raises SageUnavailable beyond."""
        try:
            async with asyncio.timeout(seconds):
                return await self._retrying(_worth_repeating, self._once, ask)
        except TimeoutError as error:
            raise SageUnavailable from error

    async def change(self, ask: Ask, *, seconds: float) -> object:
        """Send a change once and return the answer's JSON. Raises SageUnavailable beyond `seconds`."""
        # Sent once: only reading the customer tells whether a change with a lost answer was made.
        try:
            async with asyncio.timeout(seconds):
                return await self._once(ask)
        except TimeoutError as error:
            raise SageUnavailable from error

    async def _once(self, ask: Ask) -> object:
        async with self._slots:
            if self._gate is not None:
                await self._gate.pass_through()
            try:
                async with self._gate.place() if self._gate is not None else nullcontext():
                    with observed(SAGE_SECONDS):
                        return await self._send(ask)
            except SageBusy as busy:
                if self._gate is not None and busy.retry_after:
                    await self._gate.pause(busy.retry_after)
                raise
            except httpx.DecodingError as error:
                raise SageUnreadable from error
            except httpx.RequestError as error:
                raise SageUnavailable from error

    async def _send(self, ask: Ask) -> object:
        request = self._http.build_request(
            ask.method,
            self._base_url + ask.target,
            headers=dict(ask.headers),
            timeout=_TIMEOUT,
            content=ask.body or None,
        )
        # The HTTP client is shared by everybody; its cookie jar must not carry one person's session to the next.
        request.headers.pop("Cookie", None)
        response = await self._http.send(request, stream=True, auth=self._auth, follow_redirects=False)
        try:
            body = await _capped(response)
        finally:
            await response.aclose()
        return decipher(response.status_code, response.headers, body, now=datetime.now(UTC))


async def _capped(response: httpx.Response) -> bytes:
    """Return the unpacked body. Raises SageUnreadable once it is larger than any honest answer."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_BODY:
            raise SageUnreadable
    return bytes(body)


def _worth_repeating(error: Exception) -> bool | float:
    """Return whether to repeat: an outage after a short pause, a busy Sage after its pause unless that is long.

    A request that found no place has waited already.
    """
    if isinstance(error, SageBusy) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= _WORTH_WAITING else False
    return isinstance(error, SageBusy | SageUnavailable) and not isinstance(error, SageSlow)
