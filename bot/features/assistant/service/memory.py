"""“It”: the customer that a user last asked about in a thread, remembered for an hour."""

from __future__ import annotations

from bot.features.access.model.session import Session
from bot.features.assistant.model.answers import SPOKEN_OF, Thread
from bot.features.connections.service.connections import Connections
from storage.database import Database
from storage.queries import conversation_subject


class Memory:
    """Remembers the subject of a conversation, for one company."""

    # By workspace, channel, thread and user, so that nobody inherits another user's “it”.

    def __init__(self, *, database: Database, connections: Connections) -> None:
        self._database = database
        self._connections = connections

    async def remember(self, session: Session, place: Thread, customer_id: int) -> None:
        """Store the customer as this user's “it” in this thread."""
        company_pk = self._connections.company_for(session).answering.pk
        async with self._database.transaction() as tx:
            await conversation_subject.remember(
                tx, **_key(session, place), company_pk=company_pk, customer_id=customer_id, now=session.now
            )

    async def recall(self, session: Session, place: Thread) -> int | None:
        """Return the remembered customer's id in the company that answers now; None if there is none."""
        company_pk = self._connections.company_for(session).answering.pk
        async with self._database.reading() as tx:
            return await conversation_subject.recall(
                tx, **_key(session, place), company_pk=company_pk, since=session.now - SPOKEN_OF
            )


def _key(session: Session, place: Thread) -> dict[str, str]:
    return {
        "workspace_id": session.workspace_id,
        "channel": place.channel[:40],
        "thread": place.thread[:40],
        "user_id": session.user_id,
    }
