"""Slack workspaces that installed the app, with their bot tokens."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from cachetools import TTLCache

import storage.queries.connections.workspaces as rows
from bot.coordination.batched import Batched
from bot.coordination.each_alone import each_alone
from bot.domain.oauth_tokens import refresh_at
from bot.errors import NotInstalled, SlackTokenSealed
from bot.features.assistant.model.answers import SPOKEN_OF
from bot.features.audit.model.hash_chain import INSTALL, UNINSTALL, AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.audit.service.retention import AuditRetention
from bot.features.installations.service.bot_tokens import REFRESH, TOKEN, BotTokens
from bot.features.installations.service.seen_requests import SeenRequests
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.queries import conversation_subject, leases, seen_requests
from storage.queries.alerts import outbox
from storage.queries.seen_requests import Claim
from storage.tables.core import Workspace

STATE_LIFETIME = timedelta(minutes=10)
# Slack's delayed events come hourly for 24 hours after the ordinary retries (docs.slack.dev, Events API).
REMEMBERED = timedelta(hours=26)
_LOG_AGAIN = 3600  # seconds until a token that can't be opened is logged again
_STATE = "install_state"
REPEATED = timedelta(minutes=1)
"""How long a request that the browser sends again is answered as the first one was."""
# How often, and how many times, a repeated request looks for the first one's answer: Slack may take ten seconds.
_LOOK_SECONDS, _LOOKS = 0.2, 60

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
    refused_blocks: Mapping[str, datetime] = field(default_factory=dict)
    """The kinds of tables and charts that Slack refused, and until when that is remembered."""

    @property
    def is_org_wide(self) -> bool:
        """Return whether an organisation installed the app for all its workspaces."""
        return self.slack_id.startswith("E")


class Installations:
    """Installing, uninstalling, and deleting what is past its retention."""

    def __init__(
        self,
        *,
        database: Database,
        cipher: Cipher,
        tokens: BotTokens,
        seen: SeenRequests,
        retention: timedelta,
        audit: AuditLog,
        audit_retention: AuditRetention,
    ) -> None:
        self._audit = audit
        self._audit_retention = audit_retention
        self._seen = seen
        self._database = database
        self._cipher = cipher
        self._tokens = tokens
        self._retention = retention
        self._rows = Batched(self._read_rows)
        self._unopened: TTLCache[str, bool] = TTLCache(maxsize=1000, ttl=_LOG_AGAIN)

    def new_state(self, *, now: datetime) -> str:
        """Return a new OAuth state for one installation attempt: sealed, with its end. Nothing is stored."""
        text = f"{int((now + STATE_LIFETIME).timestamp())}.{secrets.token_urlsafe(16)}"
        # A cookie holds it too, where padding would have to be quoted.
        return self._cipher.seal(text, workspace_id="", column=_STATE).rstrip("=")

    def is_state(self, state: str, *, now: datetime) -> bool:
        """Return whether the state is ours and has not expired."""
        try:
            padding = "=" * (-len(state.rpartition(".")[2]) % 4)
            text = self._cipher.open(SealedText(state + padding), workspace_id="", column=_STATE)
        except SealBroken:
            return False
        return now.timestamp() < int(text.partition(".")[0])

    async def consume_state(self, state: str, *, now: datetime) -> bool:
        """Return True exactly once for a state of ours that has not expired, even for concurrent callers."""
        if not self.is_state(state, now=now):
            return False
        # Only here is anything stored, so that those who merely begin leave nothing behind.
        return await self._seen.first_time([Claim(_key(state), now, STATE_LIFETIME)])

    async def note_answer(self, state: str, answer: str) -> None:
        """Store the answer to the request that used the state up, for its repeats."""
        async with self._database.transaction() as tx:
            await seen_requests.answer(tx, _key(state), answer)

    async def answer_before(self, state: str, *, now: datetime) -> str:
        """Return the answer to the request that used the state up within the last minute; empty if there is none.

        Waits for it while that request is on its way.
        """
        for _ in range(_LOOKS):
            async with self._database.reading() as tx:
                answer = await seen_requests.answered(tx, _key(state), since=now - REPEATED)
            if answer != "":
                return answer or ""
            await asyncio.sleep(_LOOK_SECONDS)
        return ""

    async def install(self, given: Installation, *, now: datetime, installer_gone: bool = False) -> bool:
        """Store the installation, its token encrypted. Return True when the app was not installed there before.

        The first installer stays the installer, unless `installer_gone`: neither they nor an admin of the app is there.
        """
        async with self._database.transaction() as tx:
            before = await rows.by_slack_id(tx, given.slack_id)
            is_new = before is None or before.uninstalled_at is not None
            workspace_id = before.id if before is not None else uuid.uuid4().hex
            before_state = _state_of(before)
            first = before.installed_by if before is not None and not installer_gone else ""
            same = before is not None and before.bot_scopes == given.bot_scopes
            asks_anew = not (same and given.installed_by in {"", first})
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
                installed_by=first or given.installed_by,
                due_at=_rotate_at(given, now=now),
                now=now,
            )
            if is_new or asks_anew:  # with SLACK_BOT_TOKEN every start installs again
                line = AuditLine(now, given.installed_by, INSTALL, given.name, before_state, "installed")
                await self._audit.record(tx, line, workspace_id=workspace_id)
        log.info("installed", workspace=workspace_id, org_wide=given.is_enterprise, new=is_new)
        return is_new

    async def before(self, given: Installation) -> Bot | None:
        """Return the workspace of an earlier installation, uninstalled or not, with the token just given."""
        async with self._database.reading() as tx:
            row = await rows.by_slack_id(tx, given.slack_id)
        return _bot_of(row, given.bot_token) if row is not None else None

    async def bot(self, slack_id: str) -> Bot | None:
        """Return the workspace installed under a Slack id, or None. Raises TokensUnavailable."""
        async with self._database.reading() as tx:
            row = await rows.by_slack_id(tx, slack_id)
        return await self.bot_in(row)

    async def bot_of(self, workspace_id: str) -> Bot | None:
        """Return the installed workspace of our own id, or None. Raises as `bot`."""
        return await self.bot_in(await self._rows.ask(workspace_id))

    async def _read_rows(self, ids: Sequence[str]) -> list[Workspace | None]:
        async with self._database.reading() as tx:
            found = await rows.by_ids(tx, ids)
        return [found.get(each) for each in ids]

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
                workspace = await rows.by_slack_id(tx, slack_id) if erased else None
                if workspace is not None:  # Slack doesn't say who did it
                    line = AuditLine(now, "", UNINSTALL, workspace.name, "installed", "uninstalled")
                    await self._audit.record(tx, line, workspace_id=workspace.id)
        except rows.InstalledAgain:
            erased = False
        log.info("uninstalled", slack=slack_id, erased=erased)
        return erased

    async def clear_away(self, *, now: datetime) -> int:
        """Delete old request keys, and workspaces uninstalled longer ago than the retention."""
        async with self._database.transaction() as tx:
            await outbox.purge(tx, before=now - self._retention)
            await leases.purge(tx, now=now)
            await conversation_subject.purge(tx, before=now - SPOKEN_OF)
            seen = await seen_requests.purge_seen(tx, before=now - REMEMBERED)
            uninstalled = await rows.uninstalled(tx, before=now - self._retention)

        async def purge(workspace_id: str) -> bool:
            return await self._purge(workspace_id, now=now)

        gone = await each_alone(uninstalled, purge, task="purge a workspace", ids=lambda each: {"workspace": each})
        return sum(gone) + seen

    async def _purge(self, workspace_id: str, *, now: datetime) -> bool:
        """Delete an uninstalled workspace with all its data, if its record says itself that it was uninstalled."""
        before = now - self._retention
        async with self._database.transaction() as tx:
            if not await rows.lock_uninstalled(tx, workspace_id=workspace_id, before=before):
                return False
            if not await self._audit_retention.close(tx, workspace_id=workspace_id, before=before, now=now):
                return False
            await rows.purge(tx, workspace_id=workspace_id, before=before)
        log.info("purged an uninstalled workspace", workspace=workspace_id)
        return True

    async def bot_in(self, row: Workspace | None) -> Bot | None:
        """Return the installed workspace of a row that was read just now, or None. Raises as `bot`."""
        if row is None or row.uninstalled_at is not None or row.bot_token_sealed is None:
            return None
        try:
            token = await self._tokens.fresh(row)
        except NotInstalled:
            return None
        except SealBroken as error:
            # The operator's mistake, not an uninstall: what waits is kept until the key is back.
            if row.id not in self._unopened:
                self._unopened[row.id] = True
                log.error("a bot token can't be opened with ENCRYPTION_KEYS", workspace=row.id)  # noqa: TRY400
            raise SlackTokenSealed from error
        return _bot_of(row, token)

    def _seal(self, workspace_id: str, token: str, column: str) -> SealedText:
        return self._cipher.seal(token, workspace_id=workspace_id, column=column)


def _bot_of(row: Workspace, token: str) -> Bot:
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
        refused_blocks=rows.refused_blocks(row.refused_blocks),
    )


def _state_of(before: Workspace | None) -> str:
    if before is None:
        return ""
    return "installed" if before.uninstalled_at is None else "uninstalled"


def _rotate_at(given: Installation, *, now: datetime) -> datetime | None:
    """Return when to refresh the bot token; None while Slack's token rotation is off."""
    if given.bot_refresh_token is None or not given.bot_token_expires_in:
        return None
    return refresh_at(now + timedelta(seconds=given.bot_token_expires_in), now=now, spread=0.5)


def _key(state: str) -> str:
    return f"install:{hashlib.sha256(state.encode()).hexdigest()}"
