"""Learns the weights of `grammar/likeness.py` from the corpora: `python -m tests.features.assistant.learn`.

An averaged perceptron with a margin; the order of the examples is drawn from a fixed seed, so that the weights are
the same each time. Every fourth conversation of the second held-out file is never learnt from.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from bot.features.assistant.model.grammar.likeness import _SCALE, WEIGHTS, features
from bot.features.assistant.model.grammar.understand import pieces_of
from bot.features.assistant.model.questions import CannotAnswer, OfEach, Question
from tests.features.assistant import held_out
from tests.features.assistant.corpora import cases

UNSEEN = 3
"""Every fourth conversation of the second file, by the remainder of its number."""
_EPOCHS, _MARGIN, _LEAST, _SEEN = 12, 5.0, 0.12, 2
# Intents that the words alone don't tell apart.
ALIKE = {
    "mine_on_hold": "list_on_hold",
    "count_on_hold": "list_on_hold",
    "total_on_hold": "list_on_hold",
    "used": "limit",
    "pay_days": "terms",
    "count_customers": "total_debt",
    "unknown_customer": "",
    "ambiguous_it": "",
}
_TOPICS = {"totals": "total_debt", "near limit": "list_over_percent", "other lists": "other_lists"}


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


def examples() -> Iterator[tuple[str, str]]:
    """Every phrasing to learn from, with its kind."""
    for text, question in cases("corpus.txt"):
        yield text, kind_of(question)
    for row in held_out.rows("held_out.tsv"):
        yield row.phrase, ALIKE.get(row.intent, row.intent)
    for row in held_out.rows("held_out_2.tsv"):
        if row.conversation % 4 != UNSEEN:
            yield row.phrase, ALIKE.get(row.intent, row.intent)


def learn(said: Sequence[tuple[tuple[str, ...], str]]) -> dict[str, object]:
    """The kinds, and the weights by feature and kind."""
    kinds = sorted({kind for _, kind in said})
    seen = Counter(feature for each, _ in said for feature in each)
    order, drawn = list(said), random.Random(1)
    weight: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    summed: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    at = 0

    def move(feature: str, kind: str, by: float) -> None:
        weight[feature][kind] += by
        summed[feature][kind] += by * at

    for _ in range(_EPOCHS):
        drawn.shuffle(order)
        for each, kind in order:
            at += 1
            scores = dict.fromkeys(kinds, 0.0)
            for feature in each:
                for other, value in weight.get(feature, {}).items():
                    scores[other] += value
            rival = max((other for other in kinds if other != kind), key=lambda other: (scores[other], other))
            if scores[rival] + _MARGIN > scores[kind]:
                for feature in each:
                    move(feature, kind, 1)
                    move(feature, rival, -1)
    means = {
        feature: {
            str(at_kind): weight[feature][kind] - summed[feature][kind] / at for at_kind, kind in enumerate(kinds)
        }
        for feature in sorted(weight)
        if seen[feature] >= _SEEN
    }
    return {"kinds": kinds, "weights": {feature: found for feature, each in means.items() if (found := _rounded(each))}}


def _rounded(means: dict[str, float]) -> dict[str, int]:
    rounded = {kind: round(mean * _SCALE) for kind, mean in means.items() if abs(mean) >= _LEAST}
    return {kind: mean for kind, mean in rounded.items() if mean}


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the weights."""
    said = [(features(pieces_of(text)), kind) for text, kind in examples() if kind]
    learnt = learn(said)
    WEIGHTS.write_bytes(gzip.compress(json.dumps(learnt, separators=(",", ":")).encode(), 9, mtime=0))
    write(f"{len(said)} examples, {WEIGHTS.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
