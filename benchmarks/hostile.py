"""A hundred thousand hostile requests to a running product, and ten thousand questions of who sees what.

    python -m benchmarks.hostile --requests 100000 --cases 10000 [--minutes 30]

The product runs as an operator runs it, `bot web --with-worker` on SQLite, installed and connected over HTTP; the
simulated Slack and Sage are a process of their own. Requests are Slack's payloads, signed and then spoilt somewhere
(a field of another kind, gone, huge, nested, of odd characters), unsigned, stale and forged ones, and odd requests to
every page. Answers that come by `response_url` are read: to a person without a role no figure may come. Wanted: no
answer of 500 or above, no connection lost, no more memory at the end than after the first fifth. `/health/ready`
says 503 while the database takes longer than five seconds to be written, as it should: those are counted by themselves.

The second half is in `benchmarks/who_sees_what.py`. Each half ends after `--minutes`, and says how far it came. A seed
makes a run again: `--seed N`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import aiohttp
from aiohttp import web

from benchmarks import who_sees_what
from benchmarks.parts.commands import answers_taken, posts_taken, signed
from benchmarks.parts.contenders import ADMIN, Contender, field_of_the_product
from benchmarks.parts.outside import COLLEAGUES
from benchmarks.parts.processes import cpu_seconds, resident
from benchmarks.parts.spoiling import odd_request, odd_text, spoilt
from benchmarks.parts.stage import show

IN_FLIGHT = 32
TEAM = "T0ACME"
STRANGERS = tuple(f"U0STRANGER{number}" for number in range(500))
FIGURES = ("2,464.16", "4,000.00", "1,535.84")
_READY = "/health/ready"
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_COMMANDS = ("/customer", "/onhold", "/sage", "/overdue", "/nonsense")
_WORDS = (
    "ABS001", "ABS001 order 1500", "ABS001 hold cheque bounced", "help", "", "mine", "roles", "subscribe holds in me",
    "subscribe digest in me weekdays 08:30", "company 1", "status", "audit", "settings", "channel figures",
    "verify ABCDEF", "unsubscribe 1", "requests", "approve 1", "handover <@U0ANNA>", "region:North", "page 2", "csv",
)  # fmt: skip
_ACTIONS = (
    "customer.aged", "customer.invoices", "customer.orders", "customer.contact", "customer.refresh", "customer.watch",
    "customer.share", "customer.hold", "customer.release", "customer.request", "release.approve", "release.decline",
    "connect.start", "connect.code", "home.refresh", "subscriptions.page", "picker.customer", "nothing.of.ours",
)  # fmt: skip
_CALLBACKS = ("subscription", "release.decide", "hold.change", "share", "home.roles", "connect.code", "nothing.of.ours")
_EVENTS = (
    {"type": "app_home_opened", "user": "U0PRIYA", "tab": "home", "channel": "D0PRIYA", "event_ts": "1.1"},
    {"type": "message", "channel_type": "im", "user": "U0GARY", "text": "what does ABS001 owe?", "channel": "D0GARY",
     "ts": "1.1", "event_ts": "1.1"},
    {"type": "app_mention", "user": "U0SAM", "text": "<@U0BOTACME> is ABS001 on hold?", "channel": "C0SALES",
     "ts": "1.1", "event_ts": "1.1"},
    {"type": "member_joined_channel", "user": "U0BOTACME", "channel": "C0SALES", "event_ts": "1.1"},
    {"type": "channel_archive", "channel": "C0SALES", "user": "U0PRIYA", "event_ts": "1.1"},
    {"type": "user_change", "user": {"id": "U0ANNA", "deleted": False}, "event_ts": "1.1"},
)  # fmt: skip


@dataclass
class Sink:
    """Takes what the product sends to response_urls, each of which names the person who asked."""

    address: str = ""
    received: int = 0
    leaks: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Read an answer, and keep it where a figure came to a person who may see none."""
        self.received += 1
        said = await request.text()
        if request.match_info["user"] in STRANGERS and any(figure in said for figure in FIGURES):
            self.leaks.append(f"{request.match_info['user']}: {said[:300]}")
        return web.Response(text="ok")


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """Serve one on a free port."""
    made = Sink()
    async with posts_taken("/sink/{user}", made.take) as made.address:
        yield made


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `kind` names it in the table."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Attacker:
    """Makes requests, the same ones for the same seed."""

    def __init__(self, seed: int, url: str) -> None:
        self._random = random.Random(seed)
        self._url = url

    def request(self) -> Request:
        """The next request."""
        kind = self._random.choices((self._command, self._interaction, self._event, self._unsigned, self._page),
                                    (30, 30, 15, 10, 15))[0]  # fmt: skip
        return kind()

    def _person(self) -> str:
        return self._random.choice(STRANGERS if self._random.random() < 0.6 else COLLEAGUES)

    def _command(self) -> Request:
        given: Any = self._command_form()
        if self._random.random() < 0.7:
            given = spoilt(given, self._random)
        form = given if isinstance(given, dict) else {"text": given}
        texts = {str(name): _as_text(value) for name, value in form.items()}
        body = urlencode(texts, errors="surrogatepass").encode()
        return Request("command, signed", "POST", "/slack/events", body, {"Content-Type": _FORM, **signed(body)})

    def _command_form(self) -> dict[str, str]:
        user, number = self._person(), self._random.randrange(10**9)
        words = self._random.choice(_WORDS)
        if self._random.random() < 0.5:
            words = f"{words} {odd_text(self._random)}"
        return {
            "token": "none", "team_id": TEAM, "team_domain": "acme", "channel_id": "C0SALES", "channel_name": "sales",
            "user_id": user, "user_name": user.lower(), "command": self._random.choice(_COMMANDS), "text": words,
            "api_app_id": "A0SAGE200", "is_enterprise_install": "false", "trigger_id": f"{number}.1.a",
            "response_url": f"{self._url}/sink/{user}",
        }  # fmt: skip

    def _interaction(self) -> Request:
        user, number = self._person(), self._random.randrange(10**9)
        payload: dict[str, Any] = {
            "type": self._random.choice(("block_actions", "view_submission", "block_suggestion", "shortcut",
                                         "message_action", "view_closed")),
            "team": {"id": TEAM, "domain": "acme"}, "user": {"id": user, "name": user.lower(), "team_id": TEAM},
            "api_app_id": "A0SAGE200", "token": "none", "trigger_id": f"{number}.1.a", "is_enterprise_install": False,
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0SALES", "is_ephemeral": True},
            "channel": {"id": "C0SALES", "name": "sales"}, "response_url": f"{self._url}/sink/{user}",
            "callback_id": self._random.choice(_CALLBACKS), "state": {"values": {}},
            "view": {"id": "V1", "type": "modal", "callback_id": self._random.choice(_CALLBACKS), "hash": "1.a",
                     "private_metadata": odd_text(self._random), "state": {"values": {"a": {"b": {"value": "x"}}}},
                     "blocks": [], "title": {"type": "plain_text", "text": "t"}},
            "message": {"ts": "1.1", "text": odd_text(self._random), "user": "U0PRIYA"},
            "action_id": self._random.choice(_ACTIONS), "block_id": "b", "value": odd_text(self._random),
            "actions": [{"action_id": self._random.choice(_ACTIONS), "block_id": "b", "type": "button",
                         "value": odd_text(self._random), "action_ts": f"{number}.1"}],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(spoilt(payload, self._random))}).encode()
        return Request("interaction, signed", "POST", "/slack/events", body, {"Content-Type": _FORM, **signed(body)})

    def _event(self) -> Request:
        number = self._random.randrange(10**9)
        payload = {
            "type": "event_callback", "team_id": TEAM, "api_app_id": "A0SAGE200", "event_id": f"Ev{number}",
            "event_time": int(time.time()), "event": {**self._random.choice(_EVENTS), "event_ts": f"{number}.1"},
            "authorizations": [{"team_id": TEAM, "enterprise_id": None, "user_id": "U0BOTACME", "is_bot": True}],
        }  # fmt: skip
        body = json.dumps(spoilt(payload, self._random)).encode()
        return Request("event, signed", "POST", "/slack/events", body, {"Content-Type": _JSON, **signed(body)})

    def _unsigned(self) -> Request:
        body = urlencode(self._command_form(), errors="surrogatepass").encode()
        way = self._random.randrange(4)
        headers = {"Content-Type": self._random.choice((_FORM, _JSON, "text/plain", ""))}
        if way == 1:
            headers |= signed(body) | {"X-Slack-Signature": "v0=" + "0" * 64}
        elif way == 2:
            headers |= signed(body) | {"X-Slack-Request-Timestamp": str(int(time.time()) - 4000)}
        elif way == 3:
            headers |= signed(body + b"x")
        return Request("unsigned, forged, stale", "POST", "/slack/events", body, headers)

    def _page(self) -> Request:
        method, path, headers = odd_request(self._random)
        return Request("pages", method, path, b"", headers)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass
