"""All benchmarks, one after another: a table of every figure beside its baseline, written to docs/benchmarks.md.

    python -m benchmarks                 # everything; three quarters of an hour on a machine that does nothing else
    python -m benchmarks --short         # in a minute: statements, requests and rows, and never a time
    python -m benchmarks due_wave        # some of them
    python -m benchmarks --list

Each runs in a process of its own and is ended when its time is over, so the whole ends by itself. One that fails is
named in the table; the others go on. The exit status says whether one failed, and not whether a goal was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.parts.figures import FILE, HEAD, Figure, table, told
from benchmarks.parts.stage import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this package, run with the arguments `whole` or `short` for at most so many seconds."""

    name: str
    whole: str = ""
    seconds: int = 180
    short: str | None = None


WHOLE_SECONDS, SHORT_SECONDS = 2760, 240  # the short ones take one, on a machine that does nothing else
BENCHMARKS = (
    Benchmark("due_wave", seconds=180, short="--short"),
    Benchmark("bulk_hold", "--holds 10000 --subscriptions 500", seconds=180, short="--short"),
    Benchmark("engine_cost", seconds=180),
    Benchmark("at_rest", seconds=150),
    Benchmark("two_webs", seconds=180),
    Benchmark("answering", "--rounds 4 --commands 400", seconds=240),
    Benchmark("memory", "--seconds 110", seconds=180),
    Benchmark("scale_out", seconds=270),
    Benchmark("delivery_kills", seconds=300),
    Benchmark("sync_cycle", seconds=240, short="--small 500 --large 2000 --rounds 1 --counts"),
    Benchmark("copy_search", "--samples 12", seconds=360, short="--short"),
    Benchmark("lists", "--rounds 10", seconds=360, short="--short"),
    Benchmark("first_sync", "--rounds 2", seconds=420),
)
"""The most important first: what comes when the time of all is over is left out, and the table says so."""


def run(benchmark: Benchmark, arguments: str, folder: Path, seconds: int) -> tuple[list[Figure], str]:
    """Return the figures of one, and what went wrong."""
    file = folder / f"{benchmark.name}.jsonl"
    command = [sys.executable, "-m", f"benchmarks.{benchmark.name}", *arguments.split()]
    began = time.monotonic()
    print(f"\n== {benchmark.name} {arguments}", flush=True)
    # A session of its own: what it has started is ended with it.
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, FILE: str(file)}, stderr=subprocess.PIPE, start_new_session=True
    )
    wrong = ""
    try:
        _, said = process.communicate(timeout=seconds)
        if process.returncode:
            wrong = said.decode(errors="replace").strip().rpartition("\n")[2][:200] or f"exit {process.returncode}"
            print(said.decode(errors="replace")[-3000:], flush=True)
    except subprocess.TimeoutExpired:
        wrong = f"not over after {seconds} s"
    finally:
        _end(process)
    print(f"== {benchmark.name}: {time.monotonic() - began:.0f} s{f'; {wrong}' if wrong else ''}", flush=True)
    return told(file), wrong


def _end(process: subprocess.Popen[bytes]) -> None:
    """End everything that the benchmark started and left running."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def report(found: list[tuple[Benchmark, list[Figure], str]], began: datetime) -> str:
    """Return what docs/benchmarks.md says of this run."""
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    parts = [f"{began:%d %B %Y, %H:%M} UTC, {minutes:.0f} minutes, {machine}; load average at the end {load}."]
    for benchmark, figures, wrong in found:
        parts.append(f"### {benchmark.name}")
        if figures:
            parts.append(table(HEAD, [figure.row() for figure in figures]))
        if wrong or not figures:
            parts.append(f"Failed: {wrong or 'it told no figure'}.")
    return "\n\n".join(parts)


def written(document: str, between: str) -> str:
    """Return the document with this between its two marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{between}\n\n{END}{after}"


def main() -> int:
    """Run those asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *(each.name for each in BENCHMARKS)], metavar="NAME")
    parser.add_argument("--short", action="store_true", help="only counts, and nothing is written")
    parser.add_argument("--list", action="store_true", help="name them")
    given = parser.parse_args()
    chosen = [each for each in BENCHMARKS if not given.names or each.name in given.names]
    chosen = [each for each in chosen if not given.short or each.short is not None]
    if given.list:
        print("\n".join(f"{each.name} {each.whole}".strip() for each in chosen))
        return 0
    began, found = datetime.now(UTC), []
    until = time.monotonic() + (SHORT_SECONDS if given.short else WHOLE_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        for each in chosen:
            arguments, seconds = (each.short or "", 120) if given.short else (each.whole, each.seconds)
            left = int(until - time.monotonic())
            found.append((each, *run(each, arguments, Path(folder), max(1, min(seconds, left)))))
    said = report(found, began)
    print(f"\n{said}")
    if not given.short and not given.names:
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), said), encoding="utf-8")
    failed = any(wrong or not figures for _, figures, wrong in found)
    missed = given.short and any(figure.holds is False for _, figures, _ in found for figure in figures)
    return int(failed or missed)


if __name__ == "__main__":
    sys.exit(main())
