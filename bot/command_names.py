"""The names of the slash commands, as the operator chose them: sentences are given these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_chosen = [""]


class CommandName:
    """A slash command. As text it is what people type, such as `/sage-customer`."""

    # Read when a sentence is made, so never at import: `tests/test_house.py` keeps that.

    def __init__(self, word: str) -> None:
        self._word = word

    @property
    def plain(self) -> str:
        """Return the name without the operator's prefix, by which the code knows the command."""
        return f"/{self._word}"

    def __str__(self) -> str:
        return f"/{_chosen[0]}{self._word}"


CUSTOMER, ONHOLD, OVERDUE = CommandName("customer"), CommandName("onhold"), CommandName("overdue")
PREFIXED = (CUSTOMER, ONHOLD, OVERDUE)
"""The generic names, which another app of the workspace may have too."""
SAGE = "/sage"


def named(sentence: str) -> str:
    """Return a sentence of a table, which has `{customer}`, `{onhold}` or `{overdue}` in place of a name."""
    return sentence.format(customer=CUSTOMER, onhold=ONHOLD, overdue=OVERDUE)


@contextmanager
def commands_named(prefix: str) -> Iterator[None]:
    """Name the generic commands with `prefix`, for as long as the product is open: one is, in a process."""
    before, _chosen[0] = _chosen[0], prefix
    try:
        yield
    finally:
        _chosen[0] = before
