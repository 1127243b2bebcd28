"""CSV files that a spreadsheet neither calculates nor changes, whatever the text in them says.

OWASP's advice on CSV injection: an apostrophe in front of what would be calculated. The same apostrophe keeps a
reference such as `00012` or `1E5` from becoming a number or a date. `="00012"` would too, but is itself a formula, and
a `sep=` line would make Excel overlook the byte-order mark and be read as a row by everything else. Excel and
LibreOffice show the apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from bot.domain.text.folding import INVISIBLE

Cell = str | int | Decimal | date | None

# What makes a spreadsheet take a cell for a formula, also in the wide letters of East Asia (OWASP, CSV injection).
_FORMULA = frozenset("=+-@＝＋－＠")
# A spreadsheet that is set to another separator cuts the line there, and what follows begins a cell.
_SEPARATORS = ";,|\t\r\n"
_BETWEEN = re.compile(r"""[;,|"'\s]+""")
# What Excel or LibreOffice takes for a number, percentage, sum of money, date, time or truth, and then shows otherwise.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_PART = r"[0-9]{1,4}(?:st|nd|rd|th)?"
_CHANGED = re.compile(
    r"0[0-9]+"
    r"|[0-9]{12,}"
    r"|[0-9][0-9.,]*\ ?e\ ?[0-9+-]+"
    r"|[0-9]*[.,][0-9.,]*"
    r"|[0-9]+(?:\ ?[-/.:,\ ]\ ?[0-9]+)+\ ?(?:[ap]m?)?"
    r"|[0-9]{1,2}\ ?[ap]m?"
    r"|[0-9.,]+\ ?%"
    r"|[£$€¥]\ ?[0-9.,]+|[0-9.,]+\ ?[£$€¥]"
    r"|\([0-9.,]+\)"
    rf"|(?:{_PART}[-/.,\ ]*)?{_MONTH}[-/.,\ ]*{_PART}(?:[-/.,\ ]+{_PART})?"
    rf"|{_PART}[-/.,\ ]*{_MONTH}(?:[-/.,\ ]*{_PART})?"
    r"|true|false",
    re.IGNORECASE,
)
_UNSEEN = dict.fromkeys(INVISIBLE)
_LONGEST_NUMBER = 60  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def code_columns(labels: Mapping[int, str]) -> list[str]:
    """Return the names of the columns of a company's analysis codes, by slot."""
    return [labels[slot] or f"Analysis code {slot}" for slot in sorted(labels)]


def text_cell(text: str) -> str:
    """Return a text on one line, with an apostrophe in front of what a spreadsheet would calculate or change."""
    seen = text if text.isascii() else text.translate(_UNSEEN)
    guarded = _BETWEEN.sub(_guard, seen)
    begins_formula = seen[:1] in _FORMULA or (seen[:1] and seen[0] in "\t\r\n" and guarded == seen)
    if begins_formula or (len(seen) <= _LONGEST_NUMBER and _CHANGED.fullmatch(seen.strip())):
        guarded = f"'{guarded}"
    return _CONTROL.sub(" ", guarded)


def _guard(run: re.Match[str]) -> str:
    """Return a run of separators, blanks and quotation marks, with an apostrophe where a formula would begin."""
    if run.string[run.end() : run.end() + 1] not in _FORMULA or run.end() == len(run.string):
        return run[0]
    begins = 0 if not run.start() else 1 + max(run[0].rfind(mark) for mark in _SEPARATORS)
    return f"{run[0][:begins]}'{run[0][begins:]}" if begins or not run.start() else run[0]


def lines(rows: Iterable[Iterable[Cell]]) -> str:
    """Return the lines of these rows; amounts have two decimal places, and None is an empty cell."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows([_cell(cell) for cell in row] for row in rows)
    return made.getvalue()


def encoded(text: str) -> bytes:
    """Return the file's bytes."""
    # With a byte-order mark, without which Excel doesn't read UTF-8.
    return text.encode("utf-8-sig", errors="replace")


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return text_cell(cell)
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)
