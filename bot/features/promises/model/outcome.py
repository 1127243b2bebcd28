"""What came of a command about a promise or a dispute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.features.promises.model.remembered import DisputeFacts, PromiseFacts

RAISED, ACCEPTED, CLOSED = "raised", "accepted", "closed"


@dataclass(frozen=True, slots=True)
class PromiseNoted:
    """A promise as it stands now, broken once `last_day` is over. `is_news` False: it stood so before."""

    promise: PromiseFacts
    last_day: date
    is_news: bool = True


@dataclass(frozen=True, slots=True)
class DisputeSaid:
    """A dispute as it stands now. `is_news` False: it stood so before."""

    dispute: DisputeFacts
    is_news: bool = True
