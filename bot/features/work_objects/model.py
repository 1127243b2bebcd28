"""A customer as an object in Slack: its reference, which never changes, and its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.customer import ID_DIGITS

CUSTOMER = "customer"
_REFERENCE = re.compile(rf"(?P<company>\d{{1,9}})-(?P<customer>\d{{1,{ID_DIGITS}}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CustomerObject:
    """A customer of one of the workspace's companies. The ids give nothing away: each viewer is asked who they are."""

    company_pk: int
    customer_id: int

    @property
    def id(self) -> str:
        """Return the id that Slack keeps: related conversations hang on it."""
        return f"{self.company_pk}-{self.customer_id}"

    def url(self, public_url: str) -> str:
        """Return the address of the object; a page there says how to see the customer in Slack."""
        return f"{public_url}/customers/{self.id}"


def object_in(event: Mapping[str, object], public_url: str) -> CustomerObject | None:
    """Return the object that was opened, by its reference or else by its address; None if it is not one of ours."""
    # Slack doesn't promise the reference. Both are untrusted.
    reference = event.get("external_ref")
    given = reference.get("id") if isinstance(reference, Mapping) else None
    if given is None:
        address = str(event.get("entity_url") or "")
        given = address.removeprefix(f"{public_url}/customers/") if address.startswith(public_url) else ""
    found = _REFERENCE.fullmatch(str(given))
    return CustomerObject(int(found["company"]), int(found["customer"])) if found is not None else None
