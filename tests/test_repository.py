"""What the repository promises of itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

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


def test_every_library_is_explained():
    wanted = re.findall(r'^    "([a-z0-9-]+)', (ROOT / "pyproject.toml").read_text().partition("[project.opt")[0], re.M)
    explained = (ROOT / "docs/dependencies.md").read_text()
    assert [name for name in wanted if name not in explained] == []
