"""A network that loses what Sage ID answers, and remembers what Sage ID saw of each refresh token."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.sage_id import SageId, TokenRequest

LOST_SHARE = 0.10
_FATE: contextvars.ContextVar[str] = contextvars.ContextVar("fate")
_ASKED: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("asked")


@dataclass
class BadNetwork:
    """Sage ID behind a bad network, and what it saw of each refresh token."""

    share: float = LOST_SHARE
    lost: int = 0
    reuses: int = 0
    seen: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    _chance: random.Random = field(default_factory=lambda: random.Random(20))

    def wrap(self, app: ASGIApp, sage_id: SageId) -> ASGIApp:
        """The network; what it spoils is done at Sage ID all the same."""
        sage_id.on_token_request.before.append(lambda form: self._before(form, sage_id))
        sage_id.on_token_request.after.append(self._after)

        async def network(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(self._chance.uniform(0, 0.15))
            fate = "answered"
            if scope["type"] == "http" and self._chance.random() < self.share:
                fate = self._chance.choice(("answer lost", "502"))
                self.lost += 1
                spoil = sage_id.faults.lose_answer if fate == "answer lost" else sage_id.faults.answer_instead
                spoil(contains="oauth/token")  # nothing is awaited between here and there: it meets this request
            _FATE.set(fate)
            with contextlib.suppress(ClientDisconnect):  # its caller was killed
                await app(scope, receive, send)

        return network

    def _before(self, form: Mapping[str, str], sage_id: SageId) -> None:
        held = sage_id.grants._refresh.get(form["refresh_token"])
        _ASKED.set((held.sign_in_id.email if held else "", form["refresh_token"]))
        if held is None or held.rotated_at is None or sage_id.grants._overlaps(held, held.rotated_at):
            return
        self.reuses += held.sign_in_id.alive

    async def _after(self, entry: TokenRequest) -> None:
        self.seen[_ASKED.get()].append((time.monotonic(), f"{entry.outcome}, {_FATE.get()}"))
        await asyncio.sleep(self._chance.uniform(0, 0.15))

    def story(self, email: str, journal: list[tuple[float, str]]) -> str:
        """What Sage ID saw of the refresh token whose second use ended the sign-in, between what its row said."""
        for (owner, _), events in self.seen.items():
            if owner == email and any("invalid_grant" in what for _, what in events):
                began = events[0][0]
                told = sorted([*events, *((at, what) for at, what in journal if at > began - 1)])
                return "; ".join(f"{at - began:.1f} s {what}" for at, what in told)
        return "no reuse seen"
