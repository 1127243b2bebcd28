"""The protocol by which assistants call tools, spoken by its own library, which takes a second to import."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, TextContent, ToolAnnotations
from mcp_types import Tool as ListedTool
from starlette.types import Receive, Scope, Send

from bot.features.mcp.model import DATA_NOTE, INSTRUCTIONS, TOOLS, Tool
from bot.slack.guard import MOST_BYTES


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a call is answered with: the text, and blocks that Slack shows beside it."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    is_error: bool = False


Call = Callable[[str, Mapping[str, object], object], Awaitable[ToolAnswer]]
"""Answers a call by the tool's name, its arguments and the request's `_meta`."""


def tool_server(call: Call) -> Server[dict[str, Any]]:
    """Return the server of the tools. Who asks is said with each call alone, so all are listed to everybody."""

    async def list_tools(_context: object, _params: object) -> ListToolsResult:
        return ListToolsResult(tools=[_listed(tool) for tool in TOOLS])

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        answer = await call(params.name, params.arguments or {}, context.meta)
        beside = {"slack": {"blocks": answer.blocks}} if answer.blocks else None
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text)], is_error=answer.is_error, _meta=beside
        )

    return Server(
        "sage200",
        version="1",
        title="Sage 200",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=lambda _name: None,
    )


def _listed(tool: Tool) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=f"{tool.meaning} {DATA_NOTE}",
        input_schema=tool.schema(),
        # Slack asks the person to confirm each call of a tool that may write.
        annotations=ToolAnnotations(title=tool.title, read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        _meta={"slack": {"supportsBlockKit": True}},
    )


async def serve(server: Server[dict[str, Any]], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    # Nothing is kept between requests, so each has a manager of its own, which ends with it. Without
    # `security_settings` the library compares no Host: Slack has signed the request.
    manager = StreamableHTTPSessionManager(server, stateless=True, json_response=True, max_request_body_size=MOST_BYTES)
    async with manager.run():
        await manager.handle_request(scope, receive, send)
