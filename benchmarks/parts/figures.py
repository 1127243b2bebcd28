"""What a benchmark found: our rounds beside those of a named baseline, and the goal for them."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "BENCH_FIGURES"
"""The variable of the environment that names the file to which figures are added, a JSON object a line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one run, by round. Rounds of ours and of the baseline took turns, or were one after another.

    `most` and `least` are goals: of the ratio of ours to the baseline's or, without a baseline, of ours.
    """

    what: str
    unit: str
    ours: Sequence[float]
    baseline: str = ""
    theirs: Sequence[float] = ()
    most: float | None = None
    least: float | None = None

    @property
    def ratios(self) -> list[float]:
        """Return the ratio of each round; empty without a baseline."""
        return [our / their if their else float("inf") for our, their in zip(self.ours, self.theirs, strict=False)]

    @property
    def holds(self) -> bool | None:
        """Return whether the median meets the goal; None where there is none."""
        if self.most is None and self.least is None:
            return None
        judged = statistics.median(self.ratios or self.ours)
        return (self.most is None or judged <= self.most) and (self.least is None or judged >= self.least)

    def row(self) -> tuple[str, ...]:
        """Return the cells of a table: figure, ours, baseline, ratio, goal, whether the goal is met."""
        theirs = f"{self.baseline}: {_spread(self.theirs)}" if self.theirs else self.baseline
        limits = [
            f"{sign} {_short(value)}" for sign, value in (("≤", self.most), ("≥", self.least)) if value is not None
        ]
        met = {None: "", True: "yes", False: "**no**"}[self.holds]
        ratio = _spread(self.ratios) if self.ratios else ""
        return (f"{self.what}, {self.unit}", _spread(self.ours), theirs, ratio, " and ".join(limits), met)


HEAD = ("figure", "ours: median (spread)", "baseline", "ratio", "goal", "met")


def tell(*figures: Figure) -> None:
    """Print figures, and add them to the file that the environment names."""
    for figure in figures:
        what, ours, theirs, ratio, goal, met = figure.row()
        beside = f"; {theirs}; ratio {ratio}" if theirs else ""
        print(f"{what}: {ours}{beside}{f'; goal {goal}: {met}' if goal else ''}", flush=True)
        if file := os.environ.get(FILE):
            with Path(file).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(figure)) + "\n")


def told(file: Path) -> list[Figure]:
    """Return the figures of that file, in the order in which they were told."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Figure(**json.loads(line)) for line in lines]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(str(each) for each in line) + " |" for line in lines)


def _spread(values: Sequence[float]) -> str:
    least, middle, most = map(_short, (min(values), statistics.median(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def _short(value: float) -> str:
    """Return three digits that count, and no more than the point needs."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
