"""Whether somebody may be answered from the copy at all: it was read with another person's sign-in."""

from __future__ import annotations

from cachetools import TTLCache

from bot.errors import SageForbidden
from bot.services.connections import Line
from bot.services.copies import Copies
from bot.services.on_hold import check_figures

_GOOD_FOR = 300  # seconds
_WITHIN = 1.0  # seconds that Sage may take to refuse: a menu that is typed into can't wait longer


class Admission:
    """Sage's own word, asked once in five minutes for each sign-in."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._admitted: TTLCache[str, bool] = TTLCache(maxsize=10_000, ttl=_GOOD_FOR)

    async def admit(self, line: Line) -> None:
        """Raises what Sage refuses this person with. Where Sage can't say, the copy must do, as for `/onhold`."""
        if self._copies.bars(line):
            raise SageForbidden
        if line.is_own and line.connection_id not in self._admitted:
            await check_figures(line, within=_WITHIN)
            self._admitted[line.connection_id] = True
