"""Files that the app shared, for those who see the message they hang on."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from starlette.responses import Response

from sandbox.page.screen import messages_of
from sandbox.slack import T_ACME, Slack, User

_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}


def shared_file(slack: Slack, identity: str, *, user: User) -> Response:
    """The bytes: a picture to look at, anything else to keep. Raises LookupError."""
    file = slack.state.files.get(identity)
    seen = {held["id"] for message in messages_of(slack, user) for held in message.files}
    # A picture inside blocks was uploaded without a message of its own; whoever has its id has it from such blocks.
    kind = _PICTURES.get(PurePath(file.name).suffix.lower()) if file else None
    if file is None or file.content is None or (identity not in seen and not (kind and file.team == T_ACME)):
        raise LookupError(f"no file {identity} of theirs")
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if kind is None:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return Response(file.content, media_type=kind or "application/octet-stream", headers=headers)
