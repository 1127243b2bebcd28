"""Hold changes through one worker, and through two that are killed 50 times: a second, lost, doubled, in order.

    python -m benchmarks.delivery_kills --news 10000 --kills 50 --channels 200

PostgreSQL is started for it; the simulated Slack, without its limits, is a process of its own. The pace is lifted and
the lease is short, or the run would measure Slack's second and our patience. Baseline of the rate: a client that only
posts as many messages of that size to the same Slack, as many at a time. Always ends.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import httpx
import uvicorn
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, insert, select
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.processes import cpu_seconds
from benchmarks.parts.stage import databases, new_database
from bot.app import opened, utc_now
from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.json_column import CHANGE_JSON
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.service.outbox import Outbox
from bot.features.delivery.slack_messenger import SlackMessenger
from bot.features.installations.service.installations import Installation
from bot.jobs.job import PLACES, Lane
from bot.observability.logs import set_up
from bot.services import Services
from sandbox.slack import Slack
from sandbox.slack.people import Channel
from storage.database import Database
from storage.migrations import upgrade
from storage.queries.connections import workspaces
from storage.tables.alerts import OutboxRow, SubscriptionRow
from storage.tables.core import CompanyRow
from tests.connected_app import settings
from tests.serving import free_socket
from tests.welcomes import welcomes_of

OWNER = "U0PRIYA"  # whom the simulated Slack knows: who may not subscribe channels any more pauses them
LEASE = timedelta(seconds=3)
AT_ONCE = PLACES[Lane.POSTING].at_once
GIVE_UP = 200.0  # seconds


def slack_process(port: int, channels: int) -> None:
    """Slack, with `/told`: (channel, delivery id) of everything posted, in the order it came."""
    settings = {"client_id": "1.1", "client_secret": "x", "signing_secret": "x", "redirect_uris": []}
    slack = Slack(**settings, base_url=f"http://127.0.0.1:{port}", clock=utc_now)
    place = slack.workspaces["T0ACME"]
    for number in range(channels):
        place.channels[f"C{number:04}"] = Channel(f"C{number:04}", f"c{number}", {place.bot_user_id})

    async def token(_) -> JSONResponse:
        return JSONResponse(slack.install("T0ACME"))

    async def told(_) -> JSONResponse:
        return JSONResponse([(each.channel, int(each.metadata["event_payload"]["id"])) for each in slack.messages])

    app = Starlette(routes=[Route("/token", token), Route("/told", told), Mount("/", slack.app)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


@asynccontextmanager
async def product(database_url: str, slack_url: str) -> AsyncIterator[tuple[Services, Outbox]]:
    """The product's services, and its outbox without the pace and with a short lease."""
    async with (
        opened(settings(database_url, SLACK_API_URL=f"{slack_url}/api/")) as made,
        aiohttp.ClientSession() as http,
    ):
        services = made.services
        client = AsyncWebClient(base_url=f"{slack_url}/api/", session=http, timeout=10, retry_handlers=[])
        posting = SlackMessenger(client, refusals=services.block_refusals, clock=utc_now)
        yield (
            services,
            Outbox(
                database=services.database,
                installations=services.installations,
                sessions=services.sessions,
                own_access=OwnAccess(connections=services.connections, permission=services.permission),
                welcomes=welcomes_of(services, posting),
                posting=posting,
                clock=utc_now,
                pace=timedelta(0),
                lease=LEASE,
            ),
        )


