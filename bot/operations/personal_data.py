"""`bot erase` and `bot export`: one person or one customer, over every workspace or one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot import process
from bot.app import CANNOT_OPEN, opened
from bot.config import BadSettings, Settings
from bot.features.personal_data.service.personal_data import Erased, Found, PersonalData, Subject

T = TypeVar("T")

_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_WORKSPACE = re.compile(r"[TE][A-Z0-9]{1,30}")
_STAYS = "The record keeps {count} that name them, until its own retention: docs/data.md says why."


def subject(person: str | None, customer: str | None, workspace: str | None, company: str | None) -> Subject:
    """Return what the options ask for. Raises BadSettings."""
    if (person is None) == (customer is None):
        raise BadSettings(["Say either --person or --customer."])
    if person is not None and not _PERSON.fullmatch(person):
        raise BadSettings([f"--person must be a Slack user id such as U0123ABCD, not {person!r}."])
    if customer is not None and not customer.strip():
        raise BadSettings(["--customer must be a customer's reference."])
    if workspace is not None and not _WORKSPACE.fullmatch(workspace):
        raise BadSettings([f"--workspace must be a Slack workspace id such as T0123ABCD, not {workspace!r}."])
    if company is not None and person is not None:
        raise BadSettings(["--company goes with --customer."])
    return Subject(person, customer.strip() if customer else None, workspace, company)


def find(settings: Settings, wanted: Subject) -> list[Found]:
    """Return what is kept about the subject."""
    return _with(settings, lambda data: data.find(wanted))


def erase(settings: Settings, wanted: Subject, found: Sequence[Found]) -> list[str]:
    """Erase what was found, and return what was erased as lines of text."""
    done = _with(settings, lambda data: data.erase(wanted, found, now=datetime.now(UTC)))
    lines = [line for each in done for line in _erased(each)]
    if wanted.customer is not None:
        lines.append("A customer that Sage 200 still has comes back with the next reading: erase them there first.")
    return lines


def kept_lines(wanted: Subject, found: Sequence[Found]) -> list[str]:
    """Return what is kept, table by table, as lines of text."""
    if not found:
        where = f" in {wanted.workspace}" if wanted.workspace else ""
        return [f"Nothing is kept about {wanted.said}{where}."]
    lines = []
    for each in found:
        lines.append(f"{wanted.said} in {each.workspace}{f', {each.company}' if each.company else ''}:")
        lines += [f"  {name}: {_count(len(rows), 'row')}" for name, rows in each.tables.items()]
    return lines


def exported(wanted: Subject, found: Sequence[Found]) -> str:
    """Return everything that is kept as JSON."""
    who = {"person": wanted.person} if wanted.person is not None else {"customer": wanted.customer}
    return json.dumps({**who, "found": [each.exported() for each in found]}, indent=2, ensure_ascii=False)


def write(file: Path, text: str) -> None:
    """Write a file that this user alone may read. Raises BadSettings."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text + "\n")
    except OSError as error:
        raise BadSettings([f"{file} can't be written: {error.strerror}."]) from None


def _erased(done: Erased) -> list[str]:
    lines = [f"Erased in {done.workspace}{f', {done.company}' if done.company else ''}:"]
    lines += [f"  {name}: {_count(count, 'row')}" for name, count in done.rows.items()]
    if not done.rows:
        lines.append("  nothing")
    if done.revoked:
        lines.append(f"  {_count(done.revoked, 'sign-in')} revoked at Sage")
    if done.kept_lines:
        lines.append(_STAYS.format(count=_count(done.kept_lines, "line")))
    return lines


def _with(settings: Settings, work: Callable[[PersonalData], Awaitable[T]]) -> T:
    results: list[T] = []

    async def run() -> None:
        # Without the workspace's token: nothing here asks Slack.
        try:
            async with opened(settings.model_copy(update={"slack_bot_token": None})) as product:
                results.append(await work(product.services.personal_data))
        except SQLAlchemyError:
            raise BadSettings([f"{CANNOT_OPEN} Run bot db upgrade first if it is new."]) from None

    process.run(run())
    return results[0]


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'s' if number != 1 else ''}"
