"""Sending a file to a user's own conversation with the app."""

from __future__ import annotations

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import FileNotSent
from bot.slack.channels import scope_lacked
from bot.slack.interaction import Interaction
from bot.slack.views import listing as lists
from bot.slack.views.message import Message

log = structlog.get_logger(__name__)


async def send_list(
    interaction: Interaction, *, what: str, count: int, asked: str, name: str, content: bytes, comment: str
) -> Message:
    """Record that the user exports a list of accounts, send the file, and return the notice of it.

    `what` and `asked` say in the audit log which list that is. Raises FileNotSent.
    """
    session = await interaction.session()
    which = f"{lists.counted(count, 'account', 'accounts')}{f', {asked}' if asked else ''}"
    # Before the file is sent: nothing leaves that the log doesn't know of.
    await interaction.services.audit_reader.record_export(session, what, which)
    await send_file(interaction.client, session.user_id, name=name, content=content, comment=comment)
    return lists.file_sent()


async def send_file(client: AsyncWebClient, user_id: str, *, name: str, content: bytes, comment: str) -> None:
    """Send a file to this user alone, with `comment`, already escaped, above. Raises FileNotSent."""
    try:
        opened = await client.conversations_open(users=user_id)
        channel = str((opened.get("channel") or {}).get("id") or "")
        if not channel.startswith("D"):
            raise FileNotSent  # anything but a conversation of two would show it to others
        await client.files_upload_v2(
            filename=name, title=name, content=content, channel=channel, initial_comment=comment
        )
    except SlackApiError as error:
        why = str(error.response.get("error"))
        log.warning("could not send a file", why=why)
        raise FileNotSent(lacks_scope=scope_lacked(error, "files:write")) from None
    except (SlackRequestError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("could not send a file", why=type(error).__name__)
        raise FileNotSent from None
