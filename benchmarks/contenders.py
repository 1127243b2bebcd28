"""The processes that answer `/customer` side by side: the product, the same job in forty lines, and bare Bolt."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx

from benchmarks.commands import SECRET, Answers, Typist
from benchmarks.outside import COLLEAGUES, email_of
from benchmarks.processes import cpu_seconds
from benchmarks.stage import KEY, REPOSITORY
from sandbox.sage200 import small_world
from sandbox.sage_id.authorize import AUDIENCE, SCOPE
from tests.scenarios.slack_app import Office
from tests.serving import address, free_socket

ADMIN = "U0PRIYA"
OWN, CONTROLLERS, SALES = COLLEAGUES[:3], COLLEAGUES[3:6], COLLEAGUES[6:]
PRODUCT, SAME_JOB, HELLO = "product", "same job", "hello"
_SECRETS = {
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "slack-client-secret",
    "SLACK_SIGNING_SECRET": SECRET,
    "SAGE_CLIENT_ID": "sage-client",
    "SAGE_CLIENT_SECRET": "sage-client-secret",
}
_GEORGE = "george@example.test"
_READY_SECONDS, _STOP_SECONDS = 60.0, 40.0


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that takes commands; one that only acknowledges `answers` nothing."""

    name: str
    url: str
    typist: Typist
    process: asyncio.subprocess.Process
    log: Path
    answers: bool = True

    def cpu_seconds(self) -> float:
        """What it has used of a core so far, all its threads together."""
        return cpu_seconds(self.process.pid)


@dataclass(frozen=True, slots=True)
class Field:
    """All contenders, and the simulated Slack and Sage that they ask."""

    contenders: list[Contender]
    outside: str

    async def counts(self) -> dict[str, int]:
        """How often each of the two was asked so far."""
        async with httpx.AsyncClient() as http:
            return dict((await http.get(f"{self.outside}/counts")).json())


@asynccontextmanager
async def field_of_the_product(
    database_url: str, folder: Path, http: aiohttp.ClientSession, answers: Answers, *, under: tuple[str, ...] = ()
) -> AsyncIterator[Field]:
    """Start the simulated Slack and Sage and the product, and install and connect it; Python runs it `under` these."""
    public_url, outside = _free_address(), _free_address()
    environment = {
        **_SECRETS,
        "PUBLIC_URL": public_url,
        "HOST": "127.0.0.1",
        "PORT": _port(public_url),
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEYS": KEY,
        "SLACK_API_URL": f"{outside}/slack/api/",
        "SAGE_ID_URL": f"{outside}/sage-id",
        "SAGE_API_URL": f"{outside}/sage-api",
        "LIMIT_FACTOR": "1000",  # what is measured is an answer, not the limit of who asks
    }
    serve = ("-m", "benchmarks.outside", "--port", _port(outside), "--product-url", public_url)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(_started(serve, _SECRETS, folder / "outside.log", f"{outside}/counts"))
        kind = ["web", "--with-worker"]
        if not database_url.startswith("sqlite"):
            kind = ["web"]
            await _upgraded(environment, folder / "upgrade.log")
        log = folder / "product.log"
        process = await enter(_started((*under, "-m", "bot", *kind), environment, log, f"{public_url}/health/ready"))
        product = Contender(PRODUCT, public_url, Typist(http, answers, public_url), process, log)
        await _set_up(public_url, product.typist)
        found = Field([product], outside)
        if kind == ["web"]:
            place = _free_address()
            given, its_log = {**environment, "PORT": _port(place)}, folder / "worker.log"
            async with _started(("-m", "bot", "worker"), given, its_log, f"{place}/health/ready"):
                await _until_read(found)
        else:
            await _until_read(found)
        yield found


