"""What many people are given at once: a role, and which customers are their own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.filters.customer_filter import Codes
from bot.features.access.model.authorization import AccessChange, Role
from bot.features.team.model.roster import RosterLine


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person is given. `role` is None where the role stays; with `removes` it is taken away.

    `codes` are the analysis codes of their own customers, in place of those before; None leaves these as they are.
    With `adds` the codes are added, and the role is given to a person without one alone.
    """

    user_id: str
    role: Role | None = None
    removes: bool = False
    codes: tuple[Codes, ...] | None = None
    adds: bool = False


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """A pasted list as it would be carried out: a grant for each line without a problem."""

    lines: tuple[RosterLine, ...]
    grants: tuple[Grant, ...]

    @property
    def good(self) -> tuple[RosterLine, ...]:
        """Return the lines that can be carried out."""
        return tuple(each for each in self.lines if not each.problem)

    @property
    def bad(self) -> tuple[RosterLine, ...]:
        """Return the lines that can't."""
        return tuple(each for each in self.lines if each.problem)


@dataclass(frozen=True, slots=True)
class TeamGiven:
    """What became of the grants: the changes made, and the lines of a list that were left out."""

    changes: tuple[AccessChange, ...]
    left_out: tuple[RosterLine, ...] = ()

    @property
    def people(self) -> int:
        """Return how many people have something new."""
        return len({each.about for each in self.changes if each.before != each.after})


def after_grant(before: str | None, grant: Grant) -> Role | str | None:
    """Return the role after the grant, from the stored one before; None for no role."""
    if grant.removes:
        return None
    if grant.role is None or (grant.adds and before):
        return before
    return grant.role
