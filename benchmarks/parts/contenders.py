"""The processes that answer `/customer` side by side: the product, the same job in forty lines, and bare Bolt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx

from benchmarks.parts.commands import SECRET, Answers, Typist
from benchmarks.parts.outside import COLLEAGUES, email_of
from benchmarks.parts.processes import cpu_seconds
from benchmarks.parts.running import READY_SECONDS, SECRETS, free_address, port_of, settings_of, started, upgraded
from sandbox.sage200 import small_world
from sandbox.sage_id.authorize import AUDIENCE, SCOPE
from tests.scenarios.slack_app import Office

ADMIN = "U0PRIYA"
OWN, CONTROLLERS, SALES = COLLEAGUES[:3], COLLEAGUES[3:6], COLLEAGUES[6:]
PRODUCT, SAME_JOB, HELLO = "product", "same job", "hello"
_GEORGE = "george@example.test"


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
    database_url: str,
    folder: Path,
    http: aiohttp.ClientSession,
    answers: Answers,
    *,
    under: tuple[str, ...] = (),
    processes: int = 1,
) -> AsyncIterator[Field]:
    """Start the simulated Slack and Sage and the product, and install and connect it; Python runs it `under` these."""
    public_url, outside = free_address(), free_address()
    environment = settings_of(public_url, outside, database_url)
    serve = ("-m", "benchmarks.parts.outside", "--port", port_of(outside), "--product-url", public_url)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(started(serve, SECRETS, folder / "outside.log", f"{outside}/counts"))
        kind = ["web", "--with-worker"]
        if not database_url.startswith("sqlite"):
            kind = ["web"]
            await upgraded(environment, folder / "upgrade.log")
        log = folder / "product.log"
        process = await enter(started((*under, "-m", "bot", *kind), environment, log, f"{public_url}/health/ready"))
        product = Contender(PRODUCT, public_url, Typist(http, answers, public_url), process, log)
        await _set_up(public_url, product.typist)
        found = Field([product], outside)
        if kind == ["web"]:
            for number in range(2, processes + 1):
                url, log = free_address(), folder / f"product{number}.log"
                second = {**environment, "PORT": port_of(url)}
                process = await enter(started(("-m", "bot", *kind), second, log, f"{url}/health/ready"))
                found.contenders.append(Contender(PRODUCT, url, Typist(http, answers, url), process, log))
            place = free_address()
            worker, its_log = {**environment, "PORT": port_of(place)}, folder / "worker.log"
            async with started(("-m", "bot", "worker"), worker, its_log, f"{place}/health/ready"):
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
            sage = {"SAGE_TOKEN": await fixed_token(outside, public_url), "SAGE_API_URL": f"{outside}/sage-api"}
            for name, module in ((SAME_JOB, "same_job"), (HELLO, "hello")):
                url, log = free_address(), folder / f"{module}.log"
                site = small_world().companies[0].site_id
                given = {"SLACK_SIGNING_SECRET": SECRET, "PORT": port_of(url), "SAGE_SITE": site, **sage}
                process = await enter(started(("-m", f"benchmarks.parts.{module}"), given, log, url))
                typist = Typist(http, answers, url)
                found.contenders.append(Contender(name, url, typist, process, log, answers=name != HELLO))
        yield found


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
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        before = await found.counts()
        await (await found.contenders[0].typist.command("/customer", "ABS001", user=ADMIN)).answer
        after = await found.counts()
        if sum(after.values()) - sum(before.values()) == 1:
            return
        await asyncio.sleep(0.5)
    raise SystemExit("the mirror was not read")


async def fixed_token(outside: str, product_url: str) -> str:
    """An access token of the simulated Sage ID, as somebody would paste it into forty lines."""
    client_id, back = SECRETS["SAGE_CLIENT_ID"], f"{product_url}/sage/callback"
    asked = {"client_id": client_id, "redirect_uri": back, "audience": AUDIENCE, "scope": SCOPE}
    form = {**asked, "response_type": "code", "person": _GEORGE, "decision": "allow"}
    async with httpx.AsyncClient() as http:
        allowed = await http.post(f"{outside}/sage-id/authorize/decision", data=form)
        code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
        app = {"client_id": client_id, "client_secret": SECRETS["SAGE_CLIENT_SECRET"], "redirect_uri": back}
        traded = {"grant_type": "authorization_code", "code": code, **app}
        return str((await http.post(f"{outside}/sage-id/oauth/token", data=traded)).json()["access_token"])
