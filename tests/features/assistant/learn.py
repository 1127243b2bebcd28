"""Learns the weights of `grammar/words/likeness.py` from the corpora: `python -m tests.features.assistant.learn`.

An averaged perceptron with a margin; what is random is drawn from a fixed seed, so that the weights are the same each
time. Every fourth conversation of the second held-out file is never learnt from.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.features.assistant.model.grammar.rules.understand import pieces_of
from bot.features.assistant.model.grammar.words.likeness import SCALE, WEIGHTS, features
from bot.features.assistant.model.questions import CannotAnswer, OfEach, Question
from tests.features.assistant import held_out
from tests.features.assistant.corpora import cases

UNSEEN = 3
"""Every fourth conversation of the second file, by the remainder of its number."""
_HERE = Path(__file__).parent
_LEARNT_FROM = (
    "corpus.txt",
    "phrasings.txt",
    "around.txt",
    "held_out.tsv",
    "held_out_2.tsv",
    "held_out_3.tsv",
    "learn.py",
)
_SEEDS = (1, 2, 3)
_EPOCHS, _MARGIN, _LEAST, _SEEN = 4, 8.0, 0.3, 2
# Intents that the words alone don't tell apart.
ALIKE = {
    "mine_on_hold": "list_on_hold",
    "count_on_hold": "list_on_hold",
    "total_on_hold": "list_on_hold",
    "used": "limit",
    "pay_days": "terms",
    "count_customers": "total_debt",
    "list_broken": "list_promised",
    "unknown_customer": "",
    "ambiguous_it": "",
    "compare": "",
}
_TOPICS = {
    "totals": "total_debt",
    "near limit": "list_over_percent",
    "other lists": "other_lists",
    "not to be done": "",  # a wish but for one word
}
# fmt: off
_CALLED = [
    "ABS001", "abs garages", "ABS Garages Ltd", "abs", "LOW011", "lowmarsh", "Lowmarsh Motor Factors", "Garston",
    "gar003", "Edge Tyres", "edge", "pennine", "PEN001", "O'Brien's", "obriens", "Garage Müller", "eur001",
    "Hartley Bros", "smithson ltd", "Brown's Motors", "kestrel logistics", "Bright Sparks", "10045", "dawson & sons",
    "Whitby Truckstop", "HOL001", "Tees Valley Vans", "carters", "Blackwood Haulage", "J Harker",
]
# fmt: on
_ALONE = {"not_understood", "greeting", "thanks"}


def kind_of(question: Question | None) -> str:
    """The kind of a question by the names of the held-out files; "" for one that the words don't tell."""
    if isinstance(question, OfEach):
        return kind_of(question.questions[0])
    if isinstance(question, CannotAnswer):
        return _TOPICS.get(question.topic.value, "out_of_scope")
    if question is None:
        return "not_understood"
    every = {**held_out.ONE, **held_out.OTHER}
    found = next((intent for intent, kinds in every.items() if isinstance(question, kinds)), "")
    return ALIKE.get(found, found) or {"Rep": "rep", "Watch": "watch", "Unwatch": "unwatch", "Status": "status"}.get(
        type(question).__name__, ""
    )


def phrasings() -> Iterator[tuple[str, str]]:
    """Every phrasing of the large file, with its kind; `{c}` and `{d}` stand for customers."""
    kind = ""
    for line in (_HERE / "phrasings.txt").read_text().splitlines():
        if line.startswith("= "):
            kind = line.removeprefix("= ")
        elif line and not line.startswith("#"):
            yield line, kind


def examples() -> Iterator[tuple[str, str]]:
    """Every phrasing to learn from, with its kind."""
    for text, question in cases("corpus.txt"):
        yield text, kind_of(question)
    yield from spoken(phrasings())
    for name in ("held_out.tsv", "held_out_2.tsv", "held_out_3.tsv"):
        for row in held_out.rows(name):
            if name != "held_out_2.tsv" or row.conversation % 4 != UNSEEN:
                yield row.phrase, ALIKE.get(row.intent, row.intent)


