"""What a workspace's admins choose: its settings, and how much each channel is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.errors import BadQuestion
from bot.features.access.model.authorization import (
    AccessChange,
    Action,
    Asker,
    Policy,
    Shown,
    WorkspaceChoices,
    shown_in,
    visibility_of,
)
from bot.features.access.service.admin_lock import recheck_admin
from bot.features.access.service.authorizer import Authorizer
from bot.features.access.service.policy import policy_from
from bot.features.admin.model import settings_command as setting_words
from bot.features.audit.service.log import AuditLog
from storage import settings as rows
from storage import targets
from storage.database import Database

Look = Callable[[str], Awaitable[Channel]]
"""Asks Slack about a channel, by id."""

log = structlog.get_logger(__name__)


class WorkspaceSettings:
    """Every change says what it was before."""

    def __init__(self, *, database: Database, access: Authorizer, audit: AuditLog) -> None:
        self._database = database
        self._access = access
        self._audit = audit

    async def chosen(self, asker: Asker) -> WorkspaceChoices:
        """All settings, and the channels that are shown more than status. Raises NotAllowed."""
        await self._access.require(asker, Action.SETTINGS)
        async with self._database.reading() as tx:
            policy = policy_from(await rows.of_workspace(tx, workspace_id=asker.workspace_id))
            kept = await rows.channels(tx, workspace_id=asker.workspace_id)
        shown = {channel_id: _class(each) for channel_id, each in kept.items()}
        return WorkspaceChoices(
            policy, {channel_id: each for channel_id, each in shown.items() if each is not Shown.STATUS}
        )

    async def change(self, asker: Asker, text: str, *, now: datetime) -> AccessChange:
        """Set one, as typed behind `/sage settings`. Raises NotAllowed or BadQuestion."""
        await self._access.require(asker, Action.SETTINGS)
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, asker, by_groups)
            before = policy_from(await rows.of_workspace(tx, workspace_id=asker.workspace_id))
            setting, after = setting_words.parse_settings_command(text, before)
            columns = _columns(after)
            await rows.save(tx, workspace_id=asker.workspace_id, changed_by=asker.user_id, now=now, **columns)
            made = AccessChange("setting", setting.name, setting.shown(before), setting.shown(after))
            await self._audit.changed(tx, asker, made, now=now)
        log.info("a setting was changed", workspace=asker.workspace_id, setting=setting.name)
        return made

    async def change_several(
        self, asker: Asker, words: Mapping[str, str], *, now: datetime
    ) -> tuple[AccessChange, ...]:
        """Set those that are named, all of them or none. Raises NotAllowed or FieldsRefused."""
        await self._access.require(asker, Action.SETTINGS)
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, asker, by_groups)
            before = policy_from(await rows.of_workspace(tx, workspace_id=asker.workspace_id))
            settings, after = setting_words.settings_from_form(words, before)
            if settings:
                columns = _columns(after)
                await rows.save(tx, workspace_id=asker.workspace_id, changed_by=asker.user_id, now=now, **columns)
            made = tuple(AccessChange("setting", each.name, each.shown(before), each.shown(after)) for each in settings)
            for each in made:
                await self._audit.changed(tx, asker, each, now=now)
        log.info("settings were changed", workspace=asker.workspace_id, settings=[each.about for each in made])
        return made

    async def channel(self, asker: Asker, channel_id: str, *, look: Look) -> tuple[str, Shown]:
        """The channel and its class. Raises NotAllowed, BadQuestion or ChannelUnknown."""
        await self._access.require(asker, Action.SETTINGS)
        await _seen(channel_id, look)
        async with self._database.reading() as tx:
            kept = await targets.figures_class(tx, workspace_id=asker.workspace_id, channel_id=channel_id)
        return channel_id, _class(kept)

    async def set_channel(
        self, asker: Asker, channel_id: str, shown: Shown, *, look: Look, now: datetime
    ) -> AccessChange:
        """Let a channel be shown so much from now on. Raises NotAllowed, BadQuestion or ChannelUnknown."""
        await self._access.require(asker, Action.SETTINGS)
        await _seen(channel_id, look)
        where = {"workspace_id": asker.workspace_id, "channel_id": channel_id}
        by_groups = await self._access.role_by_groups(asker)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, asker, by_groups)
            before = _class(await targets.figures_class(tx, **where))
            await rows.set_channel(tx, **where, figures_class=shown.value, set_by=asker.user_id, now=now)
            made = AccessChange("channel", channel_id, before.value, shown.value)
            await self._audit.changed(tx, asker, made, now=now)
        log.info("a channel's class was changed", workspace=asker.workspace_id, before=before, after=shown)
        return made


async def _seen(channel_id: str, look: Look) -> None:
    """It must be a channel that the app can see, of this company alone."""
    if channels.is_conversation(channel_id):
        raise BadQuestion(
            "This is a conversation, not a channel.",
            hint="Type it in the channel, or name one: `/sage channel #sales`.",
        )
    channel = await look(channel_id)
    why = channels.refusal(channel)
    if not why and channel.is_private and not channel.is_member:
        why = "I can't see that channel. If it is private, invite the app there first: `/invite @Sage 200`."
    if why:
        raise BadQuestion(why, hint="")


def _class(kept: str | None) -> Shown:
    return shown_in(visibility_of(kept)) or Shown.STATUS


def _columns(policy: Policy) -> dict[str, Any]:
    """As they are kept."""
    columns = {each.name: getattr(policy, each.name) for each in fields(policy)}
    span, region = columns.pop("trust_copy_for"), columns.pop("region")
    return {**columns, "trust_copy_minutes": span // timedelta(minutes=1), "region": region.value if region else None}
