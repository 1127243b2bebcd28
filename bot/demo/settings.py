"""The demo's folder and settings: a complete set, with generated secrets."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from storage.cipher import new_key

LOOPBACK = "127.0.0.1"
CLOCK, _KEY, _LOCK, _DATABASE = "clock.json", "demo.key", "demo.lock", "demo.db"
_OURS = (CLOCK, _KEY, *(f"{_DATABASE}{end}" for end in ("", "-wal", "-shm", "-journal")))
# Large companies are synced less often: the simulated Sage 200 searches all customers for each change.
_LARGE = 5_000


class FolderInUse(Exception):
    """Another demo works in this folder."""


def settings(*, product_port: int, sandbox_port: int, folder: Path, ledger: int) -> dict[str, str]:
    """Return the environment of both processes. A folder used before keeps the key of its database."""
    sandbox = f"http://{LOOPBACK}:{sandbox_port}"
    return {
        **os.environ,
        "HOST": LOOPBACK,
        "PORT": str(product_port),
        "PUBLIC_URL": f"http://{LOOPBACK}:{product_port}",
        "DATABASE_URL": f"sqlite:///{(folder / _DATABASE).as_posix()}",
        "ENCRYPTION_KEYS": _key(folder / _KEY),
        "SLACK_CLIENT_ID": "demo.slack",
        "SLACK_CLIENT_SECRET": secrets.token_hex(16),
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "SLACK_BOT_TOKEN": "",
        "SLACK_API_URL": f"{sandbox}/slack/api/",
        "SAGE_CLIENT_ID": "demo-sage",
        "SAGE_CLIENT_SECRET": secrets.token_hex(16),
        "SAGE_SUBSCRIPTION_KEY": "",
        "SAGE_ID_URL": f"{sandbox}/sage-id",
        "SAGE_API_URL": f"{sandbox}/sage-api",
        "SLACK_WORK_OBJECTS": "true",
        "LIMIT_FACTOR": "10",  # one person plays everybody
        "SYNC_INTERVAL": "2" if ledger <= _LARGE else "10",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock the folder for this demo. Raises FolderInUse."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)) as lock:
        try:
            # A SQLite lock: every system releases it when this process ends.
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise FolderInUse(f"another demo is running in {folder}") from None
        yield


def clear(folder: Path) -> None:
    """Remove the files that demos leave in a folder, and nothing else."""
    for name in _OURS:
        with suppress(FileNotFoundError):
            (folder / name).unlink()


def _key(file: Path) -> str:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="ascii")
    key = new_key()
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as kept:
        kept.write(key)
    return key
