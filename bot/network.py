"""The variables that Python's HTTP libraries read by themselves: proxies and certificates."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path

import httpx

from bot.config import BadSettings

# `[::1]` is how an address is written with a port behind it; httpx takes the brackets for a part of a name.
_IN_BRACKETS = re.compile(r"^\[([0-9A-Fa-f:.]+)\]$")


def network_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the values, by name, that are to be written otherwise so that every library takes them.

    Raises BadSettings with a line for each that can't be used. No value is repeated: a proxy's may hold a password.
    """
    # The libraries' own errors are tracebacks, some at the start and some at the first request.
    mended: dict[str, str] = {}
    faults: list[str] = []
    for name, read in _READERS.items():
        value = environ.get(name, "").strip()
        if not value:
            continue
        try:
            taken = read(value)
        except ValueError as error:
            faults.append(f"{name} {error}")
        else:
            mended |= {name: taken} if taken != environ[name] else {}
    if faults:
        raise BadSettings(faults)
    return mended


def _proxy(value: str) -> str:
    # httpx takes an address without its scheme; aiohttp, which asks Slack, doesn't.
    address = value if "://" in value else f"http://{value}"
    if not address.lower().startswith(("http://", "https://")):
        raise ValueError("names a kind of proxy that isn't supported: unset it, or name an http:// one")
    try:
        has_host = bool(httpx.Proxy(address).url.host)
    except (ValueError, httpx.InvalidURL):
        has_host = False
    if not has_host:
        raise ValueError("must be the address of a proxy, such as http://proxy.example.com:3128")
    return address


def _no_proxy(value: str) -> str:
    hosts = [_IN_BRACKETS.sub(r"\1", host.strip()) for host in value.split(",")]
    for place, host in enumerate(hosts, start=1):
        try:
            httpx.URL(_pattern(host))
        except httpx.InvalidURL:
            raise ValueError(
                f"can't be read at its entry {place}: write hosts and addresses with commas between them"
            ) from None
    return ",".join(hosts)


def _pattern(host: str) -> str:
    """Return the pattern that httpx makes of an entry."""
    if "://" in host:
        return host
    try:
        is_v6 = ip_address(host.partition("/")[0]).version == 6
    except ValueError:
        is_v6 = False
    return f"all://[{host}]" if is_v6 else f"all://*{host}"


def _certificate_file(value: str) -> str:
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise ValueError("must name a file of certificates (PEM) that this user can read") from None
    return value


def _certificate_folder(value: str) -> str:
    try:
        next(Path(value).iterdir(), None)
    except OSError:
        raise ValueError("must name a folder of certificates that this user can read") from None
    return value


def _key_log(value: str) -> str:
    try:
        with Path(value).open("a"):
            pass
    except OSError:
        raise ValueError("names a file that can't be written: unset it") from None
    return value


_READERS: dict[str, Callable[[str], str]] = {
    **{name: _proxy for each in ("http_proxy", "https_proxy", "all_proxy") for name in (each, each.upper())},
    **dict.fromkeys(("no_proxy", "NO_PROXY"), _no_proxy),
    "SSL_CERT_FILE": _certificate_file,
    "SSL_CERT_DIR": _certificate_folder,
    "SSLKEYLOGFILE": _key_log,
}
