"""Bolt, SQLAlchemy and httpx in one process that does nothing with them, for comparison of memory and start."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

ENGINE = create_async_engine(os.environ["DATABASE_URL"])
SESSIONS = async_sessionmaker(ENGINE)
SAGE = httpx.AsyncClient()


class Base(DeclarativeBase):
    """Every table."""


class Workspace(Base):
    """An installed workspace."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str]


async def authorize(enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
    """One workspace, one token."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-fixed")


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/customer")
async def customer(ack: AsyncAck, respond: AsyncRespond) -> None:
    """Ack, look at a row, answer."""
    await ack()
    async with SESSIONS() as session:
        await session.scalars(select(Workspace).limit(1))
    await respond("hello")


async def ready(_: Request) -> PlainTextResponse:
    """Answer once the database does."""
    async with SESSIONS() as session:
        await session.scalars(select(Workspace).limit(1))
    return PlainTextResponse("ready")


@asynccontextmanager
async def closing(_: Starlette) -> AsyncIterator[None]:
    """Close what was opened."""
    yield
    await SAGE.aclose()
    await ENGINE.dispose()


if __name__ == "__main__":
    events = Route("/slack/events", AsyncSlackRequestHandler(app).handle, methods=["POST"])
    routes = [events, Route("/health/ready", ready)]
    port = int(os.environ["PORT"])
    uvicorn.run(Starlette(routes=routes, lifespan=closing), port=port, log_config=None, access_log=False, loop="uvloop")
