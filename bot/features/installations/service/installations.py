"""Slack workspaces that installed the app, with their bot tokens."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

import storage.queries.workspaces as rows
from bot.domain.oauth_tokens import refresh_at
from bot.errors import NotInstalled
from bot.features.assistant.model.answers import SPOKEN_OF
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.installations.service.bot_tokens import REFRESH, TOKEN, BotTokens
from storage.cipher import Cipher, SealedText
from storage.database import Database
from storage.queries import conversation_subject, leases, outbox, seen_requests
from storage.tables.core import Workspace

STATE_LIFETIME = timedelta(minutes=10)
# Slack's delayed events come hourly for 24 hours after the ordinary retries (docs.slack.dev, Events API).
REMEMBERED = timedelta(hours=26)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack granted. `slack_id` is the team's id, or the enterprise's for an org-wide installation."""

    slack_id: str
    is_enterprise: bool
    name: str
    domain: str
    app_id: str
    bot_user_id: str
    bot_id: str
    bot_scopes: str
    installed_by: str
    bot_token: str = field(repr=False)
    bot_refresh_token: str | None = field(default=None, repr=False)
    bot_token_expires_in: int | None = None


@dataclass(frozen=True, slots=True)
class Bot:
    """An installed workspace and its bot token."""

    workspace_id: str
    name: str
    slack_id: str
    bot_user_id: str
    bot_id: str
    installed_by: str
    installed_at: datetime
    scopes: tuple[str, ...]
    token: str = field(repr=False)

    @property
    def is_org_wide(self) -> bool:
        """Return whether an organisation installed the app for all its workspaces."""
        return self.slack_id.startswith("E")


