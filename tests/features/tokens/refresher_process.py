"""A process of the product that says it is ready, asks for a token when it is told to, and says what it got."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from multiprocessing.connection import Connection

from bot.app import opened
from bot.config import Settings
from bot.errors import BotError
from bot.observability import logs


def run(callers: int, environment: dict[str, str], pipe: Connection) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    asyncio.run(ask(callers, pipe))


async def ask(callers: int, pipe: Connection) -> None:
    """As many callers at once; sends a fingerprint of each token, or the error, and how many of each."""
    named = {"workspace_id": os.environ["WORKSPACE"], "connection_id": os.environ["CONNECTION"]}
    settings = Settings.from_env(os.environ)
    logs.set_up("DEBUG", settings.secrets())
    async with opened(settings) as product:
        pipe.send("ready")
        pipe.recv()
        answers = await asyncio.gather(
            *(product.services.sage_tokens.access_token(**named) for _ in range(callers)), return_exceptions=True
        )
    told = [type(each).__name__ if isinstance(each, BotError) else fingerprint(str(each)) for each in answers]
    pipe.send(dict(Counter(told)))


def fingerprint(token: str) -> str:
    """So that no token is sent."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
