"""Settings: one frozen object read from one mapping, failing loudly by variable name."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

LONGEST_PREFIX = 23
"""Of a command's name, of which Slack takes 32 characters."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_DATABASES = {"sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+psycopg"}
_PREFIX = re.compile(rf"(?:[a-z0-9][a-z0-9_-]{{0,{LONGEST_PREFIX - 1}}})?")
_ENDS = ("ge", "le")
_QUOTES = "'\"`“”„‘’‚«»"
_PASSWORD = re.compile(r"^[^:]+://[^:/]*:([^@]*)@")


class BadSettings(Exception):
    """One line for each setting that is missing or wrong. Values are never repeated: they may be secrets."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _web_address(value: str) -> str:
    parts = urlsplit(value) if _is_readable(value) else None
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc
        or any(mark in value for mark in "?#")
    ):
        raise ValueError("must be an https address such as https://sage.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must start with https:// (plain http is only for this machine)")
    # In small letters, as browsers send it: whether cookies are Secure is read from it.
    return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")


def _public_address(value: str) -> str:
    address = _web_address(value)
    if urlsplit(address).path:
        raise ValueError("must have no path: give the app an address of its own, such as https://sage.example.com")
    return address


def _is_readable(address: str) -> bool:
    """Return whether the URL can be parsed; urllib's own error would repeat the URL, password and all."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _web_folder(value: str) -> str:
    return _web_address(value) + "/"


def _database(value: str) -> str:
    scheme, mark, _ = value.partition("://")
    if not mark or scheme not in _DATABASES:
        raise ValueError("must be a sqlite:/// or postgresql:// address")
    return value


def _key_ring(value: SecretStr) -> SecretStr:
    for text in _unquoted(value.get_secret_value()).split(","):
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ValueError("must be base64 keys of 32 bytes, comma separated; make one with: bot keys new")
    return value


def _unquoted(value: str) -> str:
    """Return the value. Raises ValueError for one in quotation marks."""
    # Docker leaves the quotation marks of an env file in the value, and a document makes curly ones of them.
    if len(value) > 1 and value[0] in _QUOTES and value[-1] in _QUOTES:
        raise ValueError("must be written without quotation marks around it")
    return value


def _plain(value: str) -> str:
    """Return the value. Raises ValueError for one in quotation marks, or with what copying adds within."""
    if any(not " " <= letter <= "~" for letter in _unquoted(value)):
        raise ValueError("must be letters, digits and signs of a plain keyboard: copy it again")
    return value


def _plain_secret(value: SecretStr) -> SecretStr:
    _plain(value.get_secret_value())
    return value


def _command_prefix(value: str) -> str:
    if _PREFIX.fullmatch(value) is None:
        raise ValueError(
            f"must be lower-case letters, digits, hyphens and underscores, {LONGEST_PREFIX} at most, such as sage-"
        )
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
Required = Annotated[str, Field(min_length=1), AfterValidator(_plain)]
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_plain_secret)]


