"""“It”: the customer that a user last asked about in a thread, and the question, remembered for an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.features.access.model.session import Session
from bot.features.assistant.model.answers import SPOKEN_OF, Thread
from bot.features.assistant.model.chosen_question import is_named, kept_question, question_to_keep
from bot.features.assistant.model.questions import It, Question, WholeCard
from bot.features.connections.service.connections import Connections
from storage.database import Database
from storage.queries import conversation_subject


@dataclass(frozen=True, slots=True)
class Remembered:
    """The customer asked about last, and the question. After a question about many there is no customer.

    `is_named`: a list was narrowed by more than is kept. `company_pk` is the company of the customer,
    where that isn't the one in use. `shown` are the customers of the last answer, where it had several.
    """

    customer_id: int | None = None
    last: Question | None = None
    is_named: bool = False
    company_pk: int | None = None
    shown: tuple[int, ...] = ()


NOTHING = Remembered()


class Memory:
    """Remembers the subject of a conversation, and the company it is in."""

    # By workspace, channel, thread and user, so that nobody inherits another user's “it”.

    def __init__(self, *, database: Database, connections: Connections) -> None:
        self._database = database
        self._connections = connections

    async def remember(
        self,
        session: Session,
        place: Thread,
        customer_id: int | None,
        question: Question | None = None,
        shown: Sequence[int] = (),
    ) -> None:
        """Store the customer as this user's “it” in this thread, with the question; the card's if none is given.

        `shown` are the customers of the answer in their order, where it has several.
        """
        company_pk = self._connections.company_for(session).answering.pk
        asked = question_to_keep(question if question is not None else WholeCard(It()))
        async with self._database.transaction() as tx:
            await conversation_subject.remember(
                tx,
                **_key(session, place),
                company_pk=company_pk,
                customer_id=customer_id,
                asked=asked,
                shown=shown,
                now=session.now,
            )

    async def recall(self, session: Session, place: Thread) -> Remembered:
        """Return what was asked last. Another choice of the company in use ends it."""
        in_use = self._connections.company_for(session).answering.pk
        async with self._database.reading() as tx:
            found = await conversation_subject.recall(tx, **_key(session, place), since=session.now - SPOKEN_OF)
        if found is None:
            return NOTHING
        elsewhere = found.company_pk if found.company_pk != in_use else None
        asked = kept_question(found.asked)
        return Remembered(found.customer_id, asked, is_named(found.asked), elsewhere, tuple(found.shown))


def _key(session: Session, place: Thread) -> dict[str, str]:
    return {
        "workspace_id": session.workspace_id,
        "channel": place.channel[:40],
        "thread": place.thread[:40],
        "user_id": session.user_id,
    }
