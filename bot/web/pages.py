"""HTML pages: readable on a phone, nothing loaded from elsewhere, nothing stored by the browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent


class Pages:
    """Renders the templates, with the headers of every page."""

    def __init__(self, *, sage_id_url: str) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
        )
        self._headers = headers(sage_id_url=sage_id_url)

    def render(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page; the template engine escapes the values."""
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status_code=status, headers=self._headers)


def headers(*, sage_id_url: str) -> dict[str, str]:
    """Return the security headers of every page, with a strict CSP."""
    # Chromium applies form-action to the redirect that follows a form, so Sage ID must be named.
    parts = urlsplit(sage_id_url)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
    }
