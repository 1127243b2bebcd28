"""The record of what people did: each line holds the hash of the one before, so none can be changed or left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NOTHING_BEFORE = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to what, and how it was before and after, in words. `who` is a Slack id, or "" for the app."""

    at: datetime
    who: str
    action: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A line as it is kept, numbered from 1 within its workspace."""

    number: int
    line: AuditLine
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far a record goes: the last number and hash; 0 and none for an empty one."""

    number: int = 0
    hash: str = NOTHING_BEFORE


def next_link(head: ChainHead, line: AuditLine, *, workspace_id: str) -> AuditRow:
    """The line as the next one of a record."""
    number = head.number + 1
    return AuditRow(number, line, head.hash, _hash(workspace_id, number, line, head.hash))


def first_broken(kept: Iterable[AuditRow], head: ChainHead, *, workspace_id: str) -> tuple[int | None, ChainHead]:
    """(number, how far it is good): of the first line, continuing from `head`, that is not as it was written."""
    for each in kept:
        should = next_link(head, each.line, workspace_id=workspace_id)
        if each != should:
            return head.number + 1, head
        head = ChainHead(each.number, each.hash)
    return None, head


def has_words(line: AuditLine, words: Iterable[str]) -> bool:
    """Whether every one of these, in lower case, is somewhere in it."""
    text = " ".join((line.who, line.action, line.what, line.before, line.after)).casefold()
    return all(word in text for word in words)


def _hash(workspace_id: str, number: int, line: AuditLine, previous: str) -> str:
    """Of canonical JSON: keys in order, no blanks, UTC."""
    facts = {
        "workspace": workspace_id,
        "number": number,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "who": line.who,
        "action": line.action,
        "what": line.what,
        "before": line.before,
        "after": line.after,
        "previous": previous,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
