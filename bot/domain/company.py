"""A company in Sage 200, reached through one site of one edition."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.customer import ID_DIGITS
from bot.domain.text.parsing import whole_number

_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Edition(StrEnum):
    """Sage 200 Standard or Professional; they live under different base paths of one API."""

    STANDARD = "standard"
    PROFESSIONAL = "professional"


@dataclass(frozen=True, slots=True)
class SiteWays:
    """How a company's Sage turned out to be asked. `lacks` are resources that it doesn't offer.

    `change_names_customer`: a change has to hold the customer's name and reference as well.
    """

    lacks: frozenset[str] = frozenset()
    change_names_customer: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Company:
    """A company, identified by (edition, site_id, company_id) and sorted by its names."""

    company_name: str
    site_name: str
    edition: Edition
    site_id: str
    company_id: int
    ways: SiteWays = field(default=SiteWays(), compare=False, repr=False)

    @property
    def key(self) -> tuple[Edition, str, int]:
        """Return the identity of the company, independent of its names."""
        return self.edition, self.site_id, self.company_id


def key_of(company: Company) -> str:
    """Return a short hash that tells companies apart, for buttons and forms."""
    return hashlib.sha256("\0".join(map(str, company.key)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def with_key(company_key: str, number: int) -> str:
    """Return an id in a company as the value of a button or an option; without a key, in the company in use."""
    return f"{company_key} {number}".lstrip()


def in_company(company_key: str, words: str) -> str:
    """Return words that mean something in a company alone, such as a filter by its codes, as a button's value."""
    return f"{company_key} {words}" if words else ""


def company_and_words(value: str) -> tuple[str, str]:
    """Return (company key, words) of such a value; without a key, of the company in use."""
    company_key, _, words = value.partition(" ")
    return (company_key, words) if _KEY.fullmatch(company_key) else ("", value)


def key_and_id(value: str) -> tuple[str, int] | None:
    """Return (company key, id) of such a value; None if it isn't one of ours."""
    company_key, _, number = value.rpartition(" ")
    found = whole_number(number, digits=ID_DIGITS)
    return None if found is None or (company_key and not _KEY.fullmatch(company_key)) else (company_key, found)
