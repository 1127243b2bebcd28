from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.changes import Snapshot
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter, Matcher, describe_filter, filter_as_typed
from bot.domain.filters.customer_filter_parser import parse_customer_filter
from bot.domain.filters.filter_examples import examples_of
from bot.domain.money import Currency
from bot.domain.text.folding import folded, same, straightened
from bot.errors import BadQuestion
from tests.builders import LABELS, customer

VALUES = {1: {"Trade", "Retail"}, 2: {"George", "Anna"}, 3: {"Tyne & Wear", "Durham", "Northumberland"}}
ABS = Snapshot.of(customer())
NORTH, GEORGE = Codes(3, ("Tyne & Wear", "Durham")), Codes(2, ("George",))
NOT_GEORGE = Codes(2, ("George",), negated=True)


def read(words, **rest):
    return parse_customer_filter(words, LABELS, VALUES, **rest)


def money(amount):
    return Filter(minimum_balance=Decimal(amount))


@pytest.mark.parametrize(
    ("chosen", "fits"),
    [
        (EVERYONE, True),
        (Filter(codes=(NORTH,)), True),
        (Filter(codes=(Codes(3, ("Durham",)),)), False),
        (Filter(codes=(Codes(3, ("  TYNE  &\twear ",)),)), True),
        (Filter(codes=(NOT_GEORGE,)), False),
        (Filter(codes=(Codes(2, ("Anna",), negated=True),)), True),
        (Filter(codes=(NORTH, GEORGE)), True),
        (Filter(codes=(NORTH, NOT_GEORGE)), False),
        (Filter(codes=(NORTH, NOT_GEORGE), either=True), True),
        (Filter(codes=(Codes(3, ("Durham",)), NOT_GEORGE), either=True), False),
        (Filter(codes=(Codes(9, ("x",)),)), False),
        (Filter(codes=(Codes(9, ("x",), negated=True),)), True),
        (money("2464.16"), True),
        (money("2464.17"), False),
        (money("0"), True),
        (Filter(currencies=("GBP",)), True),
        (Filter(currencies=("EUR", "GBP")), True),
        (Filter(currencies=("EUR",)), False),
        (Filter(customers=("abs001",)), True),
        (Filter(customers=("X", "abs  GARAGES ltd")), True),
        (Filter(customers=("ABS",)), False),
        (Filter(mine=(GEORGE,)), True),
        (Filter(mine=(Codes(2, ("Anna",)), NORTH)), True),
        (Filter(mine=(Codes(2, ("Anna",)),)), False),
        (Filter(mine=()), False),
        (Filter(codes=(NORTH,), minimum_balance=Decimal(500), currencies=("GBP",), mine=(GEORGE,)), True),
        (Filter(codes=(NORTH,), minimum_balance=Decimal(5000), currencies=("GBP",), mine=(GEORGE,)), False),
    ],
)
def test_a_customer_fits_when_everything_named_holds(chosen, fits):
    assert Matcher(chosen).fits(ABS) is fits


def test_an_unknown_balance_or_currency_never_fits():
    unknown = Snapshot.of(customer(balance=None, currency=Currency()))
    assert not Matcher(money("0")).fits(unknown)
    assert not Matcher(Filter(currencies=("GBP",))).fits(unknown)
    assert Matcher(EVERYONE).fits(unknown)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", EVERYONE),
        ('region:"Tyne & Wear",Durham', Filter(codes=(NORTH,))),
        ("region=durham", Filter(codes=(Codes(3, ("Durham",)),))),
        (
            'REGION : durham , "tyne  &  WEAR"',
            Filter(codes=(Codes(3, ("Durham", "Tyne & Wear")),)),
        ),
        ("region:durham region:northumberland", Filter(codes=(Codes(3, ("Durham", "Northumberland")),))),
        ("region:durham or region:Durham", Filter(codes=(Codes(3, ("Durham",)),))),
        ("rep!=George", Filter(codes=(NOT_GEORGE,))),
        ("not rep:George", Filter(codes=(NOT_GEORGE,))),
        ("not rep!=George", Filter(codes=(GEORGE,))),
        ("sales-rep:George", Filter(codes=(GEORGE,))),
        ('"sales rep":george', Filter(codes=(GEORGE,))),
        ("Sales rep:George", Filter(codes=(GEORGE,))),
        ("region:Durham not sales rep = George", Filter(codes=(Codes(3, ("Durham",)), NOT_GEORGE))),
        ("account type:Trade", Filter(codes=(Codes(1, ("Trade",)),))),
        ("Region:Tyne & Wear, Durham", Filter(codes=(NORTH,))),
        ("region:durham,tyne & wear sales rep:George", Filter(codes=(Codes(3, ("Durham", "Tyne & Wear")), GEORGE))),
        ("code2:George", Filter(codes=(GEORGE,))),
        ("code9:anything", Filter(codes=(Codes(9, ("anything",)),))),
        ('region:"Tyne & Wear",Durham or rep:George', Filter(codes=(NORTH, GEORGE), either=True)),
        ("region:durham or not rep:George", Filter(codes=(Codes(3, ("Durham",)), NOT_GEORGE), either=True)),
        ("region:durham, rep:George", Filter(codes=(Codes(3, ("Durham",)), GEORGE))),
        ("region:durham, not rep:George,", Filter(codes=(Codes(3, ("Durham",)), NOT_GEORGE))),
        ("region:durham and rep:George", Filter(codes=(Codes(3, ("Durham",)), GEORGE))),
        ("min:500", money(500)),
        ("balance:£1,234,567.80", money("1234567.80")),
        ("minimum = 0.5", money("0.5")),
        ("currency:eur,USD", Filter(currencies=("EUR", "USD"))),
        ('customer:ABS001,"Holdfast Haulage"', Filter(customers=("ABS001", "Holdfast Haulage"))),
        (
            'region:"Tyne & Wear",Durham not rep:George min:500 currency:EUR',
            Filter((NORTH, NOT_GEORGE), minimum_balance=Decimal(500), currencies=("EUR",)),
        ),
    ],
)
def test_a_typed_filter_is_read(typed, meant):
    assert read(typed) == meant