class Tally:
    """What came back."""

    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    unready: Counter[str] = field(default_factory=Counter)

    def add(self, request: Request, status: int | str, said: bytes) -> None:
        """Count an answer; one of 500 or above, or none, is kept whole."""
        is_unready = status == HTTPStatus.SERVICE_UNAVAILABLE and request.path.startswith(_READY)
        told = "not ready" if is_unready else f"{status // 100}xx" if isinstance(status, int) else status
        self.statuses.setdefault(request.kind, Counter())[told] += 1
        if is_unready:
            self.unready[f"{request.method} {said.decode(errors='replace')[:200]}"] += 1
            return
        if not isinstance(status, int) or status >= 500:
            body = unquote_plus(request.body.decode())[:1500]
            self.faults.append(f"{status} {request.kind}: {request.method} {request.path} {request.headers}\n{body!r}")


async def attack(url: str, contender: Contender, attacker: Attacker, number: int, *, seconds: float) -> Tally:
    """Send so many, 32 in flight, or as many as there is time for. Memory is looked at two hundred times."""
    tally, left, until = Tally(), iter(range(number)), time.monotonic() + seconds
    every = max(number // 200, 1)
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as http:

        async def send_on() -> None:
            for each in left:
                if time.monotonic() > until:
                    return
                request = attacker.request()
                tally.add(request, *await _sent(http, url, request))
                if each % every == 0:
                    tally.memory.append(resident(contender.process.pid))

        await asyncio.gather(*(send_on() for _ in range(IN_FLIGHT)))
    tally.memory.append(resident(contender.process.pid))
    return tally


async def _sent(http: aiohttp.ClientSession, url: str, request: Request) -> tuple[int | str, bytes]:
    try:
        async with http.request(
            request.method,
            url + request.path,
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
        ) as response:
            return response.status, await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__, b""


def report(tally: Tally, received: int, seconds: float, used: tuple[float, float]) -> None:
    """A row a kind of request, the memory, and the processor's time that the product and this client `used`."""
    kinds = sorted({status for counts in tally.statuses.values() for status in counts})
    rows: list[tuple[object, ...]] = [
        (kind, sum(counts.values()), *(counts[each] for each in kinds)) for kind, counts in tally.statuses.items()
    ]
    sent = sum(map(Counter.total, tally.statuses.values()))
    show(f"{sent:,} requests in {seconds:.0f} s", ("", "sent", *kinds), rows)
    for why, count in tally.unready.most_common():
        print(f"\nNot ready, {count:,} times: {why}.")
    product, client = (1000 * each / sent for each in used)
    print(f"\nThe product used {product:.1f} ms of a core for each, this client {client:.1f} ms.")
    fifth, last = tally.memory[len(tally.memory) // 5], tally.memory[-1]
    print(f"Memory of the product {fifth:.0f} MB after a fifth, {last:.0f} MB at the end ({last / fifth:.2f}).")
    tenths = (tally.memory[(len(tally.memory) - 1) * each // 10] for each in range(11))
    print(f"From tenth to tenth: {', '.join(f'{each:.0f}' for each in tenths)}.")
    print(f"Answers by response_url: {received:,}.")


async def run(number: int, seed: int, seconds: float) -> bool:
    """Whether all of it held."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            aiohttp.ClientSession() as http,
            answers_taken() as answers,
            sink() as received,
            field_of_the_product(f"sqlite:///{folder}/sage.db", Path(folder), http, answers) as found,
        ):
            product = found.contenders[0]
            began, before = time.perf_counter(), (product.cpu_seconds(), cpu_seconds(os.getpid()))
            tally = await attack(product.url, product, Attacker(seed, received.address), number, seconds=seconds)
            seconds, after = time.perf_counter() - began, (product.cpu_seconds(), cpu_seconds(os.getpid()))
            report(tally, received.received, seconds, (after[0] - before[0], after[1] - before[1]))
            await asyncio.sleep(60)  # a member's allowance of a minute begins again
            sent = await product.typist.command("/customer", "ABS001", user=ADMIN)
            answer = await asyncio.wait_for(sent.answer, 30)
            right = FIGURES[0] in answer.text
            print(f"Afterwards the admin is answered {'rightly' if right else answer.text!r}.")
            for each in (*sorted(tally.faults)[:8], *received.leaks[:5]):
                print(f"\nFAULT {each}")
            if tally.faults:
                print(f"\nThe product's last words:\n{product.log.read_text()[-6000:]}")
            flat = tally.memory[-1] <= 1.1 * tally.memory[len(tally.memory) // 5]
            return right and flat and not tally.faults and not received.leaks


def main(given: argparse.Namespace) -> int:
    """Both halves; 1 where anything was not as wanted."""
    seconds = given.minutes * 60
    held = asyncio.run(run(given.requests, given.seed, seconds)) if given.requests else True
    seen = asyncio.run(who_sees_what.run(given.cases, given.seed, seconds)) if given.cases else True
    return 0 if held and seen else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    raise SystemExit(main(parser.parse_args()))
