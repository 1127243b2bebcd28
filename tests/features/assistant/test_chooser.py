"""A model may only choose among our questions, where the grammar finds none; a hostile one gains nothing by it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Membership
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import CustomerAnswer, Lost, Thread, Unresolved
from bot.features.assistant.model.chosen_question import KINDS, known_customer, question_from, question_of_menu
from bot.features.assistant.model.questions import Compare, It, Known, Named
from bot.features.assistant.service.conversation import Conversation
from bot.features.assistant.service.llm_chooser import LlmChooser, chooser_at
from bot.features.assistant.service.memory import Memory
from tests.connected_app import desk as open_desk
from tests.serving import address, free_socket, serving

ODD = "zzz abs001 wibble what the qqq"
HERE = Thread("D0PRIYA")


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ({"question": "balance", "customer": "ABS001"}, ask.Balance(Named("ABS001"))),
        ({"question": "balance"}, ask.Balance(It())),
        ({"question": "balance", "customer": "it"}, ask.Balance(It())),
        ({"question": "can_order", "customer": "A", "amount": "1500"}, ask.CanOrder(Named("A"), Decimal(1500))),
        ({"question": "compare", "customer": "A", "other": "B"}, Compare(Named("A"), Named("B"))),
        ({"question": "who_is_on_hold", "mine": True}, ask.WhoIsOnHold(mine=True)),
        ({"question": "largest", "count": 10**9}, ask.Largest(count=50)),
        ({"question": "over_limit", "words": "north"}, ask.OverLimit("north")),
        ({"question": "help"}, ask.Help()),
    ],
)
def test_what_is_one_of_ours(raw, question):
    assert question_from(raw) == question


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "balance",
        {},
        {"question": ["balance"]},
        {"question": "put_on_hold", "customer": "ABS001"},
        {"question": "watch", "customer": "ABS001"},
        {"question": "connect"},
        {"question": "balance", "customer": "ABS001", "answer": "£5"},
        {"question": "balance", "customer": "x" * 101},
        {"question": "balance", "customer": {"id": 1}},
        {"question": "can_order", "customer": "A", "amount": "NaN"},
        {"question": "can_order", "customer": "A", "amount": "-5"},
        {"question": "can_order", "customer": "A", "amount": "1e500"},
        {"question": "can_order", "customer": "A", "amount": True},
        {"question": "who_is_on_hold", "mine": "yes"},
        {"question": "who_is_on_hold", "words": 7},
        {"question": "largest", "count": "5"},
    ],
)
def test_what_is_not(raw):
    assert question_from(raw) is None


def test_none_of_its_questions_changes_anything():
    effects = {"put_on_hold", "release", "watch", "unwatch", "connect", "status"}
    assert not effects & set(KINDS)


@pytest.mark.parametrize("question", [ask.Balance(It()), ask.CanOrder(It(), Decimal("1500.50")), ask.CanOrder(It())])
def test_a_menu_carries_what_was_asked(question):
    assert question_of_menu(known_customer(question), Known(7)) == replace(question, who=Known(7))


def test_a_menu_carries_nothing_that_changes_anything():
    assert known_customer(ask.PutOnHold(It())) == known_customer(ask.Watch(It())) == known_customer(ask.Largest()) == ""
    for forged in ("", "release", "watch", "compare", "can_order NaN", "can_order -1", "<!channel>"):
        assert question_of_menu(forged, Known(7)) is None


@asynccontextmanager
async def model(answer: Response | str):
    """Something that answers as a model's server would, and what it was asked."""
    heard: list[tuple[dict[str, str], str]] = []

    async def completions(request: Request) -> Response:
        heard.append((dict(request.headers), (await request.body()).decode()))
        if isinstance(answer, Response):
            return answer
        return JSONResponse({"choices": [{"message": {"content": answer}}]})

    bound = free_socket()
    app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
    async with serving(app, bound), httpx.AsyncClient(verify=False) as http:
        yield LlmChooser(http, url=f"{address(bound)}/v1", api_key="model-key", model="small"), heard


