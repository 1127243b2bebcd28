"""`POST /mcp`: an assistant in Slack calls a tool in the name of the person who asks it."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import Receive, Scope, Send

from bot.coordination.background_tasks import BackgroundTasks
from bot.errors import BotError, NotAllowed, StorageDown, TooLong
from bot.features.connections.model import ConnectLinkOffer
from bot.features.customers.model.lookup import reference_in
from bot.features.installations.service.installations import Bot
from bot.features.installations.workspace_cache import WorkspaceCache
from bot.features.mcp.model import TOOL_NAMED, tool_named
from bot.features.mcp.routes.tools import HANDLERS
from bot.features.mcp.views import data_text, refusal_text, shown_blocks
from bot.observability.metrics import ANSWER_SECONDS
from bot.services import Services
from bot.slack.tool_call import SlackIdentity, ToolCall, identity_from
from bot.slack.typed_fields import straighten_arguments
from bot.slack.users import SlackUsers
from bot.slack.views.errors import explain, lacks_sign_in
from storage.outage import outage

if TYPE_CHECKING:
    from bot.features.mcp.routes.protocol import ToolAnswer

_PROTOCOL = "bot.features.mcp.routes.protocol"
NOBODY = "Slack didn't say who is asking and in which workspace, so nothing can be shown."

log = structlog.get_logger(__name__)


class ToolsEndpoint:
    """ASGI app behind the guard. `client` speaks as the bot of the workspace that is named."""

    def __init__(
        self,
        *,
        services: Services,
        users: SlackUsers,
        workspaces: WorkspaceCache,
        client: Callable[[Bot | None], AsyncWebClient],
        work: BackgroundTasks,
        clock: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._users = users
        self._workspaces = workspaces
        self._client = client
        self._work = work
        self._clock = clock
        self._server: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, which the guard has checked."""
        # Where no assistant is used, its library costs neither time at the start nor memory.
        protocol = await asyncio.to_thread(importlib.import_module, _PROTOCOL)
        if self._server is None:
            self._server = protocol.tool_server(self.call)
        await protocol.serve(self._server, scope, receive, send)

    async def call(self, name: str, arguments: Mapping[str, object], meta: object) -> ToolAnswer:
        """Return the answer to one call; an error is an answer too. Never raises."""
        from bot.features.mcp.routes.protocol import ToolAnswer

        outcome, began = "answered", time.monotonic()
        made: ToolCall | None = None
        try:
            made = await self._made(name, identity_from(meta))
            message = await self._answer(made, name, dict(arguments))
            return ToolAnswer(data_text(message), shown_blocks(message))
        except BotError as error:
            outcome = type(error).__name__
            log.info("answered a tool with an error", why=outcome, permanent=error.permanent)
            if made is not None:
                made.note_refusal(error)
            return ToolAnswer(refusal_text(explain(error, await self._link(made, error))), is_error=True)
        except Exception as error:
            outcome = "failed"
            if why := outage(error):
                log.error("a tool failed", tool=_label(name), why=why)  # noqa: TRY400 - no fault of the code
            else:
                log.exception("a tool failed", tool=_label(name))
            return ToolAnswer(refusal_text(explain(StorageDown() if why else BotError())), is_error=True)
        finally:
            ANSWER_SECONDS.labels(f"tool {_label(name)}", outcome).observe(time.monotonic() - began)
            if made is not None:
                self._work.start(made.record_reads())

    async def _made(self, name: str, identity: SlackIdentity | None) -> ToolCall:
        """Return the call. Raises NotAllowed where Slack doesn't say who asks."""
        if identity is None:
            raise NotAllowed(NOBODY, hint="")
        bot = await self._bot_of(identity)
        return ToolCall(
            services=self._services,
            users=self._users,
            client=self._client(bot),
            now=self._clock(),
            bot=bot,
            team_id=identity.team_id,
            user_id=identity.user_id,
            tool=_label(name),
        )

    async def _bot_of(self, identity: SlackIdentity) -> Bot | None:
        """Return the workspace's installation, else its organisation's."""
        find, team_id = self._workspaces.find, identity.team_id
        own = await find(enterprise_id=None, team_id=team_id, org_wide=False)
        if own is not None or not identity.enterprise_id:
            return own
        return await find(enterprise_id=identity.enterprise_id, team_id=team_id, org_wide=True)

    async def _answer(self, call: ToolCall, name: str, arguments: dict[str, object]) -> Any:
        call.spend()
        too_long = straighten_arguments(arguments)
        texts = [value for value in arguments.values() if isinstance(value, str)]
        call.words = " ".join(texts)[:80]
        # Before a word is read: a guest and a stranger are told nothing about it.
        asked = arguments.get("reference") or arguments.get("words")
        await call.session(reference=reference_in(asked) if isinstance(asked, str) else "")
        if too_long:
            raise TooLong
        tool = tool_named(name)
        return await HANDLERS[tool.name](call, tool.read(arguments))

    async def _link(self, call: ToolCall | None, error: BotError) -> ConnectLinkOffer | None:
        """Return the asker's own link where connecting helps."""
        if call is None or not lacks_sign_in(error):
            return None
        return await self._services.connect_links.offer_unasked(await call.session())


def _label(name: str) -> str:
    return name if name in TOOL_NAMED else "unknown"
