"""A process of the product that asks for a token: `python -m tests.features.tokens.refresher_process CALLERS`."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys

from bot import logs
from bot.app import opened
from bot.config import Settings
from bot.errors import BotError


async def ask(callers: int) -> None:
    """As many callers at once; prints a fingerprint of each token, or the error, and how many of each."""
    named = {"workspace_id": os.environ["WORKSPACE"], "connection_id": os.environ["CONNECTION"]}
    settings = Settings.from_env(os.environ)
    logs.set_up("DEBUG", settings.secrets())
    async with opened(settings) as product:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        answers = await asyncio.gather(
            *(product.services.sage_tokens.access_token(**named) for _ in range(callers)), return_exceptions=True
        )
    told = [type(each).__name__ if isinstance(each, BotError) else fingerprint(str(each)) for each in answers]
    for each in sorted(set(told)):
        sys.stdout.write(f"{each} {told.count(each)}\n")


def fingerprint(token: str) -> str:
    """So that no token is printed."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


if __name__ == "__main__":
    asyncio.run(ask(int(sys.argv[1])))
