"""What every error raised on purpose has."""

from __future__ import annotations

import inspect


class BotError(Exception):
    """Something went wrong on our side. It has been noted; please try again in a minute."""

    permanent: bool = True
    mend: str = ""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))

    @property
    def message(self) -> str:
        """What to tell the person, without the mend."""
        return str(self.args[0])