async def worker_process(database_url: str, slack_url: str) -> None:
    """As the embedded dispatch does it: look for due targets, a few at once."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with product(database_url, slack_url) as (_, outbox):

        async def post(workspace_id: str, target_id: str) -> None:
            async with turns:
                await outbox.post_target(workspace_id=workspace_id, target_id=target_id)

        while True:
            due = await outbox.due(most=500)
            random.shuffle(due)  # two workers that begin with the same targets would only meet there
            await asyncio.gather(*(post(*target) for target in due[: AT_ONCE * 2]))
            await asyncio.sleep(0 if due else 0.2)


async def fill(database_url: str, database: Database, url: str, token: str, news: int, channels: int) -> None:
    """One subscription for each channel, and the news spread over them."""
    await upgrade(database)
    async with product(database_url, url) as (services, _):
        installations = services.installations
        words = dict.fromkeys(("name", "domain", "app_id", "bot_user_id", "bot_id", "bot_scopes", "installed_by"), "x")
        await installations.install(Installation("T0ACME", False, **words, bot_token=token), now=utc_now())
        bot = await installations.bot("T0ACME")
    assert bot is not None
    place = {"workspace_id": bot.workspace_id}
    async with database.transaction() as tx:
        company = CompanyRow(**place, edition="standard", site_id="s", company_id=1, company_name="x", site_name="x")
        tx.add(company)
        await tx.flush()
        await workspaces.grant(tx, **place, user_id=OWNER, role="controller", granted_by=OWNER, now=utc_now())
        empty = {"filter": {}, "thresholds": [], "delivery": "at_once", "paused_reason": ""}
        usual = {
            **place,
            **empty,
            "company_pk": company.id,
            "owner": OWNER,
            "topics": ["holds"],
            "zone": "Europe/London",
        }
        made = {"is_personal": False, "created_at": utc_now()}
        targets = [{**usual, **made, "number": each, "target_id": f"C{each:04}"} for each in range(channels)]
        await tx.execute(insert(SubscriptionRow), targets)
        numbers = {row.number: row.id for row in await tx.execute(select(SubscriptionRow.number, SubscriptionRow.id))}
        rows = []
        for each in range(news):
            held = Snapshot(each, f"AB{each:05}", "ABS Garages Ltd", on_hold=True)
            facts = {**CHANGE_JSON.write(Change(ChangeKind.PUT_ON_HOLD, held, held)), "seen_at": utc_now().isoformat()}
            where = {**place, "company_pk": company.id, "subscription_id": numbers[each % channels]}
            told = {"target_id": f"C{each % channels:04}", "kind": "change", "dedupe_key": f"{each}", "facts": facts}
            rows.append({**where, **told, **made, "due_at": utc_now()})
        await tx.execute(insert(OutboxRow), rows)


async def measure(arguments: argparse.Namespace, database_url: str, number: int, kills: int) -> Run:
    """Return what so many workers, killed so often, have made of the news."""
    with free_socket() as bound:
        port = bound.getsockname()[1]
    url, slack = f"http://127.0.0.1:{port}", await _start("slack", str(port), str(arguments.channels))
    workers: list[asyncio.subprocess.Process] = []
    database = Database(database_url)
    try:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            await fill(database_url, database, url, await _token(client), arguments.news, arguments.channels)
            workers += [await _start("worker", database_url, url) for _ in range(number)]
            began, killed = await _begun(database, arguments.news), 0
            while time.monotonic() - began < GIVE_UP and (left := await _left(database)):
                # The kills are spread over what there is to post, at moments that nobody chose.
                due = (arguments.news - left) / arguments.news * (kills + 1)
                if killed < kills and due > killed:
                    await asyncio.sleep(random.random() * 0.3)
                    victim = killed % number
                    workers[victim].kill()
                    await workers[victim].wait()
                    workers[victim] = await _start("worker", database_url, url)
                    killed += 1
                await asyncio.sleep(0.05 if kills else 0.25)  # counting takes time too
            seconds, cpu = time.monotonic() - began, sum(cpu_seconds(each.pid) for each in workers)
            told = (await client.get("/told")).json()
            return Run(arguments.news, killed, await _left(database), seconds, cpu, told)
    finally:
        for process in (*workers, slack):
            if process.returncode is None:
                process.kill()
                await process.wait()
        await database.close()


async def _token(client: httpx.AsyncClient) -> str:
    async with asyncio.timeout(60):
        while True:
            try:
                return str((await client.get("/token")).json())
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def _left(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.scalar(select(func.count()).where(OutboxRow.due_at.is_not(None))) or 0)


async def _begun(database: Database, news: int) -> float:
    """Wait until the first message is noted: a process takes seconds to start. Return the moment."""
    until = time.monotonic() + GIVE_UP
    while await _left(database) == news and time.monotonic() < until:  # noqa: ASYNC110 - another process changes it
        await asyncio.sleep(0.02)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `told` are (channel, delivery id) of everything posted, in the order it came."""

    news: int
    killed: int
    left: int
    seconds: float
    cpu: float
    told: list[tuple[str, int]]

    @property
    def rate(self) -> float:
        """Return messages a second."""
        return len(self.told) / self.seconds

    @property
    def lost(self) -> int:
        """Return how much news is noted as posted and stands nowhere."""
        return max(0, self.news - len({number for _, number in self.told}) - self.left)

    @property
    def disorder(self) -> int:
        """Return how often a message came after a later one of its channel."""
        last, found = Counter[str](), 0
        for channel, number in self.told:
            found += number < last[channel]
            last[channel] = max(last[channel], number)
        return found

    @property
    def doubled(self) -> int:
        """Return how many messages stand there once too often."""
        return sum(count - 1 for count in Counter(number for _, number in self.told).values())


