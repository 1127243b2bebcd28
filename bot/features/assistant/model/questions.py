"""Every question that can be asked in plain English, as a closed set of types."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """A customer by reference, name or postcode, as typed. Untrusted: Sage resolves it."""

    words: str


@dataclass(frozen=True, slots=True)
class It:
    """The customer asked about last in this thread."""


@dataclass(frozen=True, slots=True)
class Known:
    """A customer chosen from a menu, by Sage's id in the asker's own company."""

    customer_id: int


Subject = Named | It | Known


@dataclass(frozen=True, slots=True)
class AboutOne:
    """A question about one customer."""

    who: Subject


@dataclass(frozen=True, slots=True)
class WholeCard(AboutOne):
    """“Tell me about them.”"""


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
    """“Can they have another 2k?” The amount is in the customer's currency; None if none was said."""

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
    """“Put them on stop.” A sentence never changes Sage: the answer only points to the buttons."""


@dataclass(frozen=True, slots=True)
class Release(AboutOne):
    """“Take them off hold.” The answer only points to the buttons."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Two customers side by side."""

    first: Subject
    second: Subject


@dataclass(frozen=True, slots=True)
class WhoIsOnHold:
    """The accounts on hold. `words` filter by sales person, region or name; `minimum` is the least balance."""

    words: str = ""
    mine: bool = False
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OverLimit:
    """The customers over their credit limit."""

    words: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Largest:
    """The `count` customers who owe most."""

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
