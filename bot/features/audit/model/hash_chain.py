"""The hash chain of the audit log: each row holds the hash of the one before, so no row can be changed or left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.text.folding import same

NOTHING_BEFORE = "0" * 64
CHANGES, ACCESS = "changes", "access"
"""The chains of a workspace: what was done; and who read figures or was refused, which is more and kept for less."""
CHAINS = (CHANGES, ACCESS)
INSTALL, UNINSTALL = "install", "uninstall"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to what, with the state before and after, in words. `who` is a Slack user id, or "" for the app."""

    at: datetime
    who: str
    action: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A stored audit line, numbered from 1 within its chain."""

    number: int
    line: AuditLine
    previous_hash: str
    hash: str
    chain: str = CHANGES


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last number and hash of a chain; 0 and NOTHING_BEFORE for an empty one."""

    number: int = 0
    hash: str = NOTHING_BEFORE


def next_link(head: ChainHead, line: AuditLine, *, workspace_id: str, chain: str = CHANGES) -> AuditRow:
    """Return the line as the row that follows `head`."""
    number = head.number + 1
    return AuditRow(number, line, head.hash, _hash(workspace_id, chain, number, line, head.hash), chain)


def enrolled(head: ChainHead, which: str) -> ChainHead:
    """Return the head over all chains after another chain has begun."""
    return ChainHead(head.number + 1, hashlib.sha256(f"{head.hash}\0{head.number + 1}\0{which}".encode()).hexdigest())


def first_broken(
    rows: Iterable[AuditRow], head: ChainHead, *, workspace_id: str, chain: str = CHANGES
) -> tuple[int | None, ChainHead]:
    """Return (number of the first altered row after `head`, or None; the head up to which the chain is good)."""
    for each in rows:
        should = next_link(head, each.line, workspace_id=workspace_id, chain=chain)
        if each != should:
            return head.number + 1, head
        head = ChainHead(each.number, each.hash)
    return None, head


def has_words(line: AuditLine, words: Iterable[str]) -> bool:
    """Return whether each of these words, folded and in lower case, occurs in the line."""
    text = same(" ".join((line.who, line.action, line.what, line.before, line.after)))
    return all(word in text for word in words)


def _hash(workspace_id: str, chain: str, number: int, line: AuditLine, previous: str) -> str:
    """Return the SHA-256 of canonical JSON: sorted keys, no blanks, UTC."""
    facts = {
        "workspace": workspace_id,
        "chain": chain,
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
