"""Who can sign in, and which companies they reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Edition(StrEnum):
    """The two editions of Sage 200 that share one sign-in."""

    STANDARD = "standard"
    PROFESSIONAL = "professional"


CompanyKey = tuple[Edition, str, int]


@dataclass(slots=True)
class Person:
    """A Sage ID user. Take a key out of `companies` to remove their access while they are signed in.

    Without `may_change_customers` their role in Sage lacks that feature.
    """

    email: str
    name: str
    companies: list[CompanyKey] = field(default_factory=list)
    may_change_customers: bool = True
