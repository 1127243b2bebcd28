"""One, two and four `bot worker` on one PostgreSQL, with a Sage and a Slack that answer slowly. Tells what each adds.

    python -m benchmarks.scale_out --rounds 2 --seconds 12 --slow 3

Workspaces enough, each with a company that is due again as soon as it was looked at, and with more news than can be
posted, for targets enough. Slow is latency alone, so that what holds a worker back are its places, as with real
companies' servers. Counted is what the simulated Sage and Slack were asked while nothing started or stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog
from sqlalchemy import insert, update

from benchmarks.parts.contenders import fixed_token
from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.outside import CHANNELS, OWNER
from benchmarks.parts.running import SECRETS, free_address, port_of, settings_of, started, upgraded
from benchmarks.parts.stage import KEY, databases, new_database, now
from bot.app import opened
from bot.config import Settings
from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.json_column import CHANGE_JSON
from bot.features.installations.service.installations import Installation
from bot.features.tokens.service.sage_tokens import ACCESS, REFRESH
from sandbox.sage200 import small_world
from storage.cipher import Cipher
from storage.queries.connections import workspaces
from storage.tables.alerts import OutboxRow, SubscriptionRow
from storage.tables.core import CONNECTED, CompanyRow, Connection, Workspace

Asked = dict[int, dict[str, float]]
_SETTLING_SECONDS = 5.0


async def fill(environment: dict[str, str], outside: str, sage_token: str, number: int, news: int) -> None:
    """Write workspaces connected to a company, each with channels that are told of holds, and news for them."""
    async with opened(Settings.from_env(environment)) as product, httpx.AsyncClient() as http:
        for each in range(number):
            bot_token = (await http.post(f"{outside}/token", params={"team": f"T{each}"})).json()
            await _workspace(product.services, f"T{each}", bot_token, sage_token, news)


async def _workspace(services: Any, slack_id: str, bot_token: str, sage_token: str, news: int) -> None:
    moment, later = now(), now() + timedelta(hours=8)
    words = dict.fromkeys(("name", "domain", "app_id", "bot_user_id", "bot_id", "bot_scopes", "installed_by"), "x")
    await services.installations.install(Installation(slack_id, False, **words, bot_token=bot_token), now=moment)
    bot = await services.installations.bot(slack_id)
    place = {"workspace_id": bot.workspace_id}
    world = small_world().companies[0]
    site = {"edition": world.edition, "site_id": world.site_id, "company_id": world.company_id}
    seal = Cipher.from_text(KEY).seal
    tokens = {
        f"{name}_sealed": seal(sage_token, column=column, owner=OWNER, **place)
        for name, column in (("access_token", ACCESS), ("refresh_token", REFRESH))
    }
    connection = {**place, "id": f"c-{slack_id}", "user_id": OWNER, "sign_in_id": "s", "state": CONNECTED, **tokens}
    times = {"state_since": moment, "connected_at": moment, "refreshed_at": moment, "figures_seen_at": moment}
    connection |= {**times, "access_expires_at": later, "refresh_due_at": later, "state_reason": ""}
    async with services.database.transaction() as tx:
        company = CompanyRow(**place, **site, company_name="x", site_name="x")
        tx.add(company)
        await tx.flush()
        await tx.execute(insert(Connection).values(**connection, company_pk=company.id))
        here = update(Workspace).where(Workspace.id == bot.workspace_id)
        await tx.execute(here.values(workspace_connection_id=connection["id"]))
        await workspaces.grant(tx, **place, user_id=OWNER, role="controller", granted_by=OWNER, now=moment)
        mine = {**place, "company_pk": company.id}
        wanted = {"owner": OWNER, "topics": ["holds"], "filter": {}, "thresholds": [], "is_personal": False}
        told = {"delivery": "at_once", "zone": "Europe/London", "paused_reason": "", "created_at": moment}
        for count, target in enumerate(CHANNELS):
            subscription = SubscriptionRow(**mine, **wanted, **told, number=count, target_id=target)
            tx.add(subscription)
            await tx.flush()
            to = {**mine, "subscription_id": subscription.id, "target_id": target, "is_personal": False}
            row = {**to, "kind": "change", "created_at": moment, "due_at": moment}
            rows = [{**row, "dedupe_key": f"{target}:{each}", "facts": _facts(each)} for each in range(news)]
            await tx.execute(insert(OutboxRow), rows)


def _facts(number: int) -> dict[str, Any]:
    held = Snapshot(number, f"AB{number:05}", "ABS Garages Ltd", on_hold=True)
    return {**CHANGE_JSON.write(Change(ChangeKind.PUT_ON_HOLD, held, held)), "seen_at": now().isoformat()}


async def asked(
    environment: dict[str, str], outside: str, folder: Path, numbers: Sequence[int], seconds: float
) -> Asked:
    """Return how often a second Sage and Slack were asked by each number of workers, which are started one by one."""
    found: Asked = {}
    async with AsyncExitStack() as stack, httpx.AsyncClient() as http:
        running = list[asyncio.subprocess.Process]()
        for number in numbers:
            while len(running) < number:
                url, log = free_address(), folder / f"worker{len(running)}.log"
                worker = started(
                    ("-m", "bot", "worker"), {**environment, "PORT": port_of(url)}, log, f"{url}/health/ready"
                )
                running.append(await stack.enter_async_context(worker))
            await asyncio.sleep(_SETTLING_SECONDS)
            before = (await http.get(f"{outside}/counts")).json()
            await asyncio.sleep(seconds)
            after = (await http.get(f"{outside}/counts")).json()
            found[number] = {name: (after[name] - before[name]) / seconds for name in after}
        for each in running:  # all at once, rather than one after another
            each.terminate()
    return found


async def measure(url: str, folder: Path, given: argparse.Namespace) -> None:
    """Tell what two and four workers do beside one."""
    outside, public_url = free_address(), free_address()
    environment = {**settings_of(public_url, outside, url), "SYNC_INTERVAL": "1"}
    await upgraded(environment, folder / "upgrade.log")
    serve = ("-m", "benchmarks.parts.outside", "--port", port_of(outside), "--product-url", public_url)
    async with started((*serve, "--slow", str(given.slow)), SECRETS, folder / "outside.log", f"{outside}/counts"):
        await fill(environment, outside, await fixed_token(outside, public_url), given.workspaces, given.news)
        found = [
            await asked(environment, outside, folder, given.workers, given.seconds) for _ in range(given.rounds + 1)
        ]
    for name in ("Sage", "Slack"):
        one, *more = (
            [each[number][name] for each in found[1:]] for number in given.workers
        )  # the first reads every ledger
        for number, ours in zip(given.workers[1:], more, strict=True):
            least = 3.5 if number == 4 else None
            tell(Figure(f"{name} asked by {number} workers", "times a second", ours, "one worker", one, least=least))


def main() -> None:
    """Run it on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in {"--rounds": 2, "--workspaces": 100, "--news": 15}.items():
        parser.add_argument(name, type=int, default=usual)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--slow", type=float, default=3)
    with tempfile.TemporaryDirectory() as folder, databases() as server:
        asyncio.run(measure(new_database(server), Path(folder), parser.parse_args()))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    main()
