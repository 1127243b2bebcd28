"""axe-core over a page. `python -m tests.sandbox.axe` fetches it once with npm, into build/axe; it is not shipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_VERSION = "4.14.1"  # 640 kB of MPL-2.0
_FOLDER = Path(__file__).parents[2] / "build" / "axe"
_SCRIPT = _FOLDER / "node_modules" / "axe-core" / "axe.min.js"


def axe_script() -> str:
    """Its source; without it the test is skipped."""
    named = Path(os.environ.get("AXE") or _SCRIPT)
    if not named.is_file():
        pytest.skip("axe-core is not here; `python -m tests.sandbox.axe` fetches it")
    return named.read_text(encoding="utf-8")


async def grave_faults(page) -> list[str]:
    """What axe calls serious or critical: the rule, and the first element it is about."""
    await page.evaluate(axe_script())
    found = await page.evaluate("axe.run().then((result) => result.violations)")
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in grave]


def _fetch() -> int:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    npm = "npm.cmd" if os.name == "nt" else "npm"
    command = [npm, "install", "--prefix", str(_FOLDER), "--no-audit", "--no-fund", f"axe-core@{_VERSION}"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(_fetch())
