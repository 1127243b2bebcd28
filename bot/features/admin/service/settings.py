"""Reading and changing a workspace's settings and the classes of its channels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import structlog

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.errors import BadQuestion
from bot.features.access.model.authorization import (
    AccessChange,
    Action,
    Policy,
    Shown,
    WorkspaceChoices,
    shown_in,
    visibility_of,
)
from bot.features.access.model.session import Session
from bot.features.access.service.recheck import recheck_admin
from bot.features.access.service.sessions import policy_from
from bot.features.access.service.visibility import channel_visibility
from bot.features.admin.model import settings_command as setting_words
from bot.features.audit.service.log import AuditLog
from storage.database import Database
from storage.queries import settings as rows

Look = Callable[[str], Awaitable[Channel]]
"""Ask Slack about a channel, by id."""

log = structlog.get_logger(__name__)


class WorkspaceSettings:
    """Reads and changes the settings of a workspace. Each change is audited with its old value."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def chosen(self, session: Session) -> WorkspaceChoices:
        """Return all settings, and the channels that are shown more than status. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        async with self._database.reading() as tx:
            policy = policy_from(await rows.of_workspace(tx, workspace_id=session.workspace_id))
            classes = await rows.channels(tx, workspace_id=session.workspace_id)
        shown = {channel_id: shown_in(visibility_of(each)) or Shown.STATUS for channel_id, each in classes.items()}
        return WorkspaceChoices(
            policy, {channel_id: each for channel_id, each in shown.items() if each is not Shown.STATUS}
        )

    async def change(self, session: Session, text: str) -> AccessChange:
        """Set one setting, as typed after `/sage settings`. Raises NotAllowed or BadQuestion."""
        session.require(Action.SETTINGS)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = policy_from(await rows.of_workspace(tx, workspace_id=session.workspace_id))
            setting, after = setting_words.parse_settings_command(text, before)
            columns = _columns(after)
            await rows.save(
                tx, workspace_id=session.workspace_id, changed_by=session.user_id, now=session.now, **columns
            )
            made = AccessChange("setting", setting.name, setting.shown(before), setting.shown(after))
            await self._audit.changed(tx, session, made)
        log.info("a setting was changed", workspace=session.workspace_id, setting=setting.name)
        return made

    async def change_several(self, session: Session, words: Mapping[str, str]) -> tuple[AccessChange, ...]:
        """Set the settings named, all of them or none. Raises NotAllowed or FieldsRefused."""
        session.require(Action.SETTINGS)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = policy_from(await rows.of_workspace(tx, workspace_id=session.workspace_id))
            settings, after = setting_words.settings_from_form(words, before)
            if settings:
                columns = _columns(after)
                await rows.save(
                    tx, workspace_id=session.workspace_id, changed_by=session.user_id, now=session.now, **columns
                )
            made = tuple(AccessChange("setting", each.name, each.shown(before), each.shown(after)) for each in settings)
            for each in made:
                await self._audit.changed(tx, session, each)
        log.info("settings were changed", workspace=session.workspace_id, settings=[each.about for each in made])
        return made

    async def channel(self, session: Session, channel_id: str, *, look: Look) -> tuple[str, Shown]:
        """Return a channel's id and class. Raises NotAllowed, BadQuestion or ChannelUnknown."""
        session.require(Action.SETTINGS)
        await _require_channel(channel_id, look)
        async with self._database.reading() as tx:
            place = await channel_visibility(tx, workspace_id=session.workspace_id, channel_id=channel_id)
        return channel_id, shown_in(place) or Shown.STATUS

    async def set_channel(self, session: Session, channel_id: str, shown: Shown, *, look: Look) -> AccessChange:
        """Set how much a channel is shown from now on. Raises NotAllowed, BadQuestion or ChannelUnknown."""
        session.require(Action.SETTINGS)
        await _require_channel(channel_id, look)
        where = {"workspace_id": session.workspace_id, "channel_id": channel_id}
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = shown_in(await channel_visibility(tx, **where)) or Shown.STATUS
            await rows.set_channel(tx, **where, figures_class=shown.value, set_by=session.user_id, now=session.now)
            made = AccessChange("channel", channel_id, before.value, shown.value)
            await self._audit.changed(tx, session, made)
        log.info("a channel's class was changed", workspace=session.workspace_id, before=before, after=shown)
        return made


async def _require_channel(channel_id: str, look: Look) -> None:
    """Raise BadQuestion unless this is a channel that the app can see and no other company shares."""
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


def _columns(policy: Policy) -> dict[str, Any]:
    """Return the policy as columns of the settings row."""
    columns = {each.name: getattr(policy, each.name) for each in fields(policy)}
    span, region = columns.pop("trust_copy_for"), columns.pop("region")
    return {**columns, "trust_copy_minutes": span // timedelta(minutes=1), "region": region.value if region else None}
