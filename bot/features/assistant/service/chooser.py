"""The port for a classifier that chooses a question if the grammar finds none."""

from __future__ import annotations

from typing import Protocol


class Chooser(Protocol):
    """Chooses one of the typed questions. Off unless configured."""

    # It gets the user's text, never a figure or a name from Sage, and never answers a user itself.

    async def choose(self, text: str) -> object:
        """Return a value for `chosen_question.question_from` to validate; None for no choice. Never raises."""
