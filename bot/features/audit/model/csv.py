"""The record as a file that a spreadsheet opens, whatever people typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bot.features.audit.model.hash_chain import AuditRow
from bot.features.on_hold.model.csv import text_cell

_COLUMNS = ("Number", "At (UTC)", "Who", "Action", "What", "Before", "After", "Previous hash", "Hash")


def audit_csv(lines: Sequence[AuditRow]) -> bytes:
    """A row for each line. UTF-8 with the mark that Excel wants before it believes so."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(_COLUMNS)
    for kept in lines:
        line = kept.line
        words = (line.who, line.action, line.what, line.before, line.after)
        at = line.at.isoformat(timespec="seconds")
        writer.writerow([kept.number, at, *map(text_cell, words), kept.previous_hash, kept.hash])
    return made.getvalue().encode("utf-8-sig", errors="replace")