async def bare(channels: int, messages: int) -> float:
    """Return messages a second of a client that only posts."""
    with free_socket() as bound:
        port = bound.getsockname()[1]
    url, slack = f"http://127.0.0.1:{port}", await _start("slack", str(port), str(channels))
    turns = asyncio.Semaphore(AT_ONCE)
    try:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client, aiohttp.ClientSession() as http:
            web = AsyncWebClient(await _token(client), base_url=f"{url}/api/", session=http, timeout=10)
            mark = {"event_type": "sage200_delivery", "event_payload": {"id": "1"}}
            said = "*ABS Garages Ltd (AB00001) is on hold.* " * 20
            blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": said}}]

            async def post(number: int) -> None:
                async with turns:
                    to = f"C{number % channels:04}"
                    await web.chat_postMessage(channel=to, text=said[:40], blocks=blocks, metadata=mark)

            began = time.monotonic()
            await asyncio.gather(*map(post, range(messages)))
            return messages / (time.monotonic() - began)
    finally:
        slack.kill()
        await slack.wait()


async def _start(*what: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.delivery_kills", *what)


def main() -> None:
    match sys.argv[1:]:
        case ["slack", port, channels]:
            slack_process(int(port), int(channels))
        case ["worker", database_url, url]:
            set_up("INFO", [])
            asyncio.run(worker_process(database_url, url))
        case _:
            parser = argparse.ArgumentParser(description=__doc__)
            for name, usual in {"--news": 10_000, "--kills": 50, "--channels": 200, "--rounds": 3}.items():
                parser.add_argument(name, type=int, default=usual)
            compare(parser.parse_args())


def compare(given: argparse.Namespace) -> None:
    """Tell the rate of one worker beside the bare client's, in turn, and what 50 kills of two workers did."""
    few = argparse.Namespace(**{**vars(given), "news": min(given.news, 3000)})
    alone, plain = list[Run](), list[float]()
    with databases() as server:
        for _ in range(given.rounds):
            alone.append(asyncio.run(measure(few, new_database(server), 1, 0)))
            plain.append(asyncio.run(bare(given.channels, few.news)))
        killed = asyncio.run(measure(given, new_database(server), 2, given.kills))
    rates, cpu = [run.rate for run in alone], [run.cpu / run.news * 1000 for run in alone]
    name = f"{given.news:,} news, 2 workers, {killed.killed} kills"
    tell(
        Figure("delivered by one worker", "a second", rates, least=300),
        Figure("delivered by one worker, beside bare posting", "a second", rates, "a client that only posts", plain),
        Figure("delivered by one worker", "ms of its CPU a message, start included", cpu),
        Figure(name, "a second", [killed.rate]),
        Figure(name, "lost", [killed.lost], most=0),
        Figure(name, "left", [killed.left], most=0),
        Figure(name, "out of order", [killed.disorder], most=0),
        Figure(name, f"doubled, of {killed.killed * AT_ONCE:,} in flight", [killed.doubled]),
    )


if __name__ == "__main__":
    main()
