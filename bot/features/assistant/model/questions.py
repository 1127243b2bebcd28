"""Every question that can be asked in plain English: a closed set, so that whoever reads it finds all of them here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """A customer by the words they were called: a reference, a name, a postcode. Untrusted; Sage resolves them."""

    words: str


@dataclass(frozen=True, slots=True)
class It:
    """The customer last spoken of here."""


@dataclass(frozen=True, slots=True)
class Known:
    """A customer chosen from a menu, by Sage's id. Nobody types this: it is asked of the asker's own company."""

    customer_id: int


Subject = Named | It | Known


@dataclass(frozen=True, slots=True)
class AboutOne:
    """A question about one customer."""

    who: Subject


@dataclass(frozen=True, slots=True)
class WholeCard(AboutOne):
    """Everything."""


@dataclass(frozen=True, slots=True)
class IsOnHold(AboutOne):
    """“Are they on stop?”"""


@dataclass(frozen=True, slots=True)
class Why(AboutOne):
    """“Why are they on hold?”"""


@dataclass(frozen=True, slots=True)
class SinceWhen(AboutOne):
    """“How long have they been on hold?”"""


@dataclass(frozen=True, slots=True)
class Balance(AboutOne):
    """“What do they owe us?”"""


@dataclass(frozen=True, slots=True)
class Limit(AboutOne):
    """“What's their credit limit?”, and whether they are over it."""


@dataclass(frozen=True, slots=True)
class Headroom(AboutOne):
    """“How much room is on the account?”"""


@dataclass(frozen=True, slots=True)
class CanOrder(AboutOne):
    """“Can they have another 2k?” The amount is in the customer's currency; None where none was said."""

    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Orders(AboutOne):
    """“What have they on order?”"""


@dataclass(frozen=True, slots=True)
class Invoices(AboutOne):
    """“Which invoices are open?”"""


@dataclass(frozen=True, slots=True)
class AgedDebt(AboutOne):
    """“What's overdue?”"""


@dataclass(frozen=True, slots=True)
class Contact(AboutOne):
    """“Who do I ring?”"""


@dataclass(frozen=True, slots=True)
class Terms(AboutOne):
    """“What terms are they on, and do they keep them?”"""


@dataclass(frozen=True, slots=True)
class Rep(AboutOne):
    """“Who looks after them?”"""


@dataclass(frozen=True, slots=True)
class Watch(AboutOne):
    """“Tell me when they come off hold.”"""


@dataclass(frozen=True, slots=True)
class Unwatch(AboutOne):
    """“Stop watching them.”"""


@dataclass(frozen=True, slots=True)
class PutOnHold(AboutOne):
    """A wish to change Sage: a sentence never does, it only shows the way."""


@dataclass(frozen=True, slots=True)
class Release(AboutOne):
    """The same, for taking an account off hold."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Two customers side by side."""

    first: Subject
    second: Subject


@dataclass(frozen=True, slots=True)
class WhoIsOnHold:
    """A list: `words` narrow it by a sales person, a region or a name; `minimum` is the least balance."""

    words: str = ""
    mine: bool = False
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OverLimit:
    """Everybody over their credit limit."""

    words: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Largest:
    """Who owes the most: that many."""

    count: int = 10


@dataclass(frozen=True, slots=True)
class Connect:
    """“Sign me in.”"""


@dataclass(frozen=True, slots=True)
class Status:
    """“Am I connected?”"""


@dataclass(frozen=True, slots=True)
class Help:
    """“What can I ask?”"""


@dataclass(frozen=True, slots=True)
class Greeting:
    """“Morning!”"""


@dataclass(frozen=True, slots=True)
class Thanks:
    """“Ta!”"""


AboutMany = WhoIsOnHold | OverLimit | Largest
AboutUs = Connect | Status | Help | Greeting | Thanks
Question = AboutOne | Compare | AboutMany | AboutUs
