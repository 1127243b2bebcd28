"""What the repository promises of itself."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).parents[1]


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


def test_no_lock_file_that_holds_addresses_is_committed():
    assert {path.name for path in committed()} & {"uv.lock", "pylock.toml", "poetry.lock"} == set()


def test_contributing_names_only_what_exists():
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where a new thing goes")[2].partition("## Rules")[0]
    named = re.findall(r"`((?:features|domain|sage|slack|jobs|storage|config)[\w/]*\.py)`", table)
    places = [ROOT, ROOT / "bot"]
    assert len(named) >= 6
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


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
    wanted = re.findall(r'^    "([a-z0-9-]+)', (ROOT / "pyproject.toml").read_text().partition("[project.opt")[0], re.M)
    explained = (ROOT / "docs/dependencies.md").read_text()
    assert [name for name in wanted if name not in explained] == []
