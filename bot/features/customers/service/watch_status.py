"""Whether the asker watches a customer, from the personal subscriptions in the session."""

from __future__ import annotations

from bot.domain.text.folding import same
from bot.features.access.model.session import Session


def watch_number(session: Session, reference: str) -> int | None:
    """Return the number of the asker's subscription to this customer alone; None if there is none."""
    wanted = same(reference)
    for number, customers in sorted(session.watched.items()):
        if [same(each) for each in customers] == [wanted]:
            return number
    return None
