"""What every benchmark stands on: PostgreSQL, a simulated Sage ID on a real socket, connections, and processes."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
from psycopg import sql
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from benchmarks.parts.figures import table
from bot.features.audit.service.log import AuditLog
from bot.features.tokens.service.sage_tokens import ACCESS, REFRESH, SageTokens
from bot.jobs import engine_schema
from bot.sage.auth import SageId as Client
from sandbox.sage_id import Person, SageId
from storage.cipher import Cipher
from storage.database import Database
from storage.migrations import upgrade
from storage.tables.core import CONNECTED, Connection, Workspace
from tests.postgres import postgres_server
from tests.serving import free_socket, serving

REPOSITORY = Path(__file__).parents[2]
WORKSPACE = "w1"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_REDIRECT = "http://127.0.0.1:3000/sage/callback"
_SMALL_BATCH = 1000


def now() -> datetime:
    """The clock of every process here."""
    return datetime.now(UTC)


@contextmanager
def databases() -> Iterator[str]:
    """A server of our own, gone at the end."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # answers are lost on purpose
    with postgres_server() as url:
        yield url


@dataclass
class Stage:
    """One database, one Sage ID, and the processes that were started on them."""

    database: Database
    cipher: Cipher
    sage_id: SageId
    environment: dict[str, str]
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    def pair(self, sign_in_id: str, user_id: str) -> dict[str, Any]:
        """A fresh sign-in at Sage ID of a person named for it, sealed as the row's columns."""
        email = email_of(sign_in_id)
        self.sage_id.people[email] = Person(email, sign_in_id)
        code = self.sage_id.grants.code(email, redirect_uri=_REDIRECT, challenge=None)
        given = self.sage_id.grants.redeem(code, redirect_uri=_REDIRECT, verifier=None)
        whose = {"workspace_id": WORKSPACE, "owner": user_id}
        return {
            "access_token_sealed": self.cipher.seal(given.access, column=ACCESS, **whose),
            "refresh_token_sealed": self.cipher.seal(given.refresh, column=REFRESH, **whose),
        }

    async def connect(self, number: int, *, due_within: timedelta = timedelta()) -> None:
        """So many connections; from an hour on, their renewals fall due evenly over `due_within`."""
        moment = now()
        rows = [self._row(each, moment + timedelta(hours=1) + due_within * each / number) for each in range(number)]
        async with self.database.transaction() as tx:
            await tx.execute(insert(Workspace).values(workspace_row(WORKSPACE, "T0ACME", moment)))
            for begin in range(0, number, _SMALL_BATCH):
                await tx.execute(insert(Connection), rows[begin : begin + _SMALL_BATCH])

    def _row(self, each: int, due_at: datetime) -> dict[str, Any]:
        user_id, moment = f"U{each}", now()
        return {
            "id": f"c{each}",
            "workspace_id": WORKSPACE,
            "user_id": user_id,
            "state": CONNECTED,
            "state_reason": "",
            "state_since": moment,
            "sign_in_id": f"f{each}",
            "access_expires_at": due_at + timedelta(minutes=15),
            "refresh_due_at": due_at,
            "connected_at": moment,
            "refreshed_at": moment,
            "token_version": 1,
            "failures": 0,
            **self.pair(f"f{each}", user_id),
        }

    async def start(self, module: str, *arguments: str) -> asyncio.subprocess.Process:
        """A process of this Python, with pipes for stdin and stdout; ended with the stage."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *arguments),
            env=self.environment,
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    async def end(self) -> None:
        """Kill what still runs, each by its own handle."""
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
        self.processes.clear()


@asynccontextmanager
async def stage(server: str, *, wrapped: Any = None) -> AsyncIterator[Stage]:
    """A fresh database on that server, migrated; `wrapped(app, sage_id)` may stand before Sage ID."""
    url = new_database(server)
    database = Database(url)
    sage_id = SageId(client_id="sage-client", client_secret="sage-client-secret", redirect_uris=[_REDIRECT], clock=now)
    app: ASGIApp = wrapped(sage_id.app, sage_id) if wrapped else sage_id.app
    bound = free_socket()
    try:
        await upgrade(database)
        await engine_schema.upgrade(url)
        async with serving(Starlette(routes=[Mount("/sage-id", app)]), bound) as address:
            made = Stage(database, Cipher.from_text(KEY), sage_id, _environment(url, address))
            try:
                yield made
            finally:
                await made.end()
    finally:
        await database.close()


@asynccontextmanager
async def custody_here() -> AsyncIterator[SageTokens]:
    """For a process of the benchmark: custody alone, from the environment that `Stage.start` gave."""
    database = Database(os.environ["DATABASE_URL"])
    async with httpx.AsyncClient(follow_redirects=False) as http:
        client = Client(
            http,
            base_url=os.environ["SAGE_ID_URL"],
            client_id=os.environ["SAGE_CLIENT_ID"],
            client_secret=os.environ["SAGE_CLIENT_SECRET"],
            redirect_uri=_REDIRECT,
        )
        cipher = Cipher.from_text(KEY)
        sage_tokens = SageTokens(
            database=database, cipher=cipher, sage_id=client, audit=AuditLog(cipher=cipher), clock=now
        )
        try:
            yield sage_tokens
        finally:
            await sage_tokens.settled()
            await database.close()


def email_of(sign_in_id: str) -> str:
    """Whose sign-in a family is at Sage ID: a person of its own for each, so that each can be looked up."""
    return f"{sign_in_id}@example.test"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table."""
    print(f"\n{title}\n\n{table(head, rows)}", flush=True)


def new_database(server: str) -> str:
    """The address of an empty one on that server."""
    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def workspace_row(workspace_id: str, slack_id: str, moment: datetime) -> dict[str, Any]:
    """Return the columns of an installed workspace."""
    empty = dict.fromkeys(("domain", "app_id", "bot_user_id", "bot_id", "bot_scopes"), "")
    named = {"id": workspace_id, "slack_id": slack_id, "is_enterprise": False, "name": "Acme", "installed_by": "U0"}
    return {**named, **empty, "installed_at": moment, "token_version": 1, "failures": 0}


def _environment(url: str, address: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "PUBLIC_URL": "http://127.0.0.1:3000",
        "DATABASE_URL": url,
        "ENCRYPTION_KEYS": KEY,
        "SLACK_CLIENT_ID": "1.1",
        "SLACK_CLIENT_SECRET": "slack-client-secret",
        "SLACK_SIGNING_SECRET": "slack-signing-secret",
        "SLACK_API_URL": "http://127.0.0.1:9/slack/api/",
        "SAGE_CLIENT_ID": "sage-client",
        "SAGE_CLIENT_SECRET": "sage-client-secret",
        "SAGE_ID_URL": f"{address}/sage-id",
        "SAGE_API_URL": "http://127.0.0.1:9/sage-api",
    }
