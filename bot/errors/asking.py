"""What was asked cannot be, or not by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.errors.base import BotError


class NotAllowed(BotError):
    """Sage figures are only for full members of this workspace, and I couldn't confirm that you are one."""

    mend = "If you think that is wrong, ask an admin of this Slack workspace."

    def __init__(self, message: str | None = None, *, mend: str | None = None) -> None:
        """`mend` takes the place of the usual one."""
        super().__init__(message)
        if mend is not None:
            self.mend = mend


class BadQuestion(BotError):
    """I need something to look up."""

    mend = "Try `/customer ABS001`, or part of a name or a postcode."

    def __init__(
        self, message: str | None = None, *, typed: str = "", offered: Iterable[str] = (), mend: str | None = None
    ) -> None:
        """`typed` is the part not understood and `offered` what would be: kept apart, for a view to make harmless."""
        super().__init__(message)
        self.typed, self.offered = typed, tuple(offered)
        if mend is not None:
            self.mend = mend


class FieldsRefused(BadQuestion):
    """Some of that can't be."""

    def __init__(self, fields: Mapping[str, BadQuestion] = MappingProxyType({})) -> None:
        """What is wrong with each field, by its name; the first of them speaks for all outside a form."""
        first = next(iter(fields.values()), BadQuestion("Some of that can't be."))
        super().__init__(first.message, typed=first.typed, offered=first.offered, mend=first.mend)
        self.fields = fields
