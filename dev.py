#!/usr/bin/env python3
"""Everything a developer types, on any system with Python 3.11 or newer: `python3 dev.py demo | test | check | …`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PRODUCTION, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
LOCK_FLAGS = [
    "--extra", "postgres", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet",
]  # fmt: skip
_LICENCES = """# The libraries' licences

Of what a server installs (`requirements.txt`), as the packages state them. Written by `make licences`.

"""
_TESTED_TOO = ["--extra", "demo", "--extra", "otel", "--extra", "sentry"]


def setup(name: str = DEVELOPMENT) -> None:
    """Make .venv and install the libraries of a lock file, unless these or all of development's are already there."""
    lock, mark = ROOT / name, VENV / "installed"
    if PYTHON.exists() and mark.exists() and mark.read_text() in {_mark(name), _mark(DEVELOPMENT)}:
        return
    print("Setting up .venv (once; half a minute) …", flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    _install(lock)
    mark.write_text(_mark(name))


def _install(lock: Path) -> None:
    """Install a lock file. What is used is compiled when it is, and not all of it now."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    # uv takes seconds where pip takes two minutes, but reads no pip.conf: what it can't fetch, pip does.
    if pinned := uv_alone(lock.read_text()):
        only_uv = VENV / "uv.txt"
        only_uv.write_text(pinned)
        run([*pip, "--require-hashes", "-r", str(only_uv)])
        uv = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
        if not subprocess.run([*uv, "--require-hashes", "-r", str(lock)], cwd=ROOT, check=False).returncode:
            return
    run([*pip, "--require-hashes", "-r", str(lock)])


def uv_alone(lock: str) -> str:
    """Return the lines that pin uv, with its hashes; "" if it isn't locked."""
    found = re.search(r"^uv==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    return found[0] if found else ""


def _mark(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes() + sys.version.encode()).hexdigest()


def programs() -> None:
    """The tests drive a real Chromium and a real PgBouncer. Where one is missing and apt can bring it, bring it."""
    browsers = (
        *("/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser"),
        *("google-chrome", "google-chrome-stable", "msedge", "chrome"),
    )
    everywhere = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    missing = [] if os.environ.get("CHROMIUM") or any(map(shutil.which, browsers)) else ["chromium"]
    missing += [] if shutil.which("pgbouncer", path=everywhere) else ["pgbouncer"]
    if not missing or os.name == "nt":
        return
    named = " and ".join(missing)
    if not shutil.which("apt-get") or getattr(os, "geteuid", lambda: 1)() != 0:
        print(f"Not found: {named}. Tests that need it will be skipped; install it to run them all.", flush=True)
        return
    print(f"Installing Debian's {named} for the tests …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=subprocess.DEVNULL)
    # Without windows it takes a quarter less of a core; older Debians don't have it apart.
    windowless = ["apt-cache", "show", "chromium-headless-shell"]
    if "chromium" in missing and subprocess.run(windowless, check=False, capture_output=True).returncode == 0:
        missing[0] = windowless[-1]
    install = ["apt-get", "install", "-y", "-qq", *missing]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)


def run(command: list[str]) -> None:
    """Run in the project's folder; a failure ends this script with the same status."""
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        sys.exit(status)


def become(*command: str) -> None:
    """Go on as a tool of the virtual environment, which then is what Ctrl-C and SIGTERM reach and end cleanly."""
    words = [str(PYTHON), "-m", *command]
    if os.name != "nt":
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execv(words[0], words)
    process = subprocess.Popen(words, cwd=ROOT)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:  # the tool has it too, and takes its time
            continue


def tool(*command: str) -> None:
    """A tool of the virtual environment."""
    run([str(PYTHON), "-m", *command])


def demo(*rest: str) -> None:
    """Try everything here, without accounts."""
    become("bot", "demo", *rest)


def start(*rest: str) -> None:
    """Run the real thing with the settings in .env."""
    become("bot", "web", "--with-worker", *rest)


def test(*rest: str) -> None:
    """All tests."""
    programs()
    # Twice as many workers as cores: half of a test's time is waiting. Beyond eight, memory goes to PostgreSQL servers.
    workers = min(2 * (os.cpu_count() or 2), 8)
    # Each begins with files of its own, so that what a module prepares is prepared once; who is done takes of others'.
    tool("pytest", *(rest or ("-n", str(workers), "--dist", "worksteal")))


def audit(*rest: str) -> None:
    """Ask an advisory database about every pinned library."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        asked = [str(PYTHON), "-m", "pip_audit", "-r", name, "--require-hashes", "--disable-pip", "--format", "json"]
        done = subprocess.run(
            [*asked, "--progress-spinner", "off", *rest], cwd=ROOT, check=False, capture_output=True, text=True
        )
        said, faults = audited(done.stdout)
        print(f"{name}: {said}", flush=True)
        if faults:
            sys.exit("\n".join(faults))


def audited(report: str) -> tuple[str, list[str]]:
    """Return a line about the audit, and a line for each known fault. An audit that can't be made is no fault."""
    try:
        found = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return "not audited: the advisory database can't be reached", []
    skipped = [each["name"] for each in found if "skip_reason" in each]
    faults = [
        f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no release'}"
        for each in found
        for fault in each.get("vulns", ())
    ]
    if len(skipped) == len(found):
        return "not audited: the advisory database can't be reached", []
    missing = f", {len(skipped)} it doesn't know: {', '.join(skipped)}" if skipped else ""
    return f"{len(found) - len(skipped)} libraries audited{missing}, {len(faults)} known faults", faults


def check(*rest: str) -> None:
    """Format, lint, strict types, import contracts, known faults of libraries, benchmarks' counts, all tests."""
    tool("ruff", "format", "--check", "--quiet", ".")
    tool("ruff", "check", "--quiet", ".")
    # The types take one core for a minute. Beside them: what waits for a network, and what one core does as well alone.
    with subprocess.Popen([str(PYTHON), "-m", "mypy"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as types:
        run([str(BIN / "lint-imports")])
        audit()
        compile_tests()
        counts()
        print(types.communicate()[0], end="", flush=True)
    if types.returncode:
        sys.exit(types.returncode)
    test(*rest)


def counts() -> None:
    """What the benchmarks count, whatever the machine: a statement, request or row more than allowed ends the check."""
    done = subprocess.run(
        [str(PYTHON), "-m", "benchmarks", "--short"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nThe benchmarks' counts (make bench, `dev.py bench --short`) failed.")
    print("Benchmarks: every count within its goal.", flush=True)


def compile_tests() -> None:
    """Have pytest read all tests, and write what it makes of them for its workers."""
    collect = [str(PYTHON), "-m", "pytest", "--collect-only", "--quiet", "-n0"]
    subprocess.run(collect, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def tidy(*rest: str) -> None:
    """Format, and mend what the linter can."""
    tool("ruff", "format", ".")
    tool("ruff", "check", "--fix", ".")


def lock(*rest: str) -> None:
    """Write both requirements files afresh from pyproject.toml."""
    uv = ("uv", "pip", "compile", "pyproject.toml", *LOCK_FLAGS)
    tool(*uv, *rest, "-o", "requirements.txt")
    tool(*uv, *rest, *_TESTED_TOO, "--group", "dev", "-c", "requirements.txt", "-o", "requirements-dev.txt")


def bench(*rest: str) -> None:
    """Run the benchmarks and write their figures to docs/benchmarks.md; `bench --short` only counts, in a minute."""
    tool("benchmarks", *rest)


def first_hour(*rest: str) -> None:
    """Type docs/rehearsal.md from its first line to its last, in an empty home; some minutes."""
    tool("pytest", "-m", "long", "-s", "tests/scenarios/operations/test_rehearsal.py", *rest)


def life(*rest: str) -> None:
    """Live a month round each change of the clocks, with everything around the app failing once; ten minutes."""
    tool("pytest", "-m", "long", "tests/scenarios/operations/test_a_month.py", *rest)


def licences(*rest: str) -> None:
    """Write docs/licences.md: the licence of each library that a server installs."""
    names = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", (ROOT / PRODUCTION).read_text(), re.MULTILINE)
    asked = ["--python", str(PYTHON), "--format", "markdown", "--order", "name", "--no-version", "--packages", *names]
    listed = _output([*_fetched("pip-licenses==5.5.5"), *asked])
    (ROOT / "docs/licences.md").write_text(_LICENCES + listed.strip() + "\n", encoding="utf-8")


def docs(*rest: str) -> None:
    """Build the documents as a site in build/site; a link that leads nowhere fails."""
    run([*_fetched("mkdocs==1.6.1"), "build", "--strict", *rest])


def release(*rest: str) -> None:
    """Wheel and sdist of the last commit into dist/, built twice to the same bytes and installed in a clean place."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (_built(Path(folder) / name) for name in ("first", "second"))
        if _sums(first) != _sums(second):
            sys.exit(f"Built twice, and not the same:\n{_sums(first)}{_sums(second)}")
        _try_installed(Path(folder) / "clean", next(first.glob("*.whl")))
        shutil.copytree(first, ROOT / "dist", dirs_exist_ok=True, ignore=shutil.ignore_patterns(".gitignore"))
        (ROOT / "dist/SHA256SUMS").write_text(_sums(first))
        print(_sums(first), end="")


def _built(folder: Path) -> Path:
    """Return the folder with a wheel and an sdist of the last commit, of which each file has the commit's time."""
    folder.mkdir()
    run(["git", "archive", "--format=tar", "-o", str(folder / "source.tar"), "HEAD"])
    with tarfile.open(folder / "source.tar") as source:
        source.extractall(folder / "source", filter="data")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _output(["git", "log", "-1", "--format=%ct"]).strip()}
    words = [str(PYTHON), "-m", "uv", "build", "--quiet", "--out-dir", str(folder / "dist"), str(folder / "source")]
    subprocess.run(words, check=True, env=environment)
    return folder / "dist"


def _sums(folder: Path) -> str:
    files = sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def _try_installed(folder: Path, wheel: Path) -> None:
    """Install the wheel with the locked libraries, and have it print the manifest that it carries."""
    venv.create(folder, with_pip=True)
    python = str(folder / PYTHON.relative_to(VENV))
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", str(ROOT / PRODUCTION)])
    run([*pip, "--no-deps", str(wheel)])
    address = "https://sage.example.com"
    asked = [python, "-m", "bot", "manifest"]
    said = subprocess.run(
        asked, cwd=folder, env={**os.environ, "PUBLIC_URL": address}, check=True, capture_output=True, text=True
    )
    if f"{address}/slack/events" not in said.stdout:
        sys.exit("The installed wheel prints no manifest.")


def _fetched(package: str) -> list[str]:
    """Return the words that start a tool in an environment of its own: no library of ours, and of no test."""
    return [str(PYTHON), "-m", "uv", "tool", "run", "--quiet", "--from", package, package.partition("==")[0]]


def _output(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


_ALL = (demo, start, test, check, audit, tidy, lock, bench, first_hour, life, licences, docs, release)
COMMANDS = {command.__name__.replace("_", "-"): command for command in _ALL}


def main(arguments: list[str]) -> None:
    """Set up, then run the named command."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an older Python meets first
        sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    # A shell may say so; but a suite starts a hundred processes, each of which would compile the product for itself.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None and arguments != ["setup"]:
        lines = (f"  {name:<10} {function.__doc__}" for name, function in COMMANDS.items())
        usage = "\n".join(["usage: python3 dev.py COMMAND", "  setup      Only make .venv.", *lines])
        if arguments[:1] not in (["--help"], ["-h"], ["help"]):
            sys.exit(usage)
        print(usage)
        return
    setup(PRODUCTION if command is start else DEVELOPMENT)
    if command is not None:
        try:
            command(*arguments[1:])
        except KeyboardInterrupt:
            sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
