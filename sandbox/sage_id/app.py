"""The sign-in service over HTTP: a consent page for people, a token endpoint for the product."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultGate, Faults, path_within
from sandbox.sage_id.authorize import SCOPE, Ask, BadAsk, read_ask
from sandbox.sage_id.grants import Grants, Pair, Refused
from sandbox.sage_id.id_token import id_token
from sandbox.sage_id.people import Person

_PAGES = Path(__file__).parent / "pages"
_TEMPLATES = Environment(loader=FileSystemLoader(_PAGES), autoescape=True)
_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path, not a secret
REFUSALS = {
    "access_denied": "user is blocked",
    "unauthorized_client": "Grant type not allowed for the client.",
    "server_error": "Something went wrong.",
    "temporarily_unavailable": "",
}
"""Other endings of a sign-in than yes and no, as a `decision`: what the callback is told, by its error."""
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One POST to the token endpoint: what was asked and how it ended ("issued", an error, or "fault 503")."""

    at: datetime
    grant_type: str
    outcome: str
    status: int
    email: str = ""


@dataclass(frozen=True, slots=True)
class TokenHooks:
    """Called at the token endpoint with the form, before anything is done, and with what was done, unanswered yet."""

    before: list[Callable[[Mapping[str, str]], Awaitable[None] | None]] = field(default_factory=list)
    after: list[Callable[[TokenRequest], Awaitable[None] | None]] = field(default_factory=list)