@asynccontextmanager
async def field(
    database_url: str, folder: Path, http: aiohttp.ClientSession, answers: Answers, *, profile: Path | None = None
) -> AsyncIterator[Field]:
    """Start everything; `profile` runs the product alone, under cProfile into that file."""
    under = ("-m", "cProfile", "-o", str(profile)) if profile else ()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        found = await enter(field_of_the_product(database_url, folder, http, answers, under=under))
        if profile is None:
            outside, public_url = found.outside, found.contenders[0].url
            sage = {"SAGE_TOKEN": await _fixed_token(outside, public_url), "SAGE_API_URL": f"{outside}/sage-api"}
            for name, module in ((SAME_JOB, "same_job"), (HELLO, "hello")):
                url, log = _free_address(), folder / f"{module}.log"
                site = small_world().companies[0].site_id
                given = {"SLACK_SIGNING_SECRET": SECRET, "PORT": _port(url), "SAGE_SITE": site, **sage}
                process = await enter(_started(("-m", f"benchmarks.{module}"), given, log, url))
                typist = Typist(http, answers, url)
                found.contenders.append(Contender(name, url, typist, process, log, answers=name != HELLO))
        yield found


@asynccontextmanager
async def _started(
    command: tuple[str, ...], environment: dict[str, str], log: Path, ready: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of this Python, given out once it answers at `ready`; told to stop at the end."""
    process = await _process(command, environment, log)
    try:
        await _until_ready(process, ready, log)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _process(command: tuple[str, ...], environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **environment}
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, env=surroundings, cwd=log.parent, stdout=output, stderr=output
        )


async def _upgraded(environment: dict[str, str], log: Path) -> None:
    process = await _process(("-m", "bot", "db", "upgrade"), environment, log)
    if await process.wait():
        raise SystemExit(f"bot db upgrade failed: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _until_ready(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    async with httpx.AsyncClient() as http:
        while process.returncode is None and time.monotonic() < until:
            try:
                if (await http.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit(f"{log.stem} did not start: {_end_of(log)}")


async def _set_up(url: str, typist: Typist) -> None:
    """Install, connect the workspace, give roles, and connect those who have a sign-in of their own."""
    async with httpx.AsyncClient(base_url=url) as browser, httpx.AsyncClient() as outside:
        # Only what goes over HTTP is used of the office; the rest of it is in other processes.
        office = Office(None, None, typist, None, None, None, None, browser, outside, url)  # type: ignore[arg-type]
        await office.install()
        for user in (ADMIN, *OWN):
            said = (await office.connect(_GEORGE if user == ADMIN else email_of(user), user=user)).text
            if not said.startswith("*Connected to "):
                raise SystemExit(f"{user} is not connected: {said}")
        for who, words in (
            *((each, "controller") for each in CONTROLLERS),
            *((each, "sales") for each in SALES),
            *((each, "customers rep:George") for each in SALES),
        ):
            await office.command("/sage", f"roles <@{who}|{who.lower()}> {words}", user=ADMIN)


async def _until_read(found: Field) -> None:
    """The mirror has been read: a customer's card asks Sage for the customer alone, and not for open items too."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        before = await found.counts()
        await (await found.contenders[0].typist.command("/customer", "ABS001", user=ADMIN)).answer
        after = await found.counts()
        if sum(after.values()) - sum(before.values()) == 1:
            return
        await asyncio.sleep(0.5)
    raise SystemExit("the mirror was not read")


async def _fixed_token(outside: str, product_url: str) -> str:
    """An access token of the simulated Sage ID, as somebody would paste it into forty lines."""
    client_id, back = _SECRETS["SAGE_CLIENT_ID"], f"{product_url}/sage/callback"
    asked = {"client_id": client_id, "redirect_uri": back, "audience": AUDIENCE, "scope": SCOPE}
    form = {**asked, "response_type": "code", "person": _GEORGE, "decision": "allow"}
    async with httpx.AsyncClient() as http:
        allowed = await http.post(f"{outside}/sage-id/authorize/decision", data=form)
        code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
        app = {"client_id": client_id, "client_secret": _SECRETS["SAGE_CLIENT_SECRET"], "redirect_uri": back}
        traded = {"grant_type": "authorization_code", "code": code, **app}
        return str((await http.post(f"{outside}/sage-id/oauth/token", data=traded)).json()["access_token"])


def _free_address() -> str:
    with free_socket() as bound:
        return address(bound)


def _port(url: str) -> str:
    return str(urlsplit(url).port)