REGIONS = {3: ["County Durham", "Durham Dales", "North East", "North West", "Tyne & Wear", "Wear"]}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("region:county", "County Durham"),
        ("region:Dales", "Durham Dales"),
        ('region:"North W"', "North West"),
        ("region:tyne", "Tyne & Wear"),
        ("region:Wear", "Wear"),
        ("not region:coun", "County Durham"),
    ],
)
def test_a_word_or_the_beginning_of_one_value_alone_is_that_value(typed, value):
    assert [codes.values for codes in parse_customer_filter(typed, LABELS, REGIONS).codes] == [(value,)]


def test_of_several_values_each_is_offered_to_copy():
    for typed, offered in (
        ("Durham", ['"County Durham"', '"Durham Dales"']),
        ("north", ['"North East"', '"North West"']),
    ):
        with pytest.raises(BadQuestion, match="More than one value") as caught:
            parse_customer_filter(f"region:{typed}", LABELS, REGIONS)
        assert list(caught.value.offered) == [f"Region:{each}" for each in offered]
        for each in caught.value.offered:
            parse_customer_filter(each, LABELS, REGIONS)


@pytest.mark.parametrize(
    ("labels", "values", "condition"),
    [
        (LABELS, REGIONS, 'Region:"Durham Dales"'),
        ({1: "Trade type", 7: "Sales rep"}, {1: ["A"], 7: ["Zoë", "not"]}, '"Sales rep":"not"'),
        ({5: "min"}, {5: ["`x`", "y" * 99, "plain"]}, '"min":plain'),
        ({5: "a`b"}, {5: ["plain"]}, "region:Durham"),
        ({}, {}, "region:Durham"),
    ],
)
def test_examples_are_made_of_what_the_company_has_and_can_be_typed(labels, values, condition):
    examples = examples_of(labels, values)
    assert examples.condition == condition
    if labels and values and condition != "region:Durham":
        for each in (examples.condition, examples.filter):
            assert parse_customer_filter(each, labels, values).codes


@pytest.mark.parametrize("typed", ["mine", "only mine", "ONLY  mine"])
def test_mine_means_the_askers_own_analysis_codes(typed):
    assert read(typed, mine=(GEORGE,)) == Filter(mine=(GEORGE,))
    assert read(typed, mine=()) == Filter(mine=())
    with pytest.raises(BadQuestion, match="No customers are assigned to you"):
        read(typed)


@pytest.mark.parametrize(
    ("typed", "says", "part", "offered"),
    [
        ("regoin:Durham", "No analysis code", "regoin", ("Account type", "Sales rep", "Region")),
        ("code21:x", "No analysis code", "code21", ("Account type", "Sales rep", "Region")),
        ("!:x", "No analysis code", "!", ("Account type", "Sales rep", "Region")),
        ("region:Durhm", "No customer has that value", "Durhm", ("Region:Durham",)),
        ("region:Wear,Tyen", "No customer has that value", "Tyen", ('Region:"Tyne & Wear"',)),
        (
            "region:zzzz",
            "No customer has that value",
            "zzzz",
            ("Region:Durham", "Region:Northumberland", 'Region:"Tyne & Wear"'),
        ),
        ("durham", "can't be understood", "durham", ("Region:Durham",)),
        ("george min:500", "can't be understood", "george", ('"Sales rep":George',)),
        ("big customers", "can't be understood", "big", ()),
        ("Region:Tyne and more", "can't be understood", "more", ()),
        ("big sales rep:George", "can't be understood", "big", ()),
        (":Durham", "can't be understood", ":", ()),
        ("region:", "A value is missing", "region", ()),
        ("region:Durham,,x", "A value is missing", "region", ()),
        ("region:not", "A value is missing", "region", ()),
        ('region:""', "A value is missing", "region", ()),
        ("region:=Durham", "A value is missing", "region", ()),
        ("min:lots", "amount of money", "lots", ()),
        ("min:-5", "amount of money", "-5", ()),
        ("min:1,50", "amount of money", "1,50", ()),
        ("min:1.234", "amount of money", "1.234", ()),
        ("currency:euro", "three letters", "EURO", ()),
        ("not", "looks unfinished", "not", ()),
        ("region:Durham or", "looks unfinished", "region:Durham or", ()),
        ("not min:500", "analysis codes only", "min", ()),
        ("min:500 or region:Durham", "analysis codes only", "region", ()),
        ("region:Durham or mine", "analysis codes only", "mine", ()),
        ("not mine", "analysis codes only", "mine", ()),
        ("region:Durham or rep:George type:Trade", "Join all", "", ()),
        ('region:"Tyne', "no partner", '"', ()),
    ],
)
def test_what_is_not_understood_is_named_and_what_would_be_is_offered(typed, says, part, offered):
    with pytest.raises(BadQuestion, match=says) as caught:
        read(typed, mine=())
    assert (caught.value.typed, caught.value.offered) == (part, offered)
    assert "`" in caught.value.hint


