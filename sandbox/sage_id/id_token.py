"""The signed statement of who signed in (OpenID Connect), as Auth0 gives it with offline_access."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from sandbox.sage_id.people import Person

_LIFETIME = timedelta(hours=10)


def id_token(person: Person, *, issuer: str, client_id: str, client_secret: str, now: datetime) -> str:
    """An HS256 JSON web token, signed with the client's own secret."""
    claims = {
        "iss": issuer,
        "sub": f"auth0|{person.email}",
        "aud": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
        "name": person.name,
        "email": person.email,
        "email_verified": True,
    }
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_bare(hmac.digest(client_secret.encode(), signed.encode(), hashlib.sha256))}"


def _part(value: dict[str, Any]) -> str:
    return _bare(json.dumps(value, separators=(",", ":")).encode())


def _bare(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
