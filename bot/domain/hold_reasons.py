"""The reasons for a hold that are counted: one of a list, at the beginning of the words that Sage keeps."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.text.folding import same

OTHER = "other"
HOLD_REASONS = ("overdue", "over limit", "disputed", "awaiting payment", "new terms", OTHER)
MOST_REASONS, LONGEST_REASON = 15, 30
_ENDS = " :;,.-–(["


def read_reasons(lines: str) -> tuple[str, ...]:
    """Return the reasons in lower case, one a line, each once; the usual ones where there is none."""
    found = dict.fromkeys(same(line) for line in lines.splitlines() if line.strip())
    return tuple(found) or HOLD_REASONS


def kind_of_reason(words: str, reasons: Iterable[str]) -> str:
    """Return which of these reasons the words begin with, the longest of several; OTHER for none."""
    said = same(words)
    fits = [each for each in reasons if said.startswith(same(each)) and said[len(same(each)) :][:1] in {"", *_ENDS}]
    return max(fits, key=len, default=OTHER)


def with_kind(kind: str, words: str, reasons: Iterable[str]) -> str:
    """Return the words that Sage keeps for a reason of the list and what was added to it."""
    added = words.strip()
    if not kind or kind == OTHER or kind_of_reason(added, reasons) == kind:
        return added
    label = kind[:1].upper() + kind[1:]
    return f"{label}: {added}" if added else label
