"""The simulated Sage as its own tests drive it: a clock to turn, a person to sign in, a company to ask."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from sandbox.sage200 import Sage200, SandboxCompany, World, small_world
from sandbox.sage_id import SageId

BACK = "https://app.example.test/sage/callback"
CLIENT = {"client_id": "test-client", "client_secret": "test-secret"}
VERIFIER = "a-verifier-of-the-least-length-that-rfc-7636-has"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PRIYA = "priya@example.test"
GEORGE = "george@example.test"
NOBODY = "nobody@example.test"
ASK = {
    "response_type": "code",
    "client_id": CLIENT["client_id"],
    "redirect_uri": BACK,
    "audience": "s200ukipd/sage200",
    "scope": "openid profile email offline_access",
    "state": "a state/with+marks",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@dataclass(slots=True)
class Clock:
    """A clock that only moves when told."""

    now: datetime = datetime(2025, 3, 3, 9, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class Sandbox:
    """Sage ID and Sage 200 side by side, over a small world."""

    world: World = field(default_factory=small_world)
    clock: Clock = field(default_factory=Clock)
    overlap_seconds: float = 0
    sign_in: SageId = field(init=False)
    sage: Sage200 = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in = SageId(**CLIENT, redirect_uris=[BACK], clock=self.clock, overlap_seconds=self.overlap_seconds)
        self.sage = Sage200(world=self.world, sign_in=self.sign_in, clock=self.clock)

    async def authorize(self, **changes: Any) -> httpx.Response:
        """The consent page; None leaves a parameter out."""
        return await send(self.sign_in.app, "GET", "/authorize", params=_changed(ASK, changes))

    async def decide(self, email: str = PRIYA, decision: str = "allow", **changes: Any) -> httpx.Response:
        """Press a button on the consent page."""
        form = {**_changed(ASK, changes), "person": email, "decision": decision}
        return await send(self.sign_in.app, "POST", "/authorize/decision", data=form)

    async def code(self, email: str = PRIYA, **changes: Any) -> str:
        """The code that an Allow sends back."""
        return answer_of(await self.decide(email, **changes))["code"]

    async def token(self, **form: Any) -> httpx.Response:
        """POST to the token endpoint with the client's credentials."""
        return await send(self.sign_in.app, "POST", "/oauth/token", data=_changed(CLIENT, form))

    async def redeem(self, code: str, **changes: Any) -> httpx.Response:
        """Exchange a code."""
        usual: dict[str, Any] = {"redirect_uri": BACK, "code_verifier": VERIFIER}
        return await self.token(**{"grant_type": "authorization_code", "code": code, **usual, **changes})

    async def renew(self, refresh_token: str) -> httpx.Response:
        """Exchange a refresh token."""
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, redirect_uri=BACK)

    async def revoke(self, token: str) -> httpx.Response:
        """POST to the revocation endpoint."""
        return await send(self.sign_in.app, "POST", "/oauth/revoke", data={**CLIENT, "token": token})

    async def tokens(self, email: str = PRIYA) -> dict[str, Any]:
        """A whole sign-in."""
        return dict((await self.redeem(await self.code(email))).json())

    async def asked(
        self, path: str, *, by: str = PRIYA, company: int | SandboxCompany = 0, raw: str = "", **parameters: Any
    ) -> httpx.Response:
        """A signed-in GET of one company; parameters by their names without the dollar, or a raw query."""
        books = company if isinstance(company, SandboxCompany) else self.world.companies[company]
        headers = {**self.bearer(by), "X-Site": books.site_id, "X-Company": str(books.company_id)}
        query = raw or "&".join(f"${name}={quote(value)}" for name, value in parameters.items())
        return await self.get(f"{prefix(books)}/{path}?{query}".rstrip("?"), headers)

    async def put(
        self, number: int = 27828, *, by: str = PRIYA, company: int = 0, content: bytes | None = None, **changes: Any
    ) -> httpx.Response:
        """A signed-in change of a customer; `content` is sent as it is."""
        books = self.world.companies[company]
        headers = {**self.bearer(by), "X-Site": books.site_id, "X-Company": str(books.company_id)}
        body = {"content": content, "headers": headers | {"Content-Type": "application/json"}} if content else {}
        sent = body or {"json": changes, "headers": headers}
        return await send(self.sage.app, "PUT", f"{prefix(books)}/customers/{number}", **sent)

    async def sent(self, method: str, path: str, *, by: str = PRIYA, **body: Any) -> httpx.Response:
        """A signed-in change of the first company."""
        books = self.world.companies[0]
        headers = {**self.bearer(by), "X-Site": books.site_id, "X-Company": str(books.company_id)}
        return await send(self.sage.app, method, f"{prefix(books)}/{path}", json=body, headers=headers)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """A GET with just these headers."""
        return await send(self.sage.app, "GET", path, headers=headers)

    def bearer(self, email: str) -> dict[str, str]:
        """A header with a good access token, without going through the sign-in."""
        code = self.sign_in.grants.code(email, redirect_uri=BACK, challenge=None)
        pair = self.sign_in.grants.redeem(code, redirect_uri=BACK, verifier=None)
        return {"Authorization": f"Bearer {pair.access}"}

    async def references(self, path: str = "customer_views", **parameters: Any) -> list[str]:
        """Whom a list names."""
        answer = await self.asked(path, **parameters)
        assert answer.status_code == 200, answer.text
        return [row["reference"] for row in answer.json()]


def prefix(company: SandboxCompany) -> str:
    """The base path of a company's edition."""
    return f"/uk/{'sage200' if company.edition == 'standard' else 'sage200extra'}/accounts/v1"


def answer_of(response: httpx.Response) -> dict[str, str]:
    """The query of a redirect."""
    assert response.status_code == 302, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def _changed(usual: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


async def send(app: Any, method: str, path: str, **request: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox.test") as client:
        return await client.request(method, path, **request)
