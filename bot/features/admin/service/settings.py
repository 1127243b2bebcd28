"""Reading and changing a workspace's settings and the classes of its channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.domain.text.folding import same
from bot.errors import BadQuestion, NoCompany, NotAllowed
from bot.features.access.model.authorization import (
    AccessChange,
    Action,
    Policy,
    RaisedChannel,
    Shown,
    WorkspaceChoices,
    shown_in,
)
from bot.features.access.model.session import Session
from bot.features.access.service.recheck import recheck_admin
from bot.features.access.service.sessions import Sessions, policy_from
from bot.features.access.service.visibility import channel_visibility, raised_channels
from bot.features.admin.model import settings_command as setting_words
from bot.features.admin.model.channel_command import ChannelClasses, NamedCompany
from bot.features.audit.service.log import AuditLog
from storage.database import Database
from storage.queries import answer_counts
from storage.queries import settings as rows
from storage.queries.alerts import targets
from storage.queries.mirror import mirror_state

Look = Callable[[str], Awaitable[Channel]]
"""Ask Slack about a channel, by id."""

_TAKES = {True: "on", False: "off"}
_COMPANIES = "Name one of the companies of this workspace, such as `/sage channel figures for NAME`."

log = structlog.get_logger(__name__)


class WorkspaceSettings:
    """Reads and changes the settings of a workspace. Each change is audited with its old value."""

    def __init__(self, *, database: Database, sessions: Sessions, audit: AuditLog) -> None:
        self._database = database
        self._sessions = sessions
        self._audit = audit

    async def chosen(self, session: Session) -> WorkspaceChoices:
        """Return all settings, and the channels that are shown more than status. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        async with self._database.reading() as tx:
            policy = policy_from(await rows.of_workspace(tx, workspace_id=session.workspace_id))
            return WorkspaceChoices(policy, await raised_channels(tx, workspace_id=session.workspace_id))

    async def change(self, session: Session, text: str) -> AccessChange:
        """Set one setting, as typed after `/sage settings`. Raises NotAllowed or BadQuestion."""
        session.require(Action.SETTINGS)
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = policy_from(await rows.of_workspace(tx, workspace_id=session.workspace_id))
            setting, after = setting_words.parse_settings_command(text, before)
            made = AccessChange("setting", setting.name, setting.shown(before), setting.shown(after))
            if made.is_news:
                await _save(tx, session, before, after)
                await self._audit.changed(tx, session, made)
        if made.is_news:
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
                await _save(tx, session, before, after)
            made = tuple(AccessChange("setting", each.name, each.shown(before), each.shown(after)) for each in settings)
            for each in made:
                await self._audit.changed(tx, session, each)
        if made:
            log.info("settings were changed", workspace=session.workspace_id, settings=[each.about for each in made])
        return made

    async def companies(self, session: Session) -> tuple[NamedCompany, ...]:
        """Return the companies that a channel may be given a class for, the asker's own first. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        async with self._database.reading() as tx:
            found = await rows.companies(tx, workspace_id=session.workspace_id)
        names = Counter(row.company_name.casefold() for row in found)
        named = (
            NamedCompany(
                row.id,
                f"{row.company_name} ({row.site_name})" if names[row.company_name.casefold()] > 1 else row.company_name,
            )
            for row in found
        )
        return tuple(sorted(named, key=lambda each: each.pk != session.company_pk))

    async def company_named(self, session: Session, name: str) -> int:
        """Return the key of a company of the workspace by its name. Raises NotAllowed or BadQuestion."""
        known = await self.companies(session)
        found = [each.pk for each in known if same(each.label) == same(name)]
        if not found:
            raise BadQuestion(
                "There is no such company in this workspace.",
                typed=name,
                offered=[each.label for each in known],
                hint=_COMPANIES,
            )
        return found[0]

    async def channel(self, session: Session, channel_id: str, *, look: Look) -> ChannelClasses:
        """Return how much of each company a channel is shown. Raises NotAllowed, BadQuestion or ChannelUnknown."""
        session.require(Action.SETTINGS)
        await _require_channel(channel_id, look)
        async with self._database.reading() as tx:
            raised = await raised_channels(tx, workspace_id=session.workspace_id)
        here = tuple(each for each in raised if each.channel_id == channel_id)
        own = session.answering.company.company_name if session.answering is not None else ""
        if own and all(each.company_name != own for each in here):
            here = (RaisedChannel(channel_id, own, Shown.STATUS), *here)
        return ChannelClasses(channel_id, here)

    async def set_channel(
        self, session: Session, channel_id: str, shown: Shown, *, look: Look, company_pk: int | None = None
    ) -> AccessChange:
        """Set how much of a company a channel is shown from now on; None: of the company that answers the asker.

        Raises NotAllowed, NoCompany, BadQuestion or ChannelUnknown.
        """
        session.require(Action.SETTINGS)
        await _require_channel(channel_id, look)
        company = await self._chosen_company(session, session.company_pk if company_pk is None else company_pk, shown)
        where: dict[str, Any] = {
            "workspace_id": session.workspace_id,
            "company_pk": company.pk,
            "channel_id": channel_id,
        }
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = shown_in(await channel_visibility(tx, **where)) or Shown.STATUS
            made = AccessChange("channel", channel_id, before.value, shown.value, company_name=company.label)
            if made.is_news:
                await rows.set_channel(tx, **where, figures_class=shown.value, set_by=session.user_id, now=session.now)
                await self._audit.changed(tx, session, made)
        if made.is_news:
            log.info("a channel's class was changed", workspace=session.workspace_id, before=before, after=shown)
        return made

    async def set_requests(
        self, session: Session, channel_id: str, takes: bool, *, look: Look, company_pk: int | None = None
    ) -> AccessChange:
        """Set whether a company's requests are posted in a channel; None: of the company that answers the asker.

        Raises NotAllowed, NoCompany, BadQuestion or ChannelUnknown.
        """
        session.require(Action.SETTINGS)
        company = await self._chosen_company(
            session, session.company_pk if company_pk is None else company_pk, Shown.STATUS
        )
        if takes:
            await _require_channel(channel_id, look)
        whose: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": company.pk}
        async with self._database.transaction() as tx:
            await recheck_admin(tx, session)
            before = channel_id in await targets.request_channels(tx, **whose)
            by: dict[str, Any] = {"set_by": session.user_id, "now": session.now}
            words = (_TAKES[before], _TAKES[takes])
            made = AccessChange("requests", channel_id, *words, company_name=company.label)
            if made.is_news:
                await rows.set_channel(tx, **whose, channel_id=channel_id, takes_requests=takes, **by)
                await self._audit.changed(tx, session, made)
        if made.is_news:
            log.info("where requests are posted was changed", workspace=session.workspace_id, takes=takes)
        return made

    async def _chosen_company(self, session: Session, company_pk: int | None, shown: Shown) -> NamedCompany:
        """Return the company, which the asker must be shown themselves before a channel is shown more of it."""
        found = next((each for each in await self.companies(session) if each.pk == company_pk), None)
        if found is None:
            if company_pk is None:
                raise NoCompany
            raise BadQuestion("There is no such company in this workspace.", hint=_COMPANIES)
        if shown is not Shown.STATUS:
            own = company_pk == session.company_pk
            there = session if own else await self._sessions.of(session.asker, now=session.now, company_pk=company_pk)
            if not there.cached.allowed or there.cached.shown is not Shown.FIGURES:
                raise NotAllowed(f"You aren't shown the figures of {found.label} yourself.", hint=there.cached.hint)
        return found


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
        why = (
            "Slack doesn't show that channel to the app. If it is private, invite the app there "
            "first: `/invite @Sage 200`."
        )
    if why:
        raise BadQuestion(why, hint="")


async def _save(tx: AsyncSession, session: Session, before: Policy, after: Policy) -> None:
    whose: dict[str, Any] = {"workspace_id": session.workspace_id, "now": session.now}
    await rows.save(tx, **whose, changed_by=session.user_id, **policy_columns(after))
    if before.sets_off_credit is not after.sets_off_credit:
        await mirror_state.count_again(tx, **whose)
    if before.keep_questions and not after.keep_questions:
        await answer_counts.erase_words(tx, workspace_id=session.workspace_id)


def policy_columns(policy: Policy) -> dict[str, Any]:
    """Return the policy as columns of the settings row."""
    columns = {each.name: getattr(policy, each.name) for each in fields(policy)}
    span, region = columns.pop("trust_copy_for"), columns.pop("region")
    hours, reasons = str(columns.pop("working_hours")), "\n".join(columns.pop("hold_reasons"))
    columns |= {"working_hours": hours, "hold_reasons": reasons, "hold_notes": policy.hold_notes.value}
    return {**columns, "trust_copy_minutes": span // timedelta(minutes=1), "region": region.value if region else None}
