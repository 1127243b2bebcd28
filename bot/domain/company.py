"""A company: one set of books in Sage 200, reached through one site of one edition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Edition(StrEnum):
    """Sage 200 Standard and Professional live under different base paths of one API."""

    STANDARD = "standard"
    PROFESSIONAL = "professional"


@dataclass(frozen=True, slots=True, order=True)
class Company:
    """(edition, site_id, company_id) names it; the rest is for people. Ordered as people read a list."""

    company_name: str
    site_name: str
    edition: Edition
    site_id: str
    company_id: int

    @property
    def key(self) -> tuple[Edition, str, int]:
        """What makes two companies the same, whatever they are called today."""
        return self.edition, self.site_id, self.company_id


def key_of(company: Company) -> str:
    """A company in a button or a form: short, whatever its site is called; it tells companies apart, no more."""
    return hashlib.sha256("\0".join(map(str, company.key)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
