"""Names in plain English as they are typed in a filter: regions and sales people as values, others as words."""

from __future__ import annotations

import pytest

from bot.domain.filters.analysis_codes import KnownValues
from bot.errors import BadQuestion
from bot.features.customers.service.filter_vocabulary import FilterVocabulary

VALUES = KnownValues({2: ["George Hill", "Priya Shah"], 3: ["North", "Scotland", "Leeds", "York"]})
KNOWN = FilterVocabulary(1, "Northern Motor Factors", {2: "Rep", 3: "Region"}, VALUES, ())


@pytest.mark.parametrize(
    ("name", "typed", "without"),
    [
        ("scotland", "Region:Scotland", "not Region:Scotland"),
        ("George", 'Rep:"George Hill"', 'not Rep:"George Hill"'),
        ("kerridge", '"kerridge"', 'not "kerridge"'),
        ("leeds and york", "Region:Leeds,York", "not Region:Leeds not Region:York"),
        ("leeds or york", "Region:Leeds,York", "not Region:Leeds not Region:York"),
        ("leeds or george", 'Region:Leeds or Rep:"George Hill"', 'not Region:Leeds not Rep:"George Hill"'),
        ("kerridge or acme", '"kerridge" or "acme"', 'not "kerridge" not "acme"'),
        ("kerridge and acme", '"kerridge and acme"', 'not "kerridge" not "acme"'),
        ("not", '"not"', 'not "not"'),
    ],
)
def test_a_name_is_typed_as_the_value_that_has_it(name, typed, without):
    assert (KNOWN.as_typed(name), KNOWN.as_typed_without(name)) == (typed, without)


def test_a_region_or_a_part_of_a_name_is_refused():
    with pytest.raises(BadQuestion) as refused:
        KNOWN.as_typed("leeds or kerridge")
    assert "can't be asked for together" in str(refused.value)