def spoken(said: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each phrasing of a customer, and twice more of others, with what people say before and after."""
    drawn = random.Random(1)
    before, after = _around()
    for text, kind in said:
        yield _of_somebody(text, drawn), ALIKE.get(kind, kind)
        for _ in range(0 if kind in _ALONE else 2):
            opening = f"{drawn.choice(before)} " if drawn.random() < 0.5 else ""
            ending = drawn.choice(after) if drawn.random() < 0.5 else ""
            yield opening + _of_somebody(text, drawn) + ending, ALIKE.get(kind, kind)


def _around() -> tuple[list[str], list[str]]:
    before, _, after = (_HERE / "around.txt").read_text().partition("= after\n")
    return [line for line in before.splitlines() if line[:1] not in {"#", "="}], after.splitlines()


def _of_somebody(text: str, drawn: random.Random) -> str:
    first, second = drawn.sample(_CALLED, 2)
    return text.replace("{c}", first).replace("{d}", second)


def learn(said: Sequence[tuple[tuple[str, ...], str]]) -> dict[str, object]:
    """The kinds, and the weights by feature and kind: the mean of what is learnt in several orders.

    In one order alone, ten phrasings more turn the reading of as many others that have nothing to do with them.
    """
    kinds = sorted({kind for _, kind in said})
    number = {kind: at for at, kind in enumerate(kinds)}
    seen = Counter(feature for each, _ in said for feature in each)
    asked = [(each, number[kind]) for each, kind in said]
    means = [_learnt(asked, len(kinds), random.Random(seed)) for seed in _SEEDS]
    weights = {}
    for feature in sorted(feature for feature, times in seen.items() if times >= _SEEN):
        every = [(kind, sum(mean[feature].get(kind, 0.0) for mean in means) / len(means)) for kind in number.values()]
        kept = [(kind, round(mean * SCALE)) for kind, mean in every if abs(mean) >= _LEAST]
        if kept:
            weights[feature] = [part for each in kept for part in each]
    return {"of": digest(), "kinds": kinds, "weights": weights}


def _learnt(
    asked: Sequence[tuple[tuple[str, ...], int]], kinds: int, drawn: random.Random
) -> Mapping[str, dict[int, float]]:
    """Each feature's mean weight by kind, over every step of the epochs."""
    order = list(asked)
    weight: dict[str, dict[int, float]] = defaultdict(dict)
    summed: dict[str, dict[int, float]] = defaultdict(dict)
    at = 0

    def move(feature: str, kind: int, by: float) -> None:
        known, sums = weight[feature], summed[feature]
        known[kind] = known.get(kind, 0.0) + by
        sums[kind] = sums.get(kind, 0.0) + by * at

    for _ in range(_EPOCHS):
        drawn.shuffle(order)
        for each, kind in order:
            at += 1
            scores = [0.0] * kinds
            for feature in each:
                for other, value in weight[feature].items():
                    scores[other] += value
            own, scores[kind] = scores[kind], float("-inf")
            rival = scores.index(max(scores))
            if scores[rival] + _MARGIN > own:
                for feature in each:
                    move(feature, kind, 1)
                    move(feature, rival, -1)
    for feature, known in weight.items():
        weight[feature] = {kind: value - summed[feature][kind] / at for kind, value in known.items()}
    return weight


def digest() -> str:
    """What the weights were learnt from, and how; the grammar's own words are left out."""
    files = b"".join((_HERE / name).read_bytes() for name in _LEARNT_FROM)
    return hashlib.sha256(files).hexdigest()[:16]


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the weights."""
    said = [(features(pieces_of(text)), kind) for text, kind in examples() if kind]
    WEIGHTS.write_bytes(gzip.compress(json.dumps(learn(said), separators=(",", ":")).encode(), 9, mtime=0))
    write(f"{len(said)} examples, {WEIGHTS.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
