"""Places for requests to Sage 200 in this process, so that one that hangs costs its own people alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from bot.errors import SageSlow

PLACES_OF_COMPANY = 4
"""Requests to one company at once: a reading of it in the background takes two at most, which leaves two to people."""
PLACES_OF_WORKSPACE = 8
"""Requests of one workspace at once: a hanging company takes half of them, its other companies have the rest."""
_WAIT = 3.0  # seconds; people are answered from the copy after two


class SagePlaces:
    """Places by company and by workspace, one object for each process."""

    def __init__(
        self, *, of_company: int = PLACES_OF_COMPANY, of_workspace: int = PLACES_OF_WORKSPACE, wait: float = _WAIT
    ) -> None:
        self._of_company = _Places(of_company)
        self._of_workspace = _Places(of_workspace)
        self._wait = wait

    @asynccontextmanager
    async def take(self, *, workspace_id: str, company: str = "") -> AsyncIterator[None]:
        """Hold a place while the block runs. Raises SageSlow if none is free within a few seconds."""
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._wait):
                    # The company first: what waits for a hanging company must not hold the workspace's places.
                    if company:
                        await held.enter_async_context(self._of_company.of(company))
                    await held.enter_async_context(self._of_workspace.of(workspace_id))
            except TimeoutError as error:
                raise SageSlow from error
            yield


class _Places:
    """Semaphores by key; one that nobody holds or waits for is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_key: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Semaphore:
        semaphore = self._by_key.get(key)
        if semaphore is None:
            self._by_key[key] = semaphore = asyncio.Semaphore(self._most)
        return semaphore
