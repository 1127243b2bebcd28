"""docs/data.md says of every table what is kept, why, how long, and what erases it."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.kept import KEPT, as_table
from storage.tables.core import Row

PAGE = (Path(__file__).parents[3] / "docs/data.md").read_text()
# Columns that hold a Slack user id, by their names in the tables.
PEOPLE = {"user_id", "installed_by", "granted_by", "set_by", "changed_by", "owner", "opened_by", "closed_by", "by_user"}
PEOPLE |= {"asked_by", "first_by", "claimed_by", "decided_by", "who", "made_by", "ended_by", "raised_by", "accepted_by"}
PEOPLE |= {"written_by"}
NO_PERSON = {("outbox", "claimed_by"), ("leases", "owner")}  # a process's own mark


@pytest.mark.parametrize("name", sorted(Row.metadata.tables))
def test_every_table_is_on_the_page(name):
    assert name in KEPT
    assert f"| `{name}` |" in PAGE
    table = Row.metadata.tables[name]
    named = {column.name for column in table.c if column.name in PEOPLE and (name, column.name) not in NO_PERSON}
    assert named <= set(KEPT[name].person), "a column that names a person is in no erasure"
    assert set(KEPT[name].person) <= {column.name for column in table.c}
    assert KEPT[name].is_of_customer == ("customer_id" in table.c or name in {"outbox", "subscriptions"})


def test_the_page_is_written_from_the_list():
    assert as_table() in PAGE
    assert set(KEPT) == set(Row.metadata.tables)
