"""The audit log as a CSV file, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import csv_file
from bot.features.audit.model.hash_chain import AuditRow

_COLUMNS = ("Number", "At (UTC)", "Who", "Action", "What", "Before", "After", "Previous hash", "Hash")


def audit_csv(rows: Sequence[AuditRow]) -> bytes:
    """Return one row for each audit row, in UTF-8."""
    return csv_file.encoded(csv_file.lines([_COLUMNS, *map(_cells, rows)]))


def _cells(row: AuditRow) -> list[csv_file.Cell]:
    line = row.line
    words = (line.who, line.action, line.what, line.before, line.after)
    return [row.number, line.at.isoformat(timespec="seconds"), *words, row.previous_hash, row.hash]
