"""The audit log as a CSV file, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bot.features.audit.model.hash_chain import AuditRow
from bot.features.on_hold.model.csv import text_cell

_COLUMNS = ("Number", "At (UTC)", "Who", "Action", "What", "Before", "After", "Previous hash", "Hash")


def audit_csv(rows: Sequence[AuditRow]) -> bytes:
    """Return one row for each audit row, in UTF-8."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(_COLUMNS)
    for row in rows:
        line = row.line
        words = (line.who, line.action, line.what, line.before, line.after)
        at = line.at.isoformat(timespec="seconds")
        writer.writerow([row.number, at, *map(text_cell, words), row.previous_hash, row.hash])
    # Without the byte order mark Excel guesses another encoding.
    return made.getvalue().encode("utf-8-sig", errors="replace")
