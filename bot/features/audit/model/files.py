"""The audit log as a file: CSV that is safe to open in a spreadsheet, or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.text import csv_file
from bot.features.audit.model.hash_chain import AuditRow

_COLUMNS = ("Chain", "Number", "At (UTC)", "Who", "Action", "What", "Before", "After", "Previous hash", "Hash")
_NAMES = ("chain", "number", "at", "who", "action", "what", "before", "after", "previous_hash", "hash")


def audit_csv(rows: Sequence[AuditRow]) -> bytes:
    """Return one row for each audit row, in UTF-8."""
    return csv_file.encoded(csv_file.lines([_COLUMNS, *map(_values, rows)]))


def audit_json_lines(rows: Sequence[AuditRow]) -> bytes:
    """Return one JSON object on a line for each audit row."""
    lines = (json.dumps(dict(zip(_NAMES, _values(row), strict=True))) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _values(row: AuditRow) -> tuple[str | int, ...]:
    line, at = row.line, row.line.at.isoformat(timespec="seconds")
    words = (line.who, line.action, line.what, line.before, line.after)
    return row.chain, row.number, at, *words, row.previous_hash, row.hash
