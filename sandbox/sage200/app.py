"""The Sage 200 API over HTTP: who may ask, which company, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.faults import FaultGate, Faults, path_within
from sandbox.sage200 import aged_debt, customer_columns, customer_notes, reference_data
from sandbox.sage200.aged_debt import PARAMETER, AgedDebt
from sandbox.sage200.books.company import SandboxCompany
from sandbox.sage200.books.world import World
from sandbox.sage200.customer_changes import PutRules, read_changes, read_object
from sandbox.sage200.fields import CURRENT_USER, SITE
from sandbox.sage200.odata import BadQuery
from sandbox.sage200.odd_rows import made_odd
from sandbox.sage200.query import NotSimulated, decode, read_list, read_one, run, run_in_order, show
from sandbox.sage200.reference_data import plain_columns
from sandbox.sage200.resources import CUSTOMER_LISTS, LISTS
from sandbox.sage200.wire import render
from sandbox.sage_id import SageId
from sandbox.sage_id.people import Edition, Person

_EDITIONS = {"sage200": Edition.STANDARD, "sage200extra": Edition.PROFESSIONAL}
_BASE = "/uk/{edition}/accounts/v1"


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as it came, and `by` whom (an e-mail address; empty for a token that isn't good).

    `query` is decoded, empty when it cannot be; the bearer is left out of `headers`.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw_query: str
    by: str = ""


class _Refused(Exception):
    """401: Sage says no more than that."""


class Sage200:
    """State and ASGI app; mount `app` at any prefix. What nobody knows of the real one is a switch: see `__init__`."""

    def __init__(self, *, world: World, sign_in: SageId, clock: Callable[[], datetime]) -> None:
        self.world = world
        self.faults = Faults()
        self.requests: list[SeenRequest] = []
        self.wrapped = False  # some clients report {"value": […]} where the description says a bare list
        self.rules = PutRules()
        self.case_sensitive = True  # whether Sage compares text so is not documented
        self._sign_in = sign_in
        world.clock = clock
        world.open_books()
        self._now = clock
        sign_in.people.update({person.email: person for person in world.people})
        self.app = self._build()

    def _build(self) -> Starlette:
        app = Starlette(
            routes=[
                Route(f"{_BASE}/sites", self._sites, methods=["GET"]),
                Route(f"{_BASE}/current_user", self._current_user, methods=["GET"]),
                Route(f"{_BASE}/customers/{{number:int}}", self._customer, methods=["GET"]),
                Route(f"{_BASE}/customers/{{number:int}}", self._change, methods=["PUT"]),
                Route(f"{_BASE}/sales_aged_debtor_summary_views", self._aged, methods=["GET"]),
                *self._note_routes(),
                *(Route(f"{_BASE}/{name}", self._list, methods=["GET"]) for name in LISTS),
            ],
            middleware=[
                Middleware(_Watch, seen=self.requests, sign_in=self._sign_in),
                Middleware(FaultGate, faults=self.faults),
            ],
            exception_handlers={
                404: _not_simulated,
                405: _not_simulated,
                _Refused: _refused,
                BadQuery: _bad_query,
                NotSimulated: _parameter_not_simulated,
            },
        )
        app.router.redirect_slashes = False
        return app

    async def _sites(self, request: Request) -> Response:
        rows = reference_data.sites(self.world, self._person(request), _edition(request))
        query = read_list(decode(request.scope["query_string"]), plain_columns(SITE))
        return self._listed(run(query, rows))

    async def _current_user(self, request: Request) -> Response:
        person = self._person(request)
        self._company(request, person)
        query = read_one(decode(request.scope["query_string"]), plain_columns(CURRENT_USER))
        return _json(show(query, reference_data.current_user(person)))

    async def _customer(self, request: Request) -> Response:
        company = self._company(request, self._person(request))
        query = read_one(decode(request.scope["query_string"]), customer_columns.customer(company))
        row = company.customers.get(request.path_params["number"])
        return Response(status_code=404) if row is None else _json(show(query, row))

    async def _list(self, request: Request) -> Response:
        company = self._company(request, self._person(request))
        name = request.url.path.rpartition("/")[2]
        if name in company.lacks:
            return Response(status_code=404)
        resource = LISTS[name]
        given = decode(request.scope["query_string"])
        columns, brackets = resource.columns(company), company.takes_brackets
        query = read_list(given, columns, case_sensitive=self.case_sensitive, brackets=brackets)
        rows = resource.rows(company)
        found = run(query, rows) if isinstance(rows, list) else run_in_order(query, rows, key=resource.key)
        whose = "id" if name in CUSTOMER_LISTS else "customer_id"
        return self._listed(made_odd(found, company.oddities, whose=whose, most=query.top))

    async def _aged(self, request: Request) -> Response:
        company = self._company(request, self._person(request))
        if company.old_site:
            return Response(status_code=404)
        given = decode(request.scope["query_string"])
        rows = AgedDebt(company, ageing=given.pop(PARAMETER, None), now=self._now())
        query = read_list(given, aged_debt.columns())
        found = run_in_order(query, rows, key="customer_id")
        return self._listed(made_odd(found, company.oddities, whose="customer_id", most=query.top))

    async def _change(self, request: Request) -> Response:
        person = self._person(request)
        company = self._company(request, person)
        query = read_one(decode(request.scope["query_string"]), customer_columns.customer(company))
        row = company.customers.get(request.path_params["number"])
        if row is None or not person.may_change_customers:
            return Response(status_code=404 if row is None else 403)
        given = await read_changes(request, company, row, rules=self.rules)
        self.world.change(row["reference"], given, company=company, by=person.email)
        return _json(show(query, row))

    def _note_routes(self) -> list[Route]:
        return [
            route
            for name in customer_notes.KINDS
            for route in (
                Route(f"{_BASE}/customers/{{number:int}}/{name}", self._notes_of, methods=["GET"]),
                Route(f"{_BASE}/{name}", self._add_note, methods=["POST"]),
                Route(f"{_BASE}/{name}/{{number:int}}", self._note, methods=["GET", "PUT", "DELETE"]),
            )
        ]

    async def _notes_of(self, request: Request) -> Response:
        company = self._company(request, self._person(request))
        name = request.url.path.rpartition("/")[2]
        number = request.path_params["number"]
        if name in company.lacks or number not in company.customers:
            return Response(status_code=404)
        kind = customer_notes.KINDS[name]
        query = read_list(decode(request.scope["query_string"]), plain_columns(kind.fields))
        found = [row for row in kind.table(company).values() if row["customer_id"] == number]
        return self._listed(run(query, found))

    async def _add_note(self, request: Request) -> Response:
        person = self._person(request)
        company, name = self._company(request, person), request.url.path.rpartition("/")[2]
        if name in company.lacks or not person.may_change_customers:
            return Response(status_code=404 if name in company.lacks else 403)
        kind = customer_notes.KINDS[name]
        body = read_object(await request.body(), request.headers.get("content-type", ""))
        row = kind.add(body, company, by=person.name, at=self._now())
        return _json(show(read_one({}, plain_columns(kind.fields)), row))

    async def _note(self, request: Request) -> Response:
        person = self._person(request)
        company, name = self._company(request, person), request.url.path.split("/")[-2]
        kind, number = customer_notes.KINDS[name], request.path_params["number"]
        table = kind.table(company)
        if name in company.lacks or number not in table:
            return Response(status_code=404)
        if request.method != "GET" and not person.may_change_customers:
            return Response(status_code=403)
        if request.method == "DELETE":
            del table[number]
            return Response(status_code=200)
        if request.method == "PUT":
            body = read_object(await request.body(), request.headers.get("content-type", ""))
            kind.change(table[number], body, company, by=person.name, at=self._now())
        return _json(show(read_one({}, plain_columns(kind.fields)), table[number]))

    def _person(self, request: Request) -> Person:
        _edition(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        person = self._sign_in.person_for(token) if scheme == "Bearer" else None
        if person is None:
            raise _Refused
        return person

    def _company(self, request: Request, person: Person) -> SandboxCompany:
        """The one the headers name, if this person reaches it in the edition of the path."""
        site, number = request.headers.get("x-site", ""), request.headers.get("x-company", "")
        if not number.isascii() or not number.isdigit():
            raise _Refused
        key = (_edition(request), site, int(number))
        company = self.world.company(key)
        if company is None or key not in person.companies:
            raise _Refused
        return company

    def _listed(self, rows: list[Any]) -> Response:
        return _json({"value": rows} if self.wrapped else rows)


class _Watch:
    """ASGI middleware that writes down every request, those that meet a fault included."""

    def __init__(self, app: ASGIApp, *, seen: list[SeenRequest], sign_in: SageId) -> None:
        self._app = app
        self._seen = seen
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write it down, then hand it on."""
        if scope["type"] == "http":
            self._seen.append(_seen(scope, self._sign_in))
        await self._app(scope, receive, send)


def _seen(scope: Scope, sign_in: SageId) -> SeenRequest:
    token = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
    person = sign_in.person_for(token)
    headers = {name: value for name, value in Headers(scope=scope).items() if name != "authorization"}
    raw = scope["query_string"]
    try:
        query = decode(raw)
    except BadQuery:
        query = {}
    by = person.email if person is not None else ""
    return SeenRequest(scope["method"], path_within(scope), query, headers, raw.decode("latin-1"), by)


def _edition(request: Request) -> Edition:
    name = request.path_params["edition"]
    if name not in _EDITIONS:
        raise NotSimulated(name)
    return _EDITIONS[name]


def _json(value: Any) -> Response:
    return Response(render(value), media_type="application/json; charset=utf-8")


async def _refused(_: Request, __: Exception) -> Response:
    return Response(status_code=401)


async def _bad_query(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 400)


async def _not_simulated(request: Request, _: Exception) -> Response:
    return JSONResponse({"error": f"the sandbox does not simulate {request.method} {path_within(request.scope)}"}, 501)


async def _parameter_not_simulated(request: Request, error: Exception) -> Response:
    asked = f"{request.method} {path_within(request.scope)}"
    return JSONResponse({"error": f"the sandbox does not simulate {asked} with {error}"}, 501)
