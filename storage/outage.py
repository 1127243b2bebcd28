"""Whether an error means that the database can't be used now: away, full, read-only or without a free connection."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

_READ_ONLY = "25006"  # PostgreSQL counts a read-only transaction among its internal errors


def outage(error: BaseException) -> str:
    """Return the driver's first line about a database that can't be used; empty for any other error."""
    if isinstance(error, NoFreeConnection | DisconnectionError):
        return "no connection to the database is free"
    if not isinstance(error, DBAPIError):
        return ""
    if not isinstance(error, OperationalError | InterfaceError) and _state(error) != _READ_ONLY:
        return ""
    return next(iter(str(error.orig).splitlines()), "") or type(error.orig).__name__


def is_write_refused(error: BaseException) -> bool:
    """Return whether the database answers but takes no writes: its disk is full, or it is read-only."""
    said = outage(error).lower()
    return any(mark in said for mark in ("read-only", "readonly", "disk is full", "no space", "disk i/o error"))


def is_table_missing(error: DBAPIError) -> bool:
    """Return whether a table or column isn't there: the tables are of another version."""
    said = str(error.orig)
    return _state(error) in {"42P01", "42703"} or "no such table" in said or "no such column" in said


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
