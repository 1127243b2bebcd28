"""docs/rehearsal.md, typed as it stands by somebody with an empty home; and its commands are those of the others."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from tests.postgres import unprivileged
from tests.scenarios.operations.process import REPOSITORY
from tests.scenarios.slack_app import CODE, Office

DOCS = REPOSITORY / "docs"
REHEARSAL = (DOCS / "rehearsal.md").read_text()
STEP = re.compile(r"(?:^<!-- (with|without) (\w+) -->\n)?^```(bash|slack)\n(.*?)^```", re.M | re.S)
APP, PAGE = "http://127.0.0.1:3000", "http://127.0.0.1:3100"
# What differs between this machine and a real one; nothing else may.
HERE = {
    "~/sage200": "/opt/sage200",
    "sqlite:///$HOME/backups/": "sqlite:////var/backups/",
    "$HOME/backups/": "",
    "~/backups/": "",
    "postgresql://sage200@127.0.0.1:5433/restored": '"$DATABASE_URL"',
    "$SOURCE/": "",
}


@dataclass(frozen=True)
class Step:
    """A block of the document: lines for a shell, or for Slack, perhaps only with (or without) a program."""

    condition: str
    program: str
    kind: str
    text: str

    @property
    def is_wanted(self) -> bool:
        return not self.program or bool(shutil.which(self.program)) == (self.condition == "with")

    @property
    def commands(self) -> list[str]:
        """The lines without what sends them into the background."""
        return [re.sub(r" > \S+ 2>&1 &$", "", line) for line in self.text.splitlines()]


STEPS = [Step(*found) for found in STEP.findall(REHEARSAL)]


def blocks(page: str, *headings: str) -> set[str]:
    """The commands in blocks, and the starred or numbered steps' own, under these headings of a document."""
    text = (DOCS / page).read_text()
    parts = re.split(r"^## ", text, flags=re.M)
    chosen = "\n".join(part for part in parts if part.startswith(headings))
    found = "\n".join(re.findall(r"^```\n(.*?)^```", chosen, re.M | re.S)).splitlines()
    return {*found, *re.findall(r"`((?:bot|pg_restore) [^`]+)`", chosen)}


def rehearsed() -> set[str]:
    lines = "\n".join(line for step in STEPS if step.kind == "bash" for line in step.commands)
    for here, there in HERE.items():
        lines = lines.replace(here, there)
    return {re.sub(r"^PORT=\d+ ", "", line) for line in lines.splitlines()}


def test_what_install_and_operations_tell_to_type_is_rehearsed():
    told = blocks("install.md", "2. Here", "3. At Slack", "4. Start")
    told |= blocks("operations.md", "Back up", "Restore")
    assert len(told) > 10
    assert {line for line in told if line not in "\n".join(rehearsed())} == set()


def test_what_is_rehearsed_is_told():
    told = "".join((DOCS / name).read_text() for name in ("install.md", "operations.md"))
    commands = set(re.findall(r"\bbot (?:[a-z]+ ?)+", "\n".join(rehearsed())))
    assert len(commands) >= 8
    assert {words for words in commands if words.strip() not in told} == set()


class Shell:
    """One shell of a user with an empty home, which ends at the first command that fails."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    @classmethod
    async def begun(cls, machine: Path) -> Shell:
        passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        user, group = unprivileged()
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail"),
            env={**passed, "HOME": str(machine / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            cwd=machine / "source",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            limit=2**20,
        )
        return cls(process)

    async def type(self, text: str) -> str:
        """Type it and wait until all of it is done; what it printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{text}\necho done: typed\n".encode())
        lines: list[str] = []
        while line := (await self.process.stdout.readline()).decode():
            if line == "done: typed\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"{text}\nended the shell:\n{''.join(lines)}")

    async def end(self) -> None:
        """Also what runs in the background."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        await self.process.wait()


class Screen(Office):
    """Priya's browser at the page that is served beside the app; answers are what she sees."""

    async def command(self, command: str, text: str = "", **_) -> SimpleNamespace:
        before = {each["ts"] for each in await self._shown()}
        words = {"user": "U0PRIYA", "channel": "C0SALES", "text": f"{command} {text}".strip()}
        said = await self.outside.post(f"{PAGE}/control/say", json=words)
        assert said.status_code == 200, said.text
        for _ in range(600):
            answers = [each for each in await self._shown() if each["ts"] not in before]
            answers = [each for each in answers if not each["text"].startswith("Still asking")]
            if answers:
                return SimpleNamespace(**answers[-1])
            await asyncio.sleep(0.1)
        raise AssertionError(f"{words['text']} got no answer")

    async def _shown(self) -> list[dict]:
        screen = (await self.outside.get(f"{PAGE}/control/screen", params={"user": "U0PRIYA"})).json()
        return [each for each in screen["messages"] if each["is_app"] or each["is_notice"]]

    async def type(self, lines: list[str]) -> str:
        """Type what the document says, following the link when one is answered; the last answer."""
        code, answer = "", ""
        for line in lines:
            command, _, text = line.replace("CODE", code).partition(" ")
            message = await self.command(command, text)
            answer = message.text
            if text == "connect":
                way = await self.allow(await self.open_sage_id(self.link(message)), "george@example.test")
                code = CODE.search((await self.browser.get(way)).text)[1]
        return answer


@pytest.fixture
def machine():
    """A fresh clone of this checkout as it is, and an empty home beside it.

    Where the tests run as root, both are of a user with no rights, as PostgreSQL demands.
    """
    user, group = unprivileged()
    with tempfile.TemporaryDirectory(prefix="sage200-first-hour-") as name:
        folder, source = Path(name), Path(name) / "source"
        (folder / "home").mkdir()
        git = partial(subprocess.run, cwd=REPOSITORY, check=True, capture_output=True, text=True)
        git(["git", "clone", "--no-hardlinks", REPOSITORY, source])
        changed = git(["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"]).stdout
        for file in filter(None, changed.split("\0")):
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / file, source / file)
        if user is not None:
            subprocess.run(["chown", "-R", f"{user}:{group}", folder], check=True)
        yield folder


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_from_an_empty_machine_to_a_restored_installation(machine):
    took: dict[str, float] = {}
    shell = await Shell.begun(machine)
    try:
        async with (
            httpx.AsyncClient(base_url=APP, trust_env=False, timeout=60) as browser,
            httpx.AsyncClient(timeout=60) as outside,
        ):
            nobody = (None,) * 7
            screen = Screen(*nobody, browser, outside, APP)  # type: ignore[arg-type]
            answers = []
            for step in filter(lambda each: each.is_wanted, STEPS):
                began = time.monotonic()
                if step.kind == "bash":
                    sys.stdout.write(await shell.type(step.text))
                else:
                    if not answers:
                        assert (await screen.install()).status_code == 200
                    answers.append(await screen.type(step.text.splitlines()))
                took[step.commands[0]] = time.monotonic() - began
    finally:
        await shell.end()
    assert len(answers) == 2
    for answer in answers:
        assert [fact for fact in ("ABS Garages Ltd", "£2,464.16", "£4,000.00") if fact not in answer] == []
    lines = [f"{seconds:7.1f} s  {words}\n" for words, seconds in {**took, "in all": sum(took.values())}.items()]
    sys.stdout.write("".join(lines))
