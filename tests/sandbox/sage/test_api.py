"""The simulated Sage 200: who may ask, and what each resource answers."""

import pytest

from tests.sandbox.sage.fixtures import GEORGE, NOBODY, PRIYA, Sandbox, prefix, send

LISTS = (
    "customers",
    "customer_views",
    "lookup_customers",
    "analysis_code_mappings",
    "company_details",
    "currencies",
    "sales_ledger_settings",
    "sales_transaction_views",
    "sales_aged_debtor_summary_views",
    "sop_orders",
)
STANDARD, PROFESSIONAL = "/uk/sage200/accounts/v1", "/uk/sage200extra/accounts/v1"


@pytest.mark.parametrize("path", ["sites", "current_user", "customers/27828", *LISTS])
@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Bearer ", "Basic {token}", "{token}"])
async def test_without_a_good_bearer_the_answer_is_401_and_empty(path, header):
    sandbox = Sandbox()
    good = sandbox.bearer(PRIYA)
    token = good["Authorization"].partition(" ")[2]
    headers = {"X-Site": sandbox.world.companies[0].site_id, "X-Company": "1"}
    if header is not None:
        headers["Authorization"] = header.format(token=token)
    answer = await sandbox.get(f"{STANDARD}/{path}", headers)
    assert (answer.status_code, answer.content) == (401, b"")


async def test_an_expired_bearer_is_refused():
    sandbox = Sandbox()
    headers = sandbox.bearer(PRIYA)
    sandbox.sign_in.expire_access(PRIYA)
    assert (await sandbox.get(f"{STANDARD}/sites", headers)).status_code == 401


@pytest.mark.parametrize("path", ["current_user", "customers/27828", *LISTS])
@pytest.mark.parametrize(
    "change",
    [
        {"X-Site": None},
        {"X-Company": None},
        {"X-Site": "00000000-0000-0000-0000-000000000000"},
        {"X-Company": "2"},
        {"X-Company": "one"},
        {"X-Company": "²"},
    ],
)
async def test_a_wrong_site_or_company_header_is_401_and_empty(path, change):
    sandbox = Sandbox()
    headers = {**sandbox.bearer(PRIYA), "X-Site": sandbox.world.companies[0].site_id, "X-Company": "1", **change}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value is not None]
    answer = await send(sandbox.sage.app, "GET", f"{STANDARD}/{path}", headers=sent)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize("path", ["current_user", "customers/27828", *LISTS])
async def test_a_company_out_of_reach_is_401_and_empty(path):
    answer = await Sandbox().asked(path, by=GEORGE, company=1)
    assert (answer.status_code, answer.content) == (401, b"")


async def test_a_company_does_not_answer_under_the_other_edition():
    sandbox = Sandbox()
    headers = {**sandbox.bearer(PRIYA), "X-Site": sandbox.world.companies[0].site_id, "X-Company": "1"}
    assert (await sandbox.get(f"{PROFESSIONAL}/customer_views", headers)).status_code == 401


async def test_access_can_be_taken_away_while_signed_in():
    sandbox = Sandbox()
    sandbox.sign_in.people[GEORGE].companies.clear()
    assert (await sandbox.asked("customer_views", by=GEORGE)).status_code == 401
    assert (await sandbox.get(f"{STANDARD}/sites", sandbox.bearer(GEORGE))).json() == []


@pytest.mark.parametrize(
    ("email", "base", "companies"),
    [
        (PRIYA, STANDARD, ["ABS Motor Factors Ltd"]),
        (PRIYA, PROFESSIONAL, ["ABS Fleet Services Ltd"]),
        (GEORGE, STANDARD, ["ABS Motor Factors Ltd"]),
        (GEORGE, PROFESSIONAL, []),
        (NOBODY, STANDARD, []),
    ],
)
async def test_sites_lists_what_the_person_reaches_in_that_edition(email, base, companies):
    sandbox = Sandbox()
    answer = await sandbox.get(f"{base}/sites", sandbox.bearer(email))
    assert [row["company_name"] for row in answer.json()] == companies


async def test_the_first_customer_is_the_sample_of_sages_guide():
    row = (await Sandbox().asked("customers/27828")).text
    for words in ('"id":27828', '"reference":"ABS001"', '"name":"ABS Garages Ltd"', '"short_name":"ABS Gara"',
                  '"balance":2464.16', '"on_hold":false', '"account_status_type":"AccountStatusActive"',
                  '"currency_id":2103', '"credit_limit":4000.00', '"analysis_code_1":"Trade"',
                  '"analysis_code_2":"George"', '"analysis_code_3":"Tyne & Wear"', '"analysis_code_4":""',
                  '"average_time_to_pay":319', '"value_of_current_orders_in_sop":-36.00',
                  '"date_time_updated":"2016-07-08T15:28:48.66"'):  # fmt: skip
        assert words in row


async def test_both_companies_have_an_abs001_with_figures_of_its_own():
    sandbox = Sandbox()
    rows = [(await sandbox.asked("customers/27828", company=number)).json() for number in (0, 1)]
    assert [row["reference"] for row in rows] == ["ABS001", "ABS001"]
    assert [row["balance"] for row in rows] == [2464.16, 77.7]


