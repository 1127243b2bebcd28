"""Somebody else's OAuth server in Sage ID's place: `oidc-provider`, where each refresh token is good for one use."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

fcntl = None  # Windows has none; there the tests of one process are enough
with contextlib.suppress(ImportError):
    import fcntl  # type: ignore[no-redef]

FILES = Path(__file__).parent / "sage_id"
MISSING = "Node.js is not installed: the strict third-party authorization server can't be started"
TOO_OLD = "Node.js is older than 20: the strict third-party authorization server can't be started"
REDIRECT_URI = "http://127.0.0.1:9/sage/callback"
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=0")


@dataclass(frozen=True)
class StrictSageId:
    """The server while it runs, and the one client it knows."""

    url: str
    client_id: str = "sage-client"
    client_secret: str = "sage-client-secret"
    redirect_uri: str = REDIRECT_URI
    before: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """What it saw: token_posts, exchanges, refreshes, refusals, reuses, consumed and grants_revoked."""
        counted: dict[str, int] = httpx.get(f"{self.url}/_counts", timeout=60).json()
        return {name: count - self.before.get(name, 0) for name, count in counted.items()}

    def counting_anew(self) -> StrictSageId:
        """The server as somebody knows it who counts from now on."""
        return replace(self, before=replace(self, before={}).counts())

    async def approve(self, link: str) -> httpx.URL:
        """Sign in and agree in a browser of one's own; the address it is sent back to, not yet visited."""
        address = httpx.URL(link)
        async with httpx.AsyncClient(verify=False, timeout=60) as browser:
            while not str(address).startswith(self.redirect_uri):
                answer = await browser.get(address)
                assert answer.next_request is not None, answer.text
                address = answer.next_request.url
        return address


def tool(name: str) -> str:
    """The path of `node` or `npm`; the test is skipped where either is missing."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(MISSING)
    return str(shutil.which(name))


def install() -> None:
    """Bring the locked packages, once for all test processes; nothing happens when they are already there."""
    npm, node = tool("npm"), tool("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(TOO_OLD)
    lock, mark = FILES / "package-lock.json", FILES / "node_modules" / "installed"
    with lock.open("rb") as held:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        want = hashlib.sha256(held.read()).hexdigest()
        if mark.exists() and mark.read_text() == want:
            return
        done = subprocess.run([npm, *_INSTALL], cwd=FILES, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm could not install the strict authorization server: {done.stderr}")
        mark.write_text(want)


@contextmanager
def running(folder: Path, *, redirect_uri: str = REDIRECT_URI, access_token_seconds: int = 2) -> Iterator[StrictSageId]:
    """One server with memory of its own, from ready to ended; `folder` receives its log."""
    settings = {"CLIENT_ID": StrictSageId.client_id, "CLIENT_SECRET": StrictSageId.client_secret}
    times = {"REDIRECT_URI": redirect_uri, "ACCESS_TOKEN_SECONDS": str(access_token_seconds)}
    log = folder / "strict_sage_id.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [tool("node"), "server.mjs"],
            cwd=FILES,
            env={**settings, **times},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            word, _, port = process.stdout.readline().strip().rpartition(" ")
            assert word == "listening on", log.read_text()
            yield StrictSageId(f"http://127.0.0.1:{port}", redirect_uri=redirect_uri)
        finally:
            process.terminate()
            process.wait(10)