class Installations:
    """Installing, uninstalling, and deleting what is past its retention."""

    def __init__(
        self, *, database: Database, cipher: Cipher, tokens: BotTokens, retention: timedelta, audit: AuditLog
    ) -> None:
        self._audit = audit
        self._database = database
        self._cipher = cipher
        self._tokens = tokens
        self._retention = retention

    async def new_state(self, *, now: datetime) -> str:
        """Return a new OAuth state for one installation attempt; only its hash is stored."""
        state = secrets.token_urlsafe(32)
        async with self._database.transaction() as tx:
            await rows.keep_state(tx, _hash(state), expires_at=now + STATE_LIFETIME)
        return state

    async def consume_state(self, state: str, *, now: datetime) -> bool:
        """Return True exactly once for a state of ours that has not expired, even for concurrent callers."""
        async with self._database.transaction() as tx:
            return await rows.consume_state(tx, _hash(state), now=now)

    async def install(self, given: Installation, *, now: datetime) -> bool:
        """Store the installation, its token encrypted. Return True when the app was not installed there before."""
        async with self._database.transaction() as tx:
            before = await rows.by_slack_id(tx, given.slack_id)
            is_new = before is None or before.uninstalled_at is not None
            workspace_id = before.id if before is not None else uuid.uuid4().hex
            before_state = _state_of(before)
            asks_anew = before is None or (before.bot_scopes, before.installed_by) != (
                given.bot_scopes,
                given.installed_by,
            )
            await rows.save_install(
                tx,
                workspace_id=workspace_id,
                slack_id=given.slack_id,
                is_enterprise=given.is_enterprise,
                name=given.name,
                domain=given.domain,
                app_id=given.app_id,
                bot_user_id=given.bot_user_id,
                bot_id=given.bot_id,
                bot_scopes=given.bot_scopes,
                bot_token_sealed=self._seal(workspace_id, given.bot_token, TOKEN),
                bot_refresh_token_sealed=(
                    self._seal(workspace_id, given.bot_refresh_token, REFRESH) if given.bot_refresh_token else None
                ),
                bot_token_expires_at=(
                    now + timedelta(seconds=given.bot_token_expires_in) if given.bot_token_expires_in else None
                ),
                installed_by=given.installed_by,
                due_at=_rotate_at(given, now=now),
                now=now,
            )
            if is_new or asks_anew:  # with SLACK_BOT_TOKEN every start installs again
                line = AuditLine(now, given.installed_by, "install", given.name, before_state, "installed")
                await self._audit.record(tx, line, workspace_id=workspace_id)
        log.info("installed", workspace=workspace_id, org_wide=given.is_enterprise, new=is_new)
        return is_new

    async def bot(self, slack_id: str) -> Bot | None:
        """Return the workspace installed under a Slack id, or None. Raises SealBroken or TokensUnavailable."""
        async with self._database.reading() as tx:
            row = await rows.by_slack_id(tx, slack_id)
        return await self._bot(row)

    async def bot_of(self, workspace_id: str) -> Bot | None:
        """Return the installed workspace of our own id, or None. Raises as `bot`."""
        async with self._database.reading() as tx:
            row = await rows.by_id(tx, workspace_id)
        return await self._bot(row)

    async def installed_at(self, slack_id: str) -> datetime | None:
        """Return when the installation that is there now was made; None if there is none."""
        async with self._database.reading() as tx:
            row = await rows.by_slack_id(tx, slack_id)
        return row.installed_at if row is not None and row.uninstalled_at is None else None

    async def knows(self, slack_id: str) -> bool:
        """Return whether the app was ever installed there and its data is not purged yet."""
        async with self._database.reading() as tx:
            return await rows.by_slack_id(tx, slack_id) is not None

    async def uninstall(self, slack_id: str, *, now: datetime, installed_at: datetime | None = None) -> bool:
        """Erase every token of the workspace. Return False when nothing was left to erase.

        With `installed_at`, only of the installation of that moment, and not of a later one.
        """
        try:
            async with self._database.transaction() as tx:
                erased = await rows.mark_uninstalled(tx, slack_id, now=now, installed_at=installed_at)
        except rows.InstalledAgain:
            erased = False
        log.info("uninstalled", slack=slack_id, erased=erased)
        return erased

    async def clear_away(self, *, now: datetime) -> int:
        """Delete expired states and request keys, and workspaces uninstalled longer ago than the retention."""
        async with self._database.transaction() as tx:
            states = await rows.purge_states(tx, now=now)
            await outbox.purge(tx, before=now - self._retention)
            await leases.purge(tx, now=now)
            await conversation_subject.purge(tx, before=now - SPOKEN_OF)
            gone = await rows.purge_uninstalled(tx, before=now - self._retention)
            if gone:
                log.info("purged uninstalled workspaces", count=gone)
            return states + gone + await seen_requests.purge_seen(tx, before=now - REMEMBERED)

    async def _bot(self, row: Workspace | None) -> Bot | None:
        if row is None or row.uninstalled_at is not None or row.bot_token_sealed is None:
            return None
        try:
            token = await self._tokens.fresh(row)
        except NotInstalled:
            return None
        return Bot(
            workspace_id=row.id,
            name=row.name,
            slack_id=row.slack_id,
            bot_user_id=row.bot_user_id,
            bot_id=row.bot_id,
            installed_by=row.installed_by,
            installed_at=row.installed_at,
            scopes=tuple(scope for scope in row.bot_scopes.split(",") if scope),
            token=token,
        )

    def _seal(self, workspace_id: str, token: str, column: str) -> SealedText:
        return self._cipher.seal(token, workspace_id=workspace_id, column=column)


def _state_of(before: Workspace | None) -> str:
    if before is None:
        return ""
    return "installed" if before.uninstalled_at is None else "uninstalled"


def _rotate_at(given: Installation, *, now: datetime) -> datetime | None:
    """Return when to refresh the bot token; None while Slack's token rotation is off."""
    if given.bot_refresh_token is None or not given.bot_token_expires_in:
        return None
    return refresh_at(now + timedelta(seconds=given.bot_token_expires_in), now=now, spread=0.5)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