async def test_the_hold_has_one_name_in_the_view_and_another_in_the_customer():
    sandbox = Sandbox()
    held = "reference eq 'HOL001'"
    view = (await sandbox.asked("customer_views", filter=held)).json()[0]
    full = (await sandbox.asked("customers", filter=held)).json()[0]
    assert view["account_is_on_hold"] is full["on_hold"] is True
    assert full["status_reason"] == "Cheque returned 3 March"
    assert "status_reason" not in view
    assert "on_hold" not in view


async def test_a_foreign_balance_has_its_currency_and_its_worth_in_pounds():
    row = (await Sandbox().asked("customer_views", filter="reference eq 'EUR001'")).json()[0]
    assert (row["currency_iso_code"], row["currency_symbol"]) == ("EUR", "€")
    assert (row["balance"], row["base_balance"]) == (1170.0, 1000.0)


async def test_a_look_up_gives_names_and_postcodes_but_no_figures():
    row = (await Sandbox().asked("lookup_customers", filter="reference eq 'ABS001'")).json()[0]
    assert row == {
        "id": 27828, "reference": "ABS001", "name": "ABS Garages Ltd", "short_name": "ABS Gara",
        "account_status_type_id": 0, "post_code": "NE4 7JB",
    }  # fmt: skip


@pytest.mark.parametrize("number", [0, 99999])
async def test_an_unknown_customer_is_not_found(number):
    assert (await Sandbox().asked(f"customers/{number}")).status_code == 404


@pytest.mark.parametrize(("raw", "status"), [("$select=on_hold", 200), ("$filter=id%20eq%201", 400), ("$top=1", 400)])
async def test_a_single_customer_takes_select_alone(raw, status):
    assert (await Sandbox().asked("customers/27828", raw=raw)).status_code == status


async def test_analysis_labels_stand_beside_those_of_other_records():
    rows = (await Sandbox().asked("analysis_code_mappings")).json()
    customer = [row for row in rows if row["class_name"] == "Sage.Accounting.SalesLedger.Customer"]
    labels = {row["slot"]: row["analysis_code"]["name"] for row in customer}
    assert labels == {1: "Account type", 2: "Sales rep", 3: "Region"}
    assert {row["slot"] for row in rows if row not in customer} == {1, 2, 3}


async def test_the_current_user_is_the_person():
    row = (await Sandbox().asked("current_user", by=GEORGE)).json()
    assert (row["friendly_name"], row["email_address"]) == ("George Hall", GEORGE)


async def test_an_old_site_has_fewer_fields_and_refuses_to_be_asked_for_them():
    sandbox = Sandbox()
    sandbox.world.companies[1].old_site = True
    view = (await sandbox.asked("customer_views", company=1)).json()[0]
    full = (await sandbox.asked("customers/27828", company=1)).json()
    gone = {"is_over_credit_limit", "analysis_code_6", "status_reason", "date_time_updated"}
    assert not gone & (view.keys() | full.keys())
    assert "analysis_code_5" in view
    assert (await sandbox.asked("customers", company=1, select="status_reason")).status_code == 400


async def test_standard_leaves_out_what_only_professional_has():
    sandbox = Sandbox()
    standard = (await sandbox.asked("customers/27828")).json()
    professional = (await sandbox.asked("customers/27828", company=1)).json()
    assert professional.keys() - standard.keys() == {"office_type", *(f"analysis_code_{slot}" for slot in range(6, 21))}


async def test_lists_can_come_wrapped():
    sandbox = Sandbox()
    sandbox.sage.wrapped = True
    assert (await sandbox.asked("customer_views", top="1", select="id")).json() == {"value": [{"id": 27828}]}
    assert (await sandbox.asked("customers/27828", select="id")).json() == {"id": 27828}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{STANDARD}/sales_historical_transactions"),
        ("GET", f"{STANDARD}/customer_views/"),
        ("GET", f"{STANDARD}/customers/new"),
        ("DELETE", f"{STANDARD}/customers/27828"),
        ("POST", f"{STANDARD}/customers"),
        ("GET", "/uk/sage50/accounts/v1/nothing"),
        ("GET", "/"),
    ],
)
async def test_what_sage_has_and_we_do_not_is_said_loudly(method, path):
    answer = await send(Sandbox().sage.app, method, path)
    assert answer.status_code == 501
    assert answer.json() == {"error": f"the sandbox does not simulate {method} {path}"}


async def test_an_edition_that_does_not_exist_is_said_loudly():
    assert (await Sandbox().get("/uk/sage50/accounts/v1/sites")).status_code == 501


async def test_every_request_is_seen_without_its_bearer():
    sandbox = Sandbox()
    await sandbox.asked("customer_views", filter="reference eq 'ABS001'")
    [seen] = sandbox.sage.requests
    assert (seen.method, seen.path) == ("GET", f"{STANDARD}/customer_views")
    assert seen.query == {"$filter": "reference eq 'ABS001'"}
    assert seen.raw_query == "$filter=reference%20eq%20%27ABS001%27"
    assert seen.headers["x-company"] == "1"
    assert "authorization" not in seen.headers


async def test_prefixes_follow_the_edition():
    assert [prefix(company) for company in Sandbox().world.companies] == [STANDARD, PROFESSIONAL]
