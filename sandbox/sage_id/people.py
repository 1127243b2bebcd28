"""Who can sign in, and which companies they reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Edition(StrEnum):
    """The two editions of Sage 200 that share one sign-in."""

    STANDARD = "standard"
    PROFESSIONAL = "professional"


CompanyKey = tuple[Edition, str, int]


@dataclass(frozen=True, slots=True)
class Person:
    """A Sage ID user. Take a key out of `companies` to remove their access while they are signed in."""

    email: str
    name: str
    companies: list[CompanyKey] = field(default_factory=list)