def test_nothing_of_sages_or_the_askers_is_in_the_message_itself():
    with pytest.raises(BadQuestion) as caught:
        read("<!channel>:x")
    assert "<!channel>" not in caught.value.message + caught.value.hint


def test_a_word_that_two_labels_share_must_be_told_apart():
    with pytest.raises(BadQuestion, match="More than one") as caught:
        parse_customer_filter("rep:x", {2: "Sales rep", 5: "Area rep"}, {})
    assert caught.value.offered == ("Sales rep (code2)", "Area rep (code5)")


def test_values_are_not_checked_where_none_are_known():
    assert parse_customer_filter("region:Anywhere", LABELS, {}) == Filter(codes=(Codes(3, ("Anywhere",)),))


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (EVERYONE, "every customer"),
        (
            Filter((NORTH,), minimum_balance=Decimal(500)),
            "Region is Tyne & Wear or Durham, balance at least £500.00",
        ),
        (Filter((NORTH, NOT_GEORGE)), "Region is Tyne & Wear or Durham, Sales rep is not George"),
        (
            Filter((GEORGE, Codes(9, ("a", "b", "c"))), either=True),
            "either Sales rep is George or Analysis code 9 is a, b or c",
        ),
        (Filter(minimum_balance=Decimal("1500.5"), currencies=("EUR",)), "balance at least €1,500.50, currency EUR"),
        (Filter(minimum_balance=Decimal(5), currencies=("EUR", "USD")), "balance at least 5.00, currency EUR or USD"),
        (Filter(customers=("ABS001", "Holdfast"), mine=(GEORGE,)), "customer is ABS001 or Holdfast"),
        (Filter(minimum_balance=Decimal(500), mine=(GEORGE,)), "balance at least £500.00, own customers only"),
    ],
)
def test_a_filter_is_described_in_plain_english(chosen, said):
    assert describe_filter(chosen, LABELS) == said


words = (st.sampled_from(["not", "mine", "min"]) | st.text(min_size=1, max_size=20)).map(folded).filter(bool)
distinct = st.lists(words, min_size=1, max_size=4, unique_by=same).map(tuple)


@st.composite
def filters(draw):
    slots = draw(st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=4, unique=True))
    codes = tuple(Codes(slot, draw(distinct), negated) for slot, negated in slots)
    return Filter(
        codes=codes,
        either=len(codes) > 1 and draw(st.booleans()),
        minimum_balance=draw(st.none() | st.decimals(0, 999_999_999, places=2)),
        currencies=tuple(draw(st.lists(st.sampled_from(["GBP", "EUR", "USD"]), max_size=3, unique=True))),
        customers=draw(st.just(()) | distinct),
        mine=draw(st.none() | st.just((GEORGE,))),
    )


labelled = st.dictionaries(
    st.integers(1, 20), st.sampled_from(["Region", "Sales rep", "not", "Min", "code 3", "7", "!"]) | words
)


@given(filters(), labelled)
@example(Filter((Codes(1, ('a "b\\',)),)), {1: "mine", 2: "Mine"})
def test_a_filter_typed_out_is_read_back_the_same(chosen, labels):
    assert parse_customer_filter(filter_as_typed(chosen), {}, {}, mine=chosen.mine) == chosen
    assert parse_customer_filter(filter_as_typed(chosen), labels, {}, mine=chosen.mine) == chosen
    assert parse_customer_filter(filter_as_typed(chosen, labels), labels, {}, mine=chosen.mine) == chosen


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*'":=,!“”\\', "region", "not", "or", "min", "5", " ", "mine", "Durham"]), max_size=12
    ).map("".join)
)
def test_whatever_is_typed_is_read_or_refused_politely(typed):
    try:
        chosen = read(straightened(typed), mine=(GEORGE,))  # as every typed text is at the edge
    except BadQuestion:
        return
    assert read(filter_as_typed(chosen, LABELS), mine=(GEORGE,)) == chosen


@given(distinct, words)
def test_a_negated_code_fits_exactly_the_customers_the_plain_one_does_not(values, value):
    assume(same(value))
    assert Codes(2, values).fit({2: value}) is not Codes(2, values, negated=True).fit({2: value})
