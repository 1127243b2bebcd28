"""What the repository promises of itself."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import dev
from bot import __version__
from bot.config import Settings

ROOT = Path(__file__).parents[1]
CHANGES = (ROOT / "CHANGELOG.md").read_text()
LOCK, LICENCES = (ROOT / "requirements.txt").read_text(), (ROOT / "docs/licences.md").read_text()


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines()]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_a_hash_for_every_library_and_names_no_index(name):
    text = (ROOT / name).read_text()
    pinned = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", text, re.MULTILINE)
    assert len(pinned) > 40
    assert "://" not in text
    assert "index" not in text.lower().replace("importlib", "")
    assert text.count("--hash=sha256:") >= len(pinned)


def test_uv_is_installed_first_from_the_lines_that_pin_it():
    lines = dev.uv_alone((ROOT / "requirements-dev.txt").read_text()).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 10
    assert [line for line in lines[1:] if not line.startswith("    --hash=sha256:")] == []
    assert dev.uv_alone(LOCK) == ""


def test_both_locks_pin_the_same_versions():
    versions = [
        dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    served, developed = versions
    assert {name: version for name, version in served.items() if developed.get(name) != version} == {}


def test_no_lock_file_that_holds_addresses_is_committed():
    assert {path.name for path in committed()} & {"uv.lock", "pylock.toml", "poetry.lock"} == set()


def test_every_library_of_a_server_is_listed_with_its_licence():
    needed = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==\S+(?! ; .*(?:win32|emscripten)') ", LOCK, re.M)
    stated = re.findall(r"^\| (\S+) +\| (?!UNKNOWN)(.*?) +\|$", LICENCES, re.M)
    listed = {re.sub(r"[-_.]+", "-", name.lower()) for name, _ in stated}
    assert len(needed) > 40
    assert [name for name in needed if name not in listed] == []


def test_the_changelog_tells_of_this_version_one_line_a_thing():
    [entry] = re.findall(rf"^## {__version__} \(\d{{4}}-\d\d-\d\d\)\n(.*?)(?=^## |\Z)", CHANGES, re.M | re.S)
    lines = entry.splitlines()
    assert len([line for line in lines if line.startswith("- ")]) > 60
    assert [line for line in lines if line.startswith("  ")] == []


def test_contributing_names_only_what_exists():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    named = re.findall(r"`((?:[\w.-]+/)+[\w-]*(?:\.\w+)?|\w+\.py)(?:[:`])", page)
    places = [ROOT, ROOT / "bot", ROOT / "bot/features/assistant/model"]
    files = {path.name for path in committed()}
    assert len(named) >= 60
    assert [name for name in named if name not in files and not any((each / name).exists() for each in places)] == []


def test_contributing_names_only_functions_that_exist():
    named = re.findall(r"`([\w/]+\.py):(\w+)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) >= 4
    assert [pair for pair in named if not re.search(rf"\b{pair[1]}\b", (ROOT / "bot" / pair[0]).read_text())] == []


def test_every_decision_has_a_number_of_its_own():
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert numbers == list(range(1, len(files) + 1))
    titles = [path.read_text().partition(".")[0] for path in files]
    assert titles == [f"# {number}" for number in numbers]


def test_every_page_links_to_what_exists():
    pages = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    pages += (ROOT / "docs").rglob("*.md")
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]
    assert len(links) >= 40
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_the_example_of_settings_has_each_and_no_other():
    named = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_every_threat_names_tests_that_exist():
    page = (ROOT / "docs/security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(named) >= 30
    assert [file for file, _ in named if not (ROOT / file).exists()] == []
    assert [name for file, name in named if name and f"def {name}(" not in (ROOT / file).read_text()] == []


SKIPPED = {"name": "b", "skip_reason": "not found"}
SOUND = {"name": "a", "version": "1", "vulns": []}
FAULTY = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}


@pytest.mark.parametrize(
    ("found", "words", "faults"),
    [
        ([SOUND], "1 libraries audited, 0 known faults", []),
        ([SOUND, SKIPPED], "1 it doesn't know: b", []),
        ([SKIPPED, SKIPPED], "not audited", []),
        ([SOUND, FAULTY], "1 known faults", ["c 2: CVE-1, mended in 3"]),
    ],
)
def test_an_audit_says_what_it_found_and_where_it_could_not_be_made(found, words, faults):
    said, told = dev.audited(json.dumps({"dependencies": found}))
    assert words in said
    assert told == faults
    assert "not audited" in dev.audited("no network")[0]


def test_every_library_is_explained():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = [each for some in stated["project"]["optional-dependencies"].values() for each in some]
    listed = [*stated["project"]["dependencies"], *extras, *stated["dependency-groups"]["dev"]]
    wanted = [re.split(r"[^\w.-]", each)[0] for each in listed]
    explained = (ROOT / "docs/dependencies.md").read_text()
    assert len(wanted) >= 45
    assert [name for name in wanted if name not in explained] == []


def test_every_benchmark_can_be_begun(monkeypatch):
    """They run seldom, and one had imported for days what was gone."""
    for name in ("SLACK_SIGNING_SECRET", "SAGE_API_URL", "SAGE_TOKEN", "SAGE_SITE", "SAGE_COMPANY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///nowhere.db")  # opened by nothing here
    found = [path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__"]
    assert [name for name in found if importlib.import_module(f"benchmarks.{name}").__doc__ is None] == []