class ManifestSettings(BaseModel):
    """What the app's manifest depends on: it is printed before Slack has given any credentials."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    public_url: Annotated[str, AfterValidator(_public_address)]
    command_prefix: Annotated[str, AfterValidator(_command_prefix)] = ""
    slack_mcp: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the upper-case names; an empty value counts as absent. Raises BadSettings naming each fault."""
        given = {
            name: environ[name.upper()].strip() for name in cls.model_fields if environ.get(name.upper(), "").strip()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise BadSettings(
                [_fault(dict(each), cls.model_fields) for each in error.errors(include_url=False, include_input=False)]
            ) from None


class Settings(ManifestSettings):
    """Every setting of the product. Field names are the variables' names in lower case."""

    host: Required = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    database_url: Annotated[str, AfterValidator(_database), Field(repr=False)] = "sqlite:///data/sage200.db"
    encryption_keys: Annotated[SecretStr, Field(min_length=1), AfterValidator(_key_ring)]
    slack_client_id: Required
    slack_client_secret: Secret
    slack_signing_secret: Secret
    slack_bot_token: Secret | None = None
    slack_tables: bool = True
    slack_work_objects: bool = False
    slack_api_url: Annotated[str, AfterValidator(_web_folder)] = "https://slack.com/api/"
    sage_client_id: Required
    sage_client_secret: Secret
    sage_subscription_key: Secret | None = None
    sage_id_url: WebAddress = "https://id.sage.com"
    sage_api_url: WebAddress = "https://api.columbus.sage.com"
    sage_pkce: bool = True
    sage_sign_in_days: int = Field(default=90, ge=1, le=90)
    sage_sign_in_slides: bool | None = None
    sage_heavy_reads: int = Field(default=1, ge=1, le=10)
    sync_interval: int = Field(default=300, ge=1, le=86400)
    limit_factor: float = Field(default=1.0, ge=0.1, le=1000)
    retention_days: int = Field(default=7, ge=0, le=365)
    history_days: int = Field(default=730, ge=30, le=36525)
    record_days: int = Field(default=2557, ge=30, le=36525)
    access_record_days: int = Field(default=396, ge=30, le=36525)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    sentry_dsn: Secret | None = None
    otel_exporter_otlp_endpoint: WebAddress | None = None
    log_format: Literal["auto", "json", "text"] = "auto"

    @property
    def sage_redirect_uri(self) -> str:
        """Return where Sage ID sends people back to, as it is registered with Sage."""
        return f"{self.public_url}/sage/callback"

    @property
    def served_over_https(self) -> bool:
        """Return False only for a PUBLIC_URL on this machine; cookies are Secure otherwise."""
        return self.public_url.startswith("https://")

    def secrets(self) -> list[str]:
        """Return every secret value, for the log redactor."""
        held = (getattr(self, name) for name in type(self).model_fields)
        texts = [value.get_secret_value() for value in held if isinstance(value, SecretStr)]
        keys = [key.strip() for key in self.encryption_keys.get_secret_value().split(",")]
        password = "".join(_PASSWORD.findall(self.database_url))
        return [text for text in (*texts, *keys, password, unquote(password)) if text]


def database_url(environ: Mapping[str, str]) -> str:
    """Return DATABASE_URL alone, for commands that need nothing else."""
    try:
        given = environ.get("DATABASE_URL", "").strip()
        return _database(given or str(Settings.model_fields["database_url"].default))
    except ValueError as error:
        raise BadSettings([f"DATABASE_URL {error}"]) from None


def environment(folder: Path | None = None) -> dict[str, str]:
    """Return the process's environment over `.env`. A PORT set by a hosting platform means: listen on every address."""
    file = _filled(dotenv_values((folder or Path.cwd()) / ".env"))
    process = _filled(os.environ)
    platform = {"HOST": "0.0.0.0"} if "PORT" in process else {}  # noqa: S104
    return {**platform, **file, **process}


def _filled(variables: Mapping[str, str | None]) -> dict[str, str]:
    """Return the variables that are not empty: an empty one hides no value from elsewhere."""
    return {name: value for name, value in variables.items() if value and value.strip()}


def whole_number_words(least: float | None, most: float | None) -> str:
    """Return that a whole number must stand there, from the least to the most."""
    return f"must be a whole number from {least} to {most}"


def _fault(error: dict[str, object], fields: Mapping[str, FieldInfo]) -> str:
    location = error["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    if error["type"] == "missing":
        return f"{name.upper()} is not set. See .env.example."
    context = error.get("ctx")
    reason = context.get("error") if isinstance(context, dict) else None
    return f"{name.upper()} {reason or _may_stand(fields[name])}"


def _may_stand(field: FieldInfo) -> str:
    """Return what the value must be: pydantic's own words are of types, for programmers."""
    kinds = get_args(field.annotation) or (field.annotation,)
    least, most = (
        next((getattr(each, name) for each in field.metadata if hasattr(each, name)), None) for name in _ENDS
    )
    if bool in kinds:
        return "must be true or false"
    if int in kinds:
        return whole_number_words(least, most)
    if float in kinds:
        return f"must be a number from {least} to {most}"
    *others, last = map(str, kinds)  # of a Literal
    return f"must be {', '.join(others)} or {last}"
