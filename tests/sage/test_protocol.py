from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.company import Edition
from bot.errors import (
    SageBusy,
    SageForbidden,
    SageMissing,
    SageRejected,
    SageSignInRefused,
    SageUnavailable,
    SageUnreadable,
)
from bot.sage.protocol import decipher, request, rows
from tests.sage.stand_in import COMPANY

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def answered(status=200, body=b"[]", **headers):
    return decipher(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, now=NOW)


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"[]", []),
        (b'[{"id":1}]', [{"id": 1}]),
        (b'{"value":[{"id":1}]}', [{"id": 1}]),
        (b'{"@odata.context":"x","value":[]}', []),
        (b'{"status_reason":"Late"}', {"status_reason": "Late"}),
        (b'{"value":"not a list"}', {"value": "not a list"}),
        (b'\xef\xbb\xbf[{"id":1}]', [{"id": 1}]),
    ],
)
def test_an_answer_is_read_bare_or_wrapped(body, data):
    assert answered(body=body) == data


def test_money_is_exact_to_the_last_digit():
    (row,) = rows(answered(body=b'[{"balance":0.1,"limit":4000.00,"big":12345678901234.56,"days":319}]'))
    assert row == {
        "balance": Decimal("0.1"),
        "limit": Decimal("4000.00"),
        "big": Decimal("12345678901234.56"),
        "days": 319,
    }
    assert isinstance(row["days"], int)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>Service unavailable</body></html>",
        b"[{",
        b'[{"balance":NaN}]',
        b'[{"balance":-Infinity}]',
        b'[{"balance":1.0e99999999999999999999}]',
        b"[" + b"1" * 5000 + b"]",
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_a_body_that_is_not_json_is_unreadable(body):
    with pytest.raises(SageUnreadable):
        answered(body=body)


def test_what_is_no_record_counts_as_an_empty_one():
    assert rows([{"id": 1}, None, [], 7]) == [{"id": 1}, {}, {}, {}]


@pytest.mark.parametrize("data", [{"id": 1}, "text", None])
def test_only_a_list_has_rows(data):
    with pytest.raises(SageUnreadable):
        rows(data)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, SageUnreadable),
        (302, SageUnreadable),
        (304, SageUnreadable),
        (400, SageRejected),
        (401, SageSignInRefused),
        (403, SageForbidden),
        (404, SageMissing),
        (405, SageRejected),
        (408, SageUnavailable),
        (414, SageRejected),
        (429, SageBusy),
        (500, SageUnavailable),
        (502, SageUnavailable),
        (504, SageUnavailable),
        (599, SageUnavailable),
    ],
)
def test_each_status_has_its_meaning(status, error):
    with pytest.raises(error) as raised:
        answered(status)
    assert type(raised.value) is error


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500])
def test_nothing_that_sage_wrote_reaches_a_message(status):
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        answered(status, b'{"message":"SageNullFieldException","error":"upstream words"}')
    assert "Null" not in repr(raised.value)
    assert "upstream" not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("2.5", 2.5),
        ("999999", 3600.0),
        ("Mon, 02 Mar 2026 09:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 08:59:00 GMT", None),
        ("Sat, 01 Jan 2028 00:00:00 GMT", 3600.0),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [403, 429])
def test_a_busy_sage_says_when_to_come_back(status, header, seconds):
    with pytest.raises(SageBusy) as raised:
        answered(status, Retry_After=header)
    assert raised.value.retry_after == seconds


def test_a_question_names_its_company_and_nothing_else():
    ask = request("customer_views", edition=COMPANY.edition, company=COMPANY, query={"$top": "2"})
    assert (ask.method, ask.target) == ("GET", "/uk/sage200extra/accounts/v1/customer_views?$top=2")
    assert ask.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-Site": "site-blue",
        "X-Company": "7",
    }


def test_sites_are_asked_for_without_a_company():
    ask = request("sites", edition=Edition.STANDARD)
    assert ask.target == "/uk/sage200/accounts/v1/sites"
    assert not {"X-Site", "X-Company"} & set(ask.headers)


def test_the_subscription_key_is_sent_when_there_is_one_and_never_shown():
    ask = request("sites", edition=Edition.STANDARD, subscription_key="key-material")
    assert ask.headers["ocp-apim-subscription-key"] == "key-material"
    assert "key-material" not in repr(ask)
    assert json.dumps(dict(request("sites", edition=Edition.STANDARD).headers)).count("ocp") == 0
