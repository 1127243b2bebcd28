"""A reference that the company in use doesn't have is looked for in the others that the asker's own Sage ID opens."""

from __future__ import annotations

import pytest

FOUND = "It is in ABS Fleet Services Ltd: `/sage company "


@pytest.fixture
async def acme(office):
    """Priya's Sage ID opens two companies, and ABS Motor Factors is in use; George's opens that one alone."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    await office.connect("george@example.test", user="george")
    return office


async def test_the_other_company_that_has_it_is_named_and_chosen_by_its_number(acme):
    told = (await acme.command("/customer", "FLE001")).text
    assert told.startswith("No customer in ABS Motor Factors Ltd matches “FLE001”.")
    assert FOUND in told
    assert "Fleet First" not in told
    assert FOUND in (await acme.command("/customer", "FLE001 order 100")).text
    number = told.split(FOUND)[1][0]
    await acme.command("/sage", f"company {number}")
    assert "Fleet First" in (await acme.command("/customer", "FLE001")).text


async def test_only_the_askers_own_sign_in_is_asked(acme):
    assert "ABS Fleet" not in (await acme.command("/customer", "FLE001", user="george")).text
    await acme.command("/sage", "roles <@U0ANNA|anna> controller")
    # Priya's sign-in answers Anna, of the company in use alone.
    answer = (await acme.command("/customer", "FLE001", user="anna")).text
    assert "No customer in" in answer
    assert "ABS Fleet" not in answer


async def test_whose_customers_are_narrowed_is_told_of_no_other_company(acme):
    await acme.command("/sage", "roles <@U0GEORGE|george> admin")
    await acme.command("/sage", "roles <@U0PRIYA|priya> sales")
    await acme.command("/sage", 'roles <@U0PRIYA|priya> customers "sales rep":George', user="george")
    assert "ABS Fleet" not in (await acme.command("/customer", "FLE001")).text


async def test_neither_a_known_reference_nor_a_name_asks_further(acme):
    for text in ("ABS001", "no such name at all"):
        acme.sage.requests.clear()
        assert "ABS Fleet" not in (await acme.command("/customer", text)).text
        assert not [seen for seen in acme.sage.requests if "sites" in seen.path]


async def test_the_same_question_in_plain_english_names_the_other_company_too(acme):
    await acme.sender.direct_message("is FLE001 on hold?", user="priya")
    await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and FOUND in m.text)
