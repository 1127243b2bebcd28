"""The table of conversation subjects; no word that was said is stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row


class ConversationSubject(Row):
    """The customer that a user last asked about in a thread ("it"), and the kind of question.

    `thread` is empty outside threads; `customer_id` is empty after a question about many customers.
    """

    __tablename__ = "conversation_subjects"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    thread: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    asked: Mapped[str] = mapped_column(String(40))
    spoken_at: Mapped[datetime] = mapped_column(index=True)
