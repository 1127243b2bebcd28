"""The tables of conversation subjects, and of how questions in plain English were answered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row


class ConversationSubject(Row):
    """The customer that a user last asked about in a thread ("it"), and the question, a list with what narrows it.

    `thread` is empty outside threads; `customer_id` is empty after a question about many customers. `shown` are the
    customers of the last answer in their order, where they are several: those asked about together, or listed.
    """

    __tablename__ = "conversation_subjects"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    thread: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    asked: Mapped[str] = mapped_column(String(300))
    shown: Mapped[list[int]] = mapped_column(JSON)
    spoken_at: Mapped[datetime] = mapped_column(index=True)


class AnswerCount(Row):
    """How many questions of a kind were answered on a day; no words and no person."""

    __tablename__ = "answer_counts"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]


class AnswerFeedback(Row):
    """Whether a user found an answer useful, which they may change. The answer is known by its message alone."""

    __tablename__ = "answer_feedback"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    message_ts: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    is_liked: Mapped[bool]
    pressed_at: Mapped[datetime] = mapped_column(index=True)


class UnclearQuestion(Row):
    """The words of a question that wasn't understood; written only while the workspace's admins say so."""

    __tablename__ = "unclear_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(index=True)
