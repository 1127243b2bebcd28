"""axe-core (MPL-2.0, not shipped) over a page. npm brings the locked version at the first test that asks for it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

fcntl = None  # Windows has none; there the tests of one process are enough
with contextlib.suppress(ImportError):
    import fcntl  # type: ignore[no-redef]

_FILES = Path(__file__).parent / "axe_core"
_MODULES = _FILES / "node_modules"
# A theme changes colours and nothing else, and of axe's rules these look at colours.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
_JUDGED = """rules => axe.run({resultTypes: ["violations"], ...(rules && {runOnly: rules})})
    .then(result => result.violations)"""
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=0")


def axe_script() -> str:
    """Its source: the file named in AXE, or the locked one. Where neither can be had the test is skipped."""
    named = os.environ.get("AXE")
    if not named and (missing := _missing()):
        pytest.skip(f"axe-core can't be had: {missing}. Name its axe.min.js in AXE, or install Node.js and npm")
    return Path(named or _MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def grave_faults(page, *, of_colours: bool = False) -> list[str]:
    """What axe calls serious or critical: the rule, and the first element it is about.

    `of_colours`: by these rules alone, for a page that was judged by all of them in the other theme.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe_script())
    rules = _OF_COLOURS if of_colours else None
    found = await page.evaluate(_JUDGED, rules)
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in grave]


@cache
def _missing() -> str:
    """Bring it, once for all test processes; what stands in the way, or nothing."""
    npm = shutil.which("npm")
    lock, mark = _FILES / "package-lock.json", _MODULES / "installed"
    with lock.open("rb") as held:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        want = hashlib.sha256(held.read()).hexdigest()
        if mark.exists() and mark.read_text() == want:
            return ""
        if npm is None:
            return "npm is not installed"
        done = subprocess.run([npm, *_INSTALL], cwd=_FILES, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"npm could not install it ({done.stderr.strip()[-200:]})"
        mark.write_text(want)
    return ""
