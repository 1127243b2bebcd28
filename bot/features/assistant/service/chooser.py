"""The port for something that may choose among the typed questions where the grammar finds none."""

from __future__ import annotations

from typing import Protocol


class Chooser(Protocol):
    """Off unless set. It is shown the person's text, never a figure or a name from Sage, and answers nobody itself."""

    async def choose(self, text: str) -> object:
        """Something for `chosen_question.question_from` to judge; None when it chooses nothing. Never raises."""