@pytest.fixture
async def desk(sqlite_url):
    async with open_desk(sqlite_url) as opened:
        await opened.connect(opened.asker())
        yield opened


async def said(desk, chooser, text=ODD, **asker):
    services = desk.services
    conversation = Conversation(
        database=services.database,
        connections=services.connections,
        customers=services.customers,
        memory=Memory(database=services.database, connections=services.connections),
        handlers={},
        chooser=chooser,
    )
    return await conversation.answer(await desk.session(desk.asker(**asker)), text, HERE)


async def test_a_model_chooses_and_code_answers(desk):
    async with model('{"question": "balance", "customer": "ABS001"}') as (chooser, heard):
        answer = await said(desk, chooser)
    assert isinstance(answer, CustomerAnswer)
    assert answer.question == ask.Balance(Named("ABS001"))
    headers, body = heard[0]
    assert headers["authorization"] == "Bearer model-key"
    assert json.loads(body)["messages"][1] == {"role": "user", "content": ODD}
    assert not [leak for leak in ("2464", "Garages", "ABS Motor", "Priya") if leak in body]


async def test_it_is_not_asked_where_the_grammar_understands_nor_for_those_who_may_not_ask(desk):
    async with model('{"question": "balance", "customer": "HOL001"}') as (chooser, heard):
        answer = await said(desk, chooser, "is ABS001 on hold")
        assert isinstance(answer, CustomerAnswer)
        assert answer.card.customer.reference == "ABS001"
        await said(desk, chooser, "cheers")
        for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
            with pytest.raises(NotAllowed):
                await said(desk, chooser, membership=membership)
    assert heard == []


async def test_it_is_not_asked_by_those_whom_nothing_answers_nor_about_what_is_too_long(desk):
    async with model('{"question": "balance", "customer": "ABS001"}') as (chooser, heard):
        assert isinstance(await said(desk, chooser, user_id="U0NOBODY"), Lost)
        assert isinstance(await said(desk, chooser, "zzz " * 101), Lost)
    assert heard == []


async def test_an_answer_without_an_end_is_not_read_to_its_end():
    sent = []

    async def flood():
        for number in range(100):
            sent.append(number)
            yield b"x" * 65_536

    endless = httpx.MockTransport(lambda _: httpx.Response(200, content=flood()))
    async with httpx.AsyncClient(transport=endless) as http:
        assert await LlmChooser(http, url="https://llm.example.com", api_key="", model="small").choose(ODD) is None
    assert len(sent) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Sure! ABS001 owes £1,000,000.00 <!channel>",
        '{"question": "release", "customer": "ABS001"}',
        '{"question": "balance", "customer": "ABS001", "amount": []}' + " " * 9_000 + "x",
        "[" * 5_000,
        '{"question": "can_order", "amount": "Infinity"}',
        "null",
        "{}",
    ],
)
async def test_nonsense_chooses_nothing(desk, content):
    async with model(content) as (chooser, heard):
        assert isinstance(await said(desk, chooser), Lost)
    assert len(heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("no", 500),
        PlainTextResponse("not json"),
        JSONResponse({"choices": []}),
        JSONResponse([]),
        Response(status_code=302, headers={"location": "http://127.0.0.1:9/"}),
        PlainTextResponse("x" * 20_000),
        PlainTextResponse("[" * 9_000),
    ],
)
async def test_a_broken_server_chooses_nothing(desk, answer):
    async with model(answer) as (chooser, _):
        assert isinstance(await said(desk, chooser), Lost)


async def test_a_customer_that_it_makes_up_is_looked_up_like_a_typed_one(desk):
    async with model('{"question": "balance", "customer": "<!channel> \' or 1 eq 1"}') as (chooser, _):
        assert isinstance(await said(desk, chooser), Unresolved)


def test_it_is_off_unless_set():
    http = httpx.AsyncClient(verify=False)
    assert chooser_at(http, None, key=None, model="m") is None
    assert chooser_at(http, "https://llm.example.com", key=None, model="") is None
