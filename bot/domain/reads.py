"""What one request showed to somebody, gathered for the record: which customers and lists, and never an amount."""

from __future__ import annotations

from dataclasses import dataclass, field

CARD = "card"


@dataclass(slots=True)
class Reads:
    """The customers and lists of which a request showed figures."""

    # Services note what they return, so that no listener can forget it.
    customers: dict[str, set[str]] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)

    def customer(self, reference: str, name: str, company: str, kind: str = CARD) -> None:
        """Note that figures of one customer were read, on the card or as another kind of answer."""
        self.customers.setdefault(f"{reference} {name}, {company}", set()).add(kind)

    def list(self, kind: str, narrowed: str, company: str, count: int) -> None:
        """Note that a list with figures of so many customers was read; `narrowed` is its filter in words."""
        if count:
            self.lists[f"{kind}{f' ({narrowed})' if narrowed else ''}, {company}"] = count

    def said_in(self, channel_id: str, what: str) -> None:
        """Note that everybody in a channel was answered, without figures, and that nothing else was shown."""
        self.customers.clear()
        self.lists.clear()
        self.public[what] = channel_id
