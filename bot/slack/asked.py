"""What every way in has in common: who asks, their session, and what is recorded of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.reads import Reads
from bot.errors import SAGE_REFUSALS, BotError, NotAllowed
from bot.features.access.model.session import Session
from bot.features.installations.service.installations import Bot
from bot.services import Services
from bot.slack.users import SlackUsers


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request in the name of a Slack user. `bot` is None if the app isn't installed."""

    services: Services
    users: SlackUsers
    client: AsyncWebClient
    now: datetime
    bot: Bot | None
    team_id: str
    user_id: str
    reads: Reads = field(default_factory=Reads)
    refused: str = ""
    _session: Session | None = None

    @property
    def workspace_id(self) -> str:
        """Return the workspace's id; empty if the app isn't installed."""
        return self.bot.workspace_id if self.bot is not None else ""

    @property
    def way(self) -> str:
        """Return the way this request came, as the record says it."""
        raise NotImplementedError

    @property
    def asked_for(self) -> str:
        """Return what was asked for, as the record says who was refused what: no more than the beginning."""
        raise NotImplementedError

    def note_refusal(self, error: BotError) -> None:
        """Note, for the record, that this is answered with a refusal; other errors refuse nobody."""
        if isinstance(error, (NotAllowed, *SAGE_REFUSALS)):
            self.refused = error.message

    async def record_reads(self) -> None:
        """Record what was shown, or refused, after the answer: it is sent, so this fails nobody."""
        if self.bot is None or not self.user_id:
            return
        whose: dict[str, Any] = {"workspace_id": self.workspace_id, "user_id": self.user_id, "now": self.now}
        if self.refused:
            await self.services.read_log.refused(self.asked_for, self.refused, **whose)
        else:
            await self.services.read_log.reads(self.reads, way=self.way, **whose)

    async def session(self, *, reference: str = "") -> Session:
        """Return the session of a full member of the workspace, read once. Raises NotAllowed for everybody else.

        The debt of the customer of that `reference` is read along, if this is the first time that it is asked for.
        """
        # The one gate: a listener that asks for a session answers no guest and no person of another company.
        if self._session is None:
            return _of_a_member(await self.anybodys_fresh_session(reference=reference))
        return _of_a_member(self._session)

    async def fresh_session(self) -> Session:
        """Return the asker's session, read again, for what is shown after this request changed it.

        Raises as `session`.
        """
        return _of_a_member(await self.anybodys_fresh_session())

    async def anybodys_session(self) -> Session:
        """Return the session of any asker, guests too: for what is shown to everybody, such as help.

        Raises NotAllowed if the app isn't installed or no user is named.
        """
        if self._session is None:
            self._session = await self.anybodys_fresh_session()
        return self._session

    async def anybodys_fresh_session(self, *, reference: str = "") -> Session:
        """Return the session of any asker, guests too, read again. Raises as `anybodys_session`."""
        if self.bot is None or not self.user_id:
            raise NotAllowed
        asker = await self.users.asker(self.client, self.bot, team_id=self.team_id, user_id=self.user_id)
        session = await self.services.sessions.of(asker, now=self.now, reference=reference)
        self._session = replace(session, reads=self.reads)
        return self._session


def _of_a_member(session: Session) -> Session:
    if not session.asker.is_full_member:
        raise NotAllowed
    return session
