"""A team as an admin sees it: who has which role, whose customers are whose, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from bot.features.access.model.authorization import Role

PAGE = 15


class Gap(IntEnum):
    """What a person lacks, the gravest first."""

    NOT_HERE = 1  # no full member of the workspace any more, so the role gives nothing
    NO_CUSTOMERS = 2  # in sales, and so sees nothing
    ASKED = 3  # asked for access, and has no role
    NO_ROLE = 4  # connected, or with customers of their own, and without a role
    NOT_CONNECTED = 5  # can't put on hold and release
    NONE = 6


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One person. `groups` are the user groups that their role comes from; `sign_in` is the state, empty for none."""

    user_id: str
    role: str = ""
    groups: tuple[str, ...] = ()
    customers: str = ""
    sign_in: str = ""
    gap: Gap = Gap.NONE
    last_used: date | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """One page of the team, those who lack something first.

    `counts` are how many have each role, `lacking` how many lack something. `unowned` are the values of `label`, the
    company's code for sales people, that are nobody's; None where the company's codes aren't known now.
    """

    members: tuple[TeamMember, ...]
    page: int
    pages: int
    total: int
    counts: tuple[tuple[str, int], ...]
    lacking: int
    groups: tuple[tuple[str, str], ...] = ()
    company_name: str = ""
    label: str = ""
    unowned: tuple[str, ...] | None = None


def gap_of(
    role: str, *, customers: str, sign_in: str, sees_only_own: bool, is_here: bool = True, asked: bool = False
) -> Gap:
    """Return the gravest thing that a person of this role lacks."""
    if not is_here:
        return Gap.NOT_HERE
    if not role:
        return Gap.ASKED if asked else Gap.NO_ROLE
    if role == Role.SALES and sees_only_own and not customers:
        return Gap.NO_CUSTOMERS
    # Viewers change nothing in Sage, so they need no sign-in of their own.
    return Gap.NOT_CONNECTED if sign_in != "connected" and role != Role.VIEWER else Gap.NONE


def gaps_first(members: Iterable[TeamMember]) -> list[TeamMember]:
    """Return the members, those who lack most first, and then by role."""
    ranks = {role.value: place for place, role in enumerate(Role)}
    return sorted(members, key=lambda each: (each.gap, ranks.get(each.role, len(ranks)), each.user_id))