class SageId:
    """State and ASGI app. Mount `app` at any prefix; `redirect_uris` may be added to while it runs."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_uris: list[str],
        clock: Callable[[], datetime],
        overlap_seconds: float = 0,
    ) -> None:
        self.redirect_uris = redirect_uris
        self.people: dict[str, Person] = {}
        self.token_log: list[TokenRequest] = []
        self.on_token_request = TokenHooks()
        self.faults = Faults()
        self.granted_scope = SCOPE
        self.grants = Grants(clock=clock, overlap_seconds=overlap_seconds)
        self._client_id = client_id
        self._client_secret = client_secret
        self._now = clock
        self.app = self._build()

    def _build(self) -> Starlette:
        app = Starlette(
            routes=[
                Route("/authorize", self._authorize, methods=["GET"]),
                Route("/authorize/decision", self._decide, methods=["POST"]),
                Route("/sandbox.css", _stylesheet, methods=["GET"]),
                Route(_TOKEN_PATH, self._token, methods=["POST"]),
                Route("/oauth/revoke", self._revoke, methods=["POST"]),
            ],
            middleware=[Middleware(FaultGate, faults=self.faults, but=_TOKEN_PATH)],
            exception_handlers={404: _not_simulated, 405: _not_simulated},
        )
        app.router.redirect_slashes = False
        return app

    def expire_access(self, email: str) -> None:
        """Run out this person's access tokens; renewal still works."""
        self.grants.expire_access(email)

    def revoke(self, email: str) -> None:
        """End this person's sign-in altogether: access tokens, and any renewal."""
        self.grants.revoke(email)

    def is_signed_in(self, email: str) -> bool:
        """Whether the product could still renew a sign-in of this person."""
        return self.grants.is_signed_in(email)

    def person_for(self, access_token: str) -> Person | None:
        """Whose access token this is, while it is good."""
        return self.people.get(self.grants.email_for(access_token) or "")

    async def _authorize(self, request: Request) -> Response:
        try:
            ask = self._ask(request.url.query)
        except BadAsk as error:
            return self._page(request, "refusal.html", status=400, error=error)
        return self._page(request, "consent.html", ask=ask, people=list(self.people.values()))

    async def _decide(self, request: Request) -> Response:
        form = (await request.body()).decode()
        try:
            ask = self._ask(form)
            return RedirectResponse(self._decision(ask), 302, _NO_STORE)
        except BadAsk as error:
            return self._page(request, "refusal.html", status=400, error=error)

    def _ask(self, encoded: str) -> Ask:
        pairs = parse_qsl(encoded, keep_blank_values=True)
        return read_ask(pairs, client_id=self._client_id, redirect_uris=self.redirect_uris)

    def _decision(self, ask: Ask) -> str:
        decision = ask.given.get("decision")
        if decision == "decline":
            return ask.back(error="access_denied", error_description="User did not authorize the request")
        if decision in REFUSALS:
            return ask.back(error=decision, error_description=REFUSALS[decision])
        if decision != "allow":
            raise BadAsk("decision", "it must be allow or decline")
        email = ask.given.get("person", "")
        if email not in self.people:
            raise BadAsk("person", "nobody of that name can sign in")
        return ask.back(code=self.grants.code(email, redirect_uri=ask.redirect_uri, challenge=ask.challenge))

    def _page(
        self, request: Request, name: str, *, status: int = 200, ask: Ask | None = None, **values: object
    ) -> Response:
        prefix = request.scope.get("root_path", "")
        html = _TEMPLATES.get_template(name).render(ask=ask, prefix=prefix, **values)
        return HTMLResponse(html, status, {**_NO_STORE, "Content-Security-Policy": _policy(ask)})

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        for before in self.on_token_request.before:
            await _called(before(form or {}))
        answer = await self._answered(form, issuer=str(request.base_url))
        for after in self.on_token_request.after:
            await _called(after(self.token_log[-1]))
        return answer

    async def _answered(self, form: dict[str, str] | None, *, issuer: str) -> Response:
        grant_type = (form or {}).get("grant_type", "")
        fault = await self.faults.meet(_TOKEN_PATH)
        if fault is not None:
            self._log(grant_type, f"fault {fault.status_code}", fault.status_code)
            return fault
        try:
            pair = self._exchange(form)
        except Refused as refused:
            self._log(grant_type, refused.error, refused.status)
            return _refused(refused)
        self._log(grant_type, "issued", 200, pair.email)
        return JSONResponse(self._tokens(pair, issuer), headers=_NO_STORE)

    def _exchange(self, form: dict[str, str] | None) -> Pair:
        if form is None:
            raise Refused("invalid_request", "The body must be form-encoded, each parameter once", status=400)
        self._check_client(form)
        if _required(form, "grant_type") == "authorization_code":
            code, redirect_uri = _required(form, "code"), _required(form, "redirect_uri")
            return self.grants.redeem(code, redirect_uri=redirect_uri, verifier=form.get("code_verifier"))
        if form["grant_type"] == "refresh_token":
            token, redirect_uri = _required(form, "refresh_token"), _required(form, "redirect_uri")
            if redirect_uri not in self.redirect_uris:
                raise Refused("invalid_request", "The redirect URI is not registered", status=400)
            return self.grants.renew(token)
        raise Refused("unsupported_grant_type", "Unsupported grant type")

    def _check_client(self, form: dict[str, str]) -> None:
        known = hmac.compare_digest(form.get("client_id", "").encode(), self._client_id.encode())
        proven = hmac.compare_digest(form.get("client_secret", "").encode(), self._client_secret.encode())
        if not (known and proven):
            raise Refused("invalid_client", status=401)

    def _tokens(self, pair: Pair, issuer: str) -> dict[str, object]:
        person = self.people[pair.email]
        statement = id_token(
            person, issuer=issuer, client_id=self._client_id, client_secret=self._client_secret, now=self._now()
        )
        return {
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "id_token": statement,
            "scope": self.granted_scope,
            "expires_in": self.grants.access_seconds,
            "token_type": "Bearer",
        }

    async def _revoke(self, request: Request) -> Response:
        try:
            form = await _form(request) or {}
            self._check_client(form)
            self.grants.forget(_required(form, "token"))
        except Refused as refused:
            return _refused(refused)
        return Response(status_code=200)

    def _log(self, grant_type: str, outcome: str, status: int, email: str = "") -> None:
        self.token_log.append(TokenRequest(self._now(), grant_type, outcome, status, email))


async def _called(result: Awaitable[None] | None) -> None:
    if result is not None:
        await result


async def _form(request: Request) -> dict[str, str] | None:
    """The form, or None when it is not one or says something twice."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _required(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise Refused("invalid_request", f"Missing required parameter: {name}", status=400)
    return form[name]


def _refused(refused: Refused) -> Response:
    described = {"error_description": refused.description} if refused.description else {}
    return JSONResponse({"error": refused.error, **described}, refused.status, _NO_STORE)


def _policy(ask: Ask | None) -> str:
    """Browsers hold the redirect after a form to `form-action` too, so the client's own origin belongs in it."""
    back = urlsplit(ask.redirect_uri) if ask else None
    forms = f"'self' {back.scheme}://{back.netloc}" if back else "'none'"
    return f"default-src 'none'; style-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"


async def _stylesheet(_: Request) -> Response:
    return FileResponse(_PAGES / "sandbox.css", media_type="text/css")


async def _not_simulated(request: Request, _: Exception) -> Response:
    return JSONResponse({"error": f"the sandbox does not simulate {request.method} {path_within(request.scope)}"}, 501)
