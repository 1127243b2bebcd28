"""Faults to order, at both services."""

import asyncio

import pytest

from tests.sandbox.sage.fixtures import PRIYA, Sandbox


async def test_a_fault_comes_as_often_as_ordered_and_then_no_more():
    sandbox = Sandbox()
    sandbox.sage.faults.next(429, times=2, headers={"Retry-After": "7"}, body=b'{"statusCode":429}')
    answers = [await sandbox.asked("customer_views") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert (answers[0].headers["retry-after"], answers[0].content) == ("7", b'{"statusCode":429}')


async def test_faults_queue_up():
    sandbox = Sandbox()
    sandbox.sage.faults.next(500)
    sandbox.sage.faults.next(502, body="down")
    assert [(await sandbox.asked("currencies")).status_code for _ in range(3)] == [500, 502, 200]


@pytest.mark.parametrize("contains", ["customer_views", "reference eq 'ABS001'"])
async def test_a_fault_can_wait_for_a_path_or_the_words_of_a_query(contains):
    sandbox = Sandbox()
    sandbox.sage.faults.next(503, contains=contains)
    assert (await sandbox.asked("currencies")).status_code == 200
    assert (await sandbox.asked("customer_views", filter="reference eq 'ABS001'")).status_code == 503


async def test_offline_answers_as_the_gateway_does_until_it_is_over():
    sandbox = Sandbox()
    sandbox.sage.faults.offline(True)
    answer = await sandbox.asked("customer_views")
    assert (answer.status_code, answer.content) == (504, b"")
    sandbox.sage.faults.offline(False)
    assert (await sandbox.asked("customer_views")).status_code == 200


async def test_a_delay_holds_a_request_and_clearing_lets_it_go():
    sandbox = Sandbox()
    sandbox.sage.faults.delay(3600, contains="customer_views")
    assert (await sandbox.asked("currencies")).status_code == 200
    waiting = asyncio.create_task(sandbox.asked("customer_views"))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    sandbox.sage.faults.clear()
    assert (await waiting).status_code == 200


async def test_a_short_delay_ends_by_itself():
    sandbox = Sandbox()
    sandbox.sage.faults.delay(0.01)
    assert (await sandbox.asked("currencies")).status_code == 200


async def test_clearing_forgets_everything_ordered():
    sandbox = Sandbox()
    sandbox.sage.faults.next(503, times=9)
    sandbox.sage.faults.offline()
    sandbox.sage.faults.clear()
    assert (await sandbox.asked("customer_views")).status_code == 200


async def test_a_request_that_met_a_fault_is_seen_all_the_same():
    sandbox = Sandbox()
    sandbox.sage.faults.next(503)
    await sandbox.asked("customer_views")
    assert len(sandbox.sage.requests) == 1


async def test_the_sign_in_has_faults_of_its_own():
    sandbox = Sandbox()
    tokens = await sandbox.tokens()
    sandbox.sign_in.faults.next(500, contains="/authorize")
    assert (await sandbox.asked("customer_views")).status_code == 200
    assert (await sandbox.renew(tokens["refresh_token"])).status_code == 200
    assert (await sandbox.authorize()).status_code == 500
    assert (await sandbox.decide(PRIYA)).status_code == 302
