"""`/customer ABS001`, 32 in flight, beside the same job in forty lines of Bolt and beside bare Bolt. Tells ratios.

    python -m benchmarks.answering --rounds 4 --commands 400

The product runs as an operator runs it, in one process: `bot web --with-worker` on SQLite, `bot web` on PostgreSQL. It
is installed and connected over HTTP, and ten people ask in turn: four with a sign-in of their own, three controllers
and three sales people with customers of theirs. The simulated Slack and Sage are a process of their own; `response_url`
leads to this one, which reads every answer: a wrong or missing one ends the run. Baselines, in turn with the product in
every round, served as it is: `same_job` (signature checked, one request to Sage with a fixed token, answered by
response_url; no people, no storage) and `hello` (signature checked, acknowledged, nothing else).

`--profile FOLDER` runs the product alone, under cProfile, and prints where its time goes; the threads of the database's
driver are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import aiohttp

from benchmarks.parts.commands import GIVE_UP, Sent, answers_taken
from benchmarks.parts.contenders import ADMIN, HELLO, PRODUCT, SAME_JOB, Contender, Field, field
from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.outside import COLLEAGUES
from benchmarks.parts.stage import databases, new_database

IN_FLIGHT = 32
ASKERS = (ADMIN, *COLLEAGUES)
WANTED = ("ABS001", "£2,464.16")
_WARM_UP = 2 * IN_FLIGHT
IDLE = 2.0  # seconds; uvicorn closes what is idle for five, and a contender waits for its turn


class Wrong(Exception):
    """Not the answer that everybody should get."""

    def __init__(self, contender: Contender, what: str) -> None:
        super().__init__(f"{contender.name} {what}\n{contender.log.read_text()[-2000:]}")


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one contender came to: answers a second, and milliseconds."""

    rate: float
    ack_p50: float
    ack_p99: float
    answer_p50: float
    answer_p99: float
    cpu: float


Rounds = dict[str, list[Round]]


async def round_of(contender: Contender, commands: int, *, in_flight: int = IN_FLIGHT) -> Round:
    """Keep so many in flight until all are answered, and look at every answer."""
    asking = islice(cycle(ASKERS), commands)
    acks: list[float] = []
    answers: list[float] = []

    async def type_on() -> None:
        for user in asking:
            sent = await contender.typist.command("/customer", "ABS001", user=user)
            if sent.status != 200:
                raise Wrong(contender, f"answered {sent.status}: {sent.body}")
            acks.append((sent.acked - sent.began) * 1000)
            answers.append((await _answered(sent, contender) - sent.began) * 1000)

    used, began = contender.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(type_on() for _ in range(in_flight)))
    seconds, cpu = time.perf_counter() - began, contender.cpu_seconds() - used
    return Round(commands / seconds, *_p50_p99(acks), *_p50_p99(answers), cpu * 1000 / commands)


async def _answered(sent: Sent, contender: Contender) -> float:
    """When it was; bare Bolt has said all in the acknowledgement."""
    if not contender.answers:
        return sent.acked
    try:
        answer = await asyncio.wait_for(sent.answer, GIVE_UP)
    except TimeoutError:
        raise Wrong(contender, f"did not answer a command within {GIVE_UP:.0f} s") from None
    if not all(words in answer.text for words in WANTED):
        raise Wrong(contender, f"answered: {answer.text[:300]}")
    return answer.at


def _p50_p99(milliseconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return cuts[49], cuts[98]


async def measure(found: Field, rounds: int, commands: int) -> tuple[Rounds, dict[str, float]]:
    """The rounds of every contender, and how often one answer of the product asks Sage and Slack."""
    for contender in found.contenders:
        await round_of(contender, _WARM_UP)
    taken: Rounds = {contender.name: [] for contender in found.contenders}
    asked = dict.fromkeys(await found.counts(), 0)
    for _ in range(rounds):
        for contender in found.contenders:
            before = await found.counts()
            taken[contender.name].append(await round_of(contender, commands))
            if contender.name == PRODUCT:
                after = await found.counts()
                asked = {name: asked[name] + after[name] - before[name] for name in asked}
    return taken, {name: number / rounds / commands for name, number in asked.items()}


def report(title: str, taken: Rounds, asked: dict[str, float]) -> None:
    """Tell what each round came to, beside the same job's round and bare Bolt's."""

    def beside(what: str, unit: str, other: str, value: Callable[[Round], float], **goal: float) -> Figure:
        ours, theirs = ([value(each) for each in taken[name]] for name in (PRODUCT, other))
        return Figure(f"{title}: {what}", unit, ours, other, theirs, **goal)

    tell(
        beside("answers", "a second", SAME_JOB, lambda each: each.rate, least=0.6),
        beside("answers", "a second", HELLO, lambda each: each.rate),
        beside("acknowledged, p50", "ms", SAME_JOB, lambda each: each.ack_p50),
        beside("acknowledged, p99", "ms", SAME_JOB, lambda each: each.ack_p99),
        beside("answered, p50", "ms", SAME_JOB, lambda each: each.answer_p50),
        beside("answered, p99", "ms", SAME_JOB, lambda each: each.answer_p99),
        beside("CPU of the process", "ms a command", SAME_JOB, lambda each: each.cpu),
        *(Figure(f"{title}: one answer asks {name}", "times", [each]) for name, each in asked.items()),
    )


async def run(which: str, url: str, rounds: int, commands: int, profile: Path | None) -> None:
    """Everything on one database."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)) as http,
            answers_taken() as answers,
            field(url or f"sqlite:///{folder}/sage.db", Path(folder), http, answers, profile=profile) as found,
        ):
            if profile:
                await round_of(found.contenders[0], rounds * commands)
            else:
                report(which, *await measure(found, rounds, commands))


def main(given: argparse.Namespace) -> None:
    """Each database in turn."""
    rounds, commands = (1, 64) if given.small else (given.rounds, given.commands)
    with ExitStack() as stack:
        for which in given.on:
            url = new_database(stack.enter_context(databases())) if which == "PostgreSQL" else ""
            profile = given.profile.resolve() / f"{which.lower()}.prof" if given.profile else None
            if profile:
                profile.parent.mkdir(parents=True, exist_ok=True)
            asyncio.run(run(which, url, rounds, commands, profile))
            if profile:
                print(f"\n{which}: {rounds * commands} commands and the set-up; the rest of it is in {profile}")
                pstats.Stats(str(profile)).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--commands", type=int, default=400)
    parser.add_argument("--small", action="store_true", help="one round of 64")
    parser.add_argument("--on", nargs="+", choices=("SQLite", "PostgreSQL"), default=("SQLite", "PostgreSQL"))
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="profile the product alone, into this folder")
    main(parser.parse_args())
