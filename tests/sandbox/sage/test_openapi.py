"""Everything the sandbox answers is what Sage's own API description allows."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from sandbox.sage200 import customer_notes, fields
from sandbox.sage200.odata import Kind
from tests.sandbox.sage.fixtures import PRIYA, Sandbox, prefix

FOLDER = Path(__file__).parents[4] / "shared" / "sage200-openapi"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"Sage's API description is not at {FOLDER}")

# Sage's own values for these (TradingAccountTypeOpenItem, EnumDocumentStatusLive) are longer than the 20 it allows.
TOO_SHORT = {"account_type", "payment_terms_basis", "default_payment_terms_basis", "document_status"}
RESOURCES = [
    ("general", "site", "sites", fields.SITE),
    ("general", "current_user", "current_user", fields.CURRENT_USER),
    ("general", "analysis_code_mapping", "analysis_code_mappings", fields.ANALYSIS_CODE_MAPPING),
    ("general", "company_details", "company_details", fields.COMPANY_DETAILS),
    ("financials", "currency", "currencies", fields.CURRENCY),
    ("sales", "sales_ledger_settings", "sales_ledger_settings", fields.SALES_LEDGER_SETTINGS),
    ("sales", "customer", "customers", fields.CUSTOMER),
    ("sales", "customer", "customers/27828", fields.CUSTOMER),
    ("sales", "customer_alert", "customer_alerts", fields.CUSTOMER_ALERT),
    ("sales", "customer_alert", "customers/27828/customer_alerts", fields.CUSTOMER_ALERT),
    ("sales", "customer_memo", "customer_memos", fields.CUSTOMER_MEMO),
    ("sales", "customer_memo", "customers/27828/customer_memos", fields.CUSTOMER_MEMO),
    ("sales", "customer_view", "customer_views", fields.CUSTOMER_VIEW),
    ("sales", "lookup_customer", "lookup_customers", fields.LOOKUP_CUSTOMER),
    ("sales", "sales_transaction_view", "sales_transaction_views", fields.SALES_TRANSACTION_VIEW),
    ("sales", "sales_aged_debtor_view", "sales_aged_debtor_summary_views", fields.SALES_AGED_DEBTOR_VIEW),
    ("sop", "sop_order", "sop_orders", fields.SOP_ORDER),
]


def described(file: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{file}.json").read_text("utf-8")))


def closed(schema: Any) -> Any:
    """The same schema, but a property it does not name is an error wherever it names any."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items() if name != "format"}
    for name in TOO_SHORT & schema.keys():
        inner[name] = {"type": "string"}
    return {**inner, "additionalProperties": False} if schema.get("properties") and "type" in schema else inner


def validator(file: str, schema: dict[str, Any]) -> Draft202012Validator:
    components = closed(described(file)["components"])
    return Draft202012Validator({**closed(schema), "components": components}, format_checker=FormatChecker())


@pytest.mark.parametrize("company", [0, 1])
@pytest.mark.parametrize("old_site", [False, True])
@pytest.mark.parametrize(("file", "_schema", "path", "_fields"), RESOURCES)
async def test_an_answer_is_what_sage_describes(file, _schema, path, _fields, company, old_site):
    sandbox = Sandbox()
    books = sandbox.world.companies[company]
    books.old_site = old_site
    sandbox.world.post_receipt("ABS001", 20, company=books)
    sandbox.world.place_order("ABS001", 20, promised=sandbox.clock().date(), company=books)
    for kind in customer_notes.KINDS.values():
        about = {"customer_id": 27828 if company == 0 else books.row("ABS001")["id"], kind.text: "On hold"}
        kind.add(about, books, by="Priya", at=sandbox.clock())
    if old_site and "aged" in path:
        assert (await sandbox.asked(path, company=company)).status_code == 404
        return
    answer = await sandbox.asked(path, company=company)
    assert answer.json()
    within = path.replace("27828", "{customerId}" if path.count("/") > 1 else "{Id}")
    route = described(file)["paths"]["/" + within]["get"]["responses"]["200"]
    check = validator(file, route["content"]["application/json"]["schema"])
    assert [error.message for error in check.iter_errors(answer.json())] == []


def test_the_check_refuses_a_field_that_sage_does_not_have():
    check = validator("sales", {"type": "array", "items": {"$ref": "#/components/schemas/customer_view"}})
    assert list(check.iter_errors([{"id": 1, "on_hold": True}]))
    assert list(check.iter_errors([{"id": "1"}]))
    assert list(check.iter_errors([{"reference": "x" * 21}]))


@pytest.mark.parametrize(("file", "schema", "_path", "known"), RESOURCES)
def test_the_sandbox_knows_every_field_that_sage_describes_and_no_other(file, schema, _path, known):
    described_fields = described(file)["components"]["schemas"][schema]["properties"]
    assert list(known) == list(described_fields)
    assert {name: kind_of(field) for name, field in described_fields.items()} == {
        name: field.kind for name, field in known.items()
    }


def kind_of(field: dict[str, Any]) -> Kind:
    if field.get("format") == "date-time":
        return Kind.MOMENT
    kinds = {"string": Kind.TEXT, "number": Kind.NUMBER, "integer": Kind.NUMBER, "boolean": Kind.FLAG}
    return kinds.get(field.get("type", ""), Kind.OBJECT)


async def test_every_figure_has_its_pennies_and_no_moment_has_a_zone():
    sandbox = Sandbox()
    text = (await sandbox.asked("customer_views", select="balance,credit_limit,date_time_updated")).text
    for row in text.strip("[]{}").split("},{"):
        figures = [part.partition(":")[2] for part in row.split(",") if "balance" in part or "limit" in part]
        assert all(figure[-3] == "." for figure in figures)
    assert "Z" not in text
    assert "+" not in text


async def test_sites_need_no_company():
    sandbox = Sandbox()
    for books in sandbox.world.companies:
        rows = (await sandbox.get(f"{prefix(books)}/sites", sandbox.bearer(PRIYA))).json()
        assert [(row["site_id"], row["company_id"]) for row in rows] == [(books.site_id, books.company_id)]
