"""`bot doctor`: checks the settings against every service and names what fails. Changes nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.app import open_database
from bot.config import BadSettings, Settings
from bot.operations.block_samples import fault_of, samples
from bot.operations.key_rotation import opened
from bot.slack.views.blocks import Block
from storage.cipher import Cipher
from storage.schema_version import is_current

_TIMEOUT = 10.0
# No service knows this code; its answer tells whether it knows our credentials.
_BOGUS = "not-a-real-code"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `fault` is empty when it passed, else what to do."""

    what: str
    fault: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Run all checks at once. Return their findings."""
    async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as http:
        looks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("DATABASE_URL: the database", lambda: _database(settings)),
            ("ENCRYPTION_KEYS: what is kept can be opened", lambda: _keys(settings)),
            ("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET", lambda: _slack(http, settings)),
            ("SLACK_BOT_TOKEN", lambda: _bot_token(http, settings)),
            ("SAGE_CLIENT_ID and SAGE_CLIENT_SECRET", lambda: _sage_id(http, settings)),
            ("SAGE_API_URL: Sage 200", lambda: _sage(http, settings)),
            ("PUBLIC_URL: this app from outside", lambda: _public(http, settings)),
        ]
        return await asyncio.gather(*(_look(what, look) for what, look in looks))


async def examine_blocks(settings: Settings) -> list[Finding]:
    """Ask Slack about each kind of blocks, one after the other. Return the findings."""
    found: list[Finding] = []
    async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as http:
        for kind, blocks in samples().items():

            async def ask(blocks: Sequence[Block] = blocks) -> str:
                return await fault_of(http, settings.slack_api_url, blocks)

            found.append(await _look(f"Slack takes {kind}", ask))
    return found


async def _look(what: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, await look())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Finding(what, f"no answer ({type(error).__name__}). Check the address and the network.")


async def _database(settings: Settings) -> str:
    try:
        database = open_database(settings.database_url)
    except BadSettings as bad:
        return str(bad).removeprefix("DATABASE_URL ")
    try:
        await database.ping()
        return "" if await is_current(database) else "reachable, but its tables are missing or old: run bot db upgrade"
    except (SQLAlchemyError, OSError) as error:
        return f"can't be opened ({type(error).__name__}). Check the address, and that the server runs."
    finally:
        await database.close()


async def _keys(settings: Settings) -> str:
    cipher = Cipher.from_text(settings.encryption_keys.get_secret_value())
    try:
        database = open_database(settings.database_url)
    except BadSettings:
        return ""  # said of the database
    try:
        found = await opened(database, cipher)
    except (SQLAlchemyError, OSError):
        return ""
    finally:
        await database.close()
    if not found.broken:
        return ""
    return (
        f"{found.broken} of {found.readable + found.broken} sealed texts are opened by none of these keys. "
        "Put the missing key back; if it is lost, see docs/operations.md."
    )


async def _slack(http: httpx.AsyncClient, settings: Settings) -> str:
    form = {
        "code": _BOGUS,
        "client_id": settings.slack_client_id,
        "client_secret": settings.slack_client_secret.get_secret_value(),
    }
    error = await _slack_error(http, f"{settings.slack_api_url}oauth.v2.access", form)
    if error in {"invalid_code", "code_already_used"}:
        return ""
    return f"Slack answers “{error[:60]}”. Copy both again from the app's Basic Information."


async def _bot_token(http: httpx.AsyncClient, settings: Settings) -> str:
    if settings.slack_bot_token is None:
        return ""
    form = {"token": settings.slack_bot_token.get_secret_value()}
    error = await _slack_error(http, f"{settings.slack_api_url}auth.test", form)
    return f"Slack answers “{error[:60]}”. Copy it again from OAuth & Permissions." if error else ""


async def _slack_error(http: httpx.AsyncClient, url: str, form: dict[str, str]) -> str:
    try:
        answer = (await http.post(url, data=form)).json()
    except ValueError:
        return "nothing readable"
    return "" if answer.get("ok") is True else str(answer.get("error") or "nothing readable")


async def _sage_id(http: httpx.AsyncClient, settings: Settings) -> str:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": _BOGUS,
        "redirect_uri": settings.sage_redirect_uri,
        "client_id": settings.sage_client_id,
        "client_secret": settings.sage_client_secret.get_secret_value(),
    }
    answer = await http.post(f"{settings.sage_id_url}/oauth/token", data=form)
    try:
        error = str(answer.json().get("error"))
    except ValueError:
        return f"Sage ID answers {answer.status_code} without saying why. Check SAGE_ID_URL."
    if error == "invalid_grant":
        return ""
    return f"Sage ID answers “{error[:60]}”. Check both, and the redirect address, with what Sage sent you."


async def _sage(http: httpx.AsyncClient, settings: Settings) -> str:
    answer = await http.get(f"{settings.sage_api_url}/uk/sage200/accounts/v1/sites")
    return (
        "" if answer.status_code == 401 else f"answers {answer.status_code} where 401 is expected. Check the address."
    )


async def _public(http: httpx.AsyncClient, settings: Settings) -> str:
    answer = await http.get(f"{settings.public_url}/health/live")
    return (
        ""
        if answer.is_success
        else f"answers {answer.status_code}. Is the app running, and does the address lead here?"
    )
