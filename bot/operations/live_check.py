"""`bot doctor --live`: asks a real Slack and a real Sage 200 what only they can tell. Reads, and changes nothing.

The report has counts, shapes and kinds alone (`live_shapes.py`), so that it can be sent to its makers.
"""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.app import CANNOT_OPEN, Clock, Product, opened, utc_now
from bot.config import BadSettings, Settings
from bot.errors import BotError
from bot.features.installations.scopes import REQUIRED, asked_scopes
from bot.features.installations.service.installations import Bot
from bot.features.mirror.service.rows import CompanyKey
from bot.operations.block_samples import fault_of, samples
from bot.operations.live_shapes import Row, kinds, newest, shapes, signs
from bot.sage.client import SageClient
from bot.sage.ledger import FIELDS as CUSTOMER_FIELDS
from bot.sage.open_items import FIELDS as ITEM_FIELDS
from bot.slack.views.blocks import Block
from storage.queries.connections import workspaces

CONSENT = (
    "This reads from Slack and from Sage 200 with the workspace's own sign-ins: some 20 requests, at most 200 rows "
    "each. Nothing is written there. The report holds counts and kinds, and nothing of a customer or a person. Go on?"
)
_ROWS = "200"
_FAR_AHEAD = "2100-01-01T00:00:00Z"
_TIMEOUT = 20.0
# What is answered may be unlike all that anybody expected: that is worth a line, and the questions go on.
_NO_ANSWER = (BotError, httpx.HTTPError, LookupError, TypeError, ValueError)
_CUSTOMER_KINDS = ("account_type", "account_status_type")
_NEVER = "Not tried: it would write to Sage 200. The first hold or release finds it out."
_CLICK = "Not tried: it needs a person's click. docs/to-try.md says how, under Work Objects."


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a question was answered. `is_well` is None where nothing can be said against it or for it."""

    what: str
    is_well: bool | None
    lines: Sequence[str] = ()

    @property
    def said(self) -> str:
        """Return the outcome as one line of text."""
        mark = {True: "✓", False: "✗", None: "–"}[self.is_well]
        return f"{mark} {self.what}"


@dataclass(slots=True)
class Report:
    """All that was learnt so far."""

    began: datetime
    version: str
    learnt: list[Learnt] = field(default_factory=list)
    is_whole: bool = False

    @property
    def is_good(self) -> bool:
        """Return whether everything was asked and is as the app expects."""
        return self.is_whole and all(each.is_well is not False for each in self.learnt)

    @property
    def text(self) -> str:
        """Return the report as Markdown."""
        lines = [
            "# What a real Slack and a real Sage 200 say",
            "",
            f"Version {self.version}, Python {platform.python_version()}, {self.began:%Y-%m-%d}.",
        ]
        for each in self.learnt:
            lines += ["", f"## {each.said}", "", *(f"- {line}" for line in each.lines)]
        if not self.is_whole:
            lines += ["", "Stopped before its end."]
        return "\n".join(lines) + "\n"


Ask = Callable[[], Awaitable[tuple[bool | None, list[str]]]]


async def check_live(
    settings: Settings,
    report: Report,
    *,
    workspace: str | None,
    progress: Callable[[Learnt], None],
    clock: Clock = utc_now,
) -> None:
    """Ask every question in turn and add to the report. Raises BadSettings where there is nobody to ask as."""
    try:
        async with (
            opened(settings, clock=clock) as product,
            httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as http,
        ):
            chosen = await _chosen(product, workspace)
            async for what, ask in _questions(product, settings, http, chosen, report.began):
                learnt = await _answered(what, ask)
                report.learnt.append(learnt)
                progress(learnt)
    except SQLAlchemyError:
        raise BadSettings([f"{CANNOT_OPEN} Run bot db upgrade first if it is new."]) from None
    report.is_whole = True


async def _chosen(product: Product, slack_id: str | None) -> Bot:
    async with product.services.database.reading() as tx:
        installed = await workspaces.installed(tx)
    found = [each for each in installed if slack_id in {None, each.slack_id}]
    if not found:
        raise BadSettings(["The app isn't installed there: install it at PUBLIC_URL/slack/install, and connect Sage."])
    if len(found) > 1:
        raise BadSettings(["Say which workspace: --workspace " + ", ".join(each.slack_id for each in found)])
    try:
        bot = await product.services.installations.bot_of(found[0].id)
    except BotError as error:
        raise BadSettings([error.message]) from None
    if bot is None:
        raise BadSettings(["The app isn't installed there any more: install it at PUBLIC_URL/slack/install."])
    return bot


async def _questions(
    product: Product, settings: Settings, http: httpx.AsyncClient, bot: Bot, now: datetime
) -> AsyncIterator[tuple[str, Ask]]:
    for kind, blocks in samples().items():
        yield f"Slack takes {kind}", partial(_blocks, http, settings, blocks)
    yield "Slack's scopes", partial(_scopes, http, settings, bot)
    yield "What Slack says of members", partial(_members, http, settings, bot)
    yield "Assistants' tools (MCP)", partial(_mcp, http, settings)
    yield "Work Objects' side pane", _not_tried(_CLICK)
    sage = await _sage(product, bot)
    if sage is None:
        yield (
            "Sage 200",
            _not_tried("Not tried: nobody's sign-in answers for this workspace. /sage connect, then again."),
        )
        return
    yield "Sage 200: sites and companies", partial(_companies, sage)
    for resource, names, of_kind in (
        ("customer_views", CUSTOMER_FIELDS, _CUSTOMER_KINDS),
        ("customers", "id,reference,on_hold,status_reason,credit_limit,date_time_updated", ("account_status_type",)),
        ("sales_transaction_views", ITEM_FIELDS, ("transaction_type",)),
        ("sales_posted_transactions", "id,trader_transaction_type,full_settlement_date", ("trader_transaction_type",)),
        ("sop_orders", "id,document_status,total_gross_value,date_time_updated", ("document_status",)),
        ("sales_ledger_settings", "", ()),
        ("analysis_code_mappings", "", ()),
        ("currencies", "", ()),
    ):
        yield f"Sage 200: {resource}", partial(_rows, sage, resource, names, of_kind, now)
    yield "Sage 200: the signs of transactions", partial(_signs, sage)
    yield "Sage 200: filters, order and selection", partial(_filters, sage)
    yield "Sage 200: which form of a change it takes", _not_tried(_NEVER)


async def _answered(what: str, ask: Ask) -> Learnt:
    try:
        is_well, lines = await ask()
    except _NO_ANSWER as error:
        return Learnt(what, False, [f"No answer: {type(error).__name__}"])
    return Learnt(what, is_well, lines)


def _not_tried(why: str) -> Ask:
    async def ask() -> tuple[bool | None, list[str]]:
        return None, [why]

    return ask


async def _blocks(
    http: httpx.AsyncClient, settings: Settings, blocks: Sequence[Block]
) -> tuple[bool | None, list[str]]:
    fault = await fault_of(http, settings.slack_api_url, blocks)
    return not fault, [fault] if fault else []


async def _scopes(http: httpx.AsyncClient, settings: Settings, bot: Bot) -> tuple[bool | None, list[str]]:
    answer, headers = await _slack(http, settings, bot, "auth.test")
    given = {each.strip() for each in headers.get("x-oauth-scopes", "").split(",") if each.strip()}
    wanted = set(asked_scopes(slack_mcp=settings.slack_mcp))
    missing = sorted(set(REQUIRED) - given)
    lines = [
        f"{len(given & wanted)} of {len(wanted)} given",
        f"needed and missing: {', '.join(missing) or 'none'}",
        f"optional and missing: {', '.join(sorted(wanted - given - set(REQUIRED))) or 'none'}",
        f"given and not asked for: {len(given - wanted)}",
        f"installed for an organisation: {'yes' if answer.get('is_enterprise_install') else 'no'}",
    ]
    return answer.get("ok") is True and not missing, lines


async def _members(http: httpx.AsyncClient, settings: Settings, bot: Bot) -> tuple[bool | None, list[str]]:
    answer, _ = await _slack(http, settings, bot, "users.list", limit="100")
    members = [each for each in answer.get("members") or [] if isinstance(each, dict)]
    names = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "team_id", "tz", "profile")
    return answer.get("ok") is True, [f"{len(members)} members looked at", *_lines(shapes(members, names))]


async def _mcp(http: httpx.AsyncClient, settings: Settings) -> tuple[bool | None, list[str]]:
    answer = await http.post(f"{settings.public_url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    lines = [
        f"an unsigned request is answered {answer.status_code} (401 is right)",
        f"SLACK_MCP is {'on' if settings.slack_mcp else 'off: Slackbot does not ask'}",
    ]
    return answer.status_code == 401, lines


async def _slack(
    http: httpx.AsyncClient, settings: Settings, bot: Bot, method: str, **form: str
) -> tuple[dict[str, Any], httpx.Headers]:
    headers = {"Authorization": f"Bearer {bot.token}"}
    answer = await http.post(f"{settings.slack_api_url}{method}", data=form, headers=headers)
    try:
        said = answer.json()
    except ValueError:
        said = {}
    return said if isinstance(said, dict) else {}, answer.headers


async def _sage(product: Product, bot: Bot) -> SageClient | None:
    async with product.services.database.reading() as tx:
        row = await workspaces.workspace_connection(tx, workspace_id=bot.workspace_id)
    if row is None or row.company_pk is None:
        return None
    try:
        return (await product.services.readers.open(CompanyKey(bot.workspace_id, row.company_pk))).client
    except BotError:
        return None


async def _companies(sage: SageClient) -> tuple[bool | None, list[str]]:
    found = await sage.companies()
    editions = sorted({company.edition.value for company in found})
    sites = len({(company.edition, company.site_id) for company in found})
    return bool(found), [f"{len(found)} companies of {sites} sites, {', '.join(editions)}"]


async def _rows(
    sage: SageClient, resource: str, names: str, of_kind: Sequence[str], now: datetime
) -> tuple[bool | None, list[str]]:
    rows = await sage.rows_of(resource, {"$top": _ROWS})
    wanted = [name for name in names.split(",") if name]
    lines = [f"{len(rows)} rows looked at, {len({name for row in rows for name in row})} fields"]
    lines += [f"of these the app reads {len(wanted)}"] if wanted else []
    lines += _lines(shapes(rows, wanted))
    lines += [f"{name}, kinds: {kinds(rows, name)}" for name in of_kind]
    for name in wanted:
        if name.endswith("date_time_updated"):
            lines.append(f"{name}, newest: {newest(rows, name, now=now)}")
    return True, lines


async def _signs(sage: SageClient) -> tuple[bool | None, list[str]]:
    rows = await sage.rows_of("sales_transaction_views", {"$top": _ROWS})
    lines = []
    for amount in ("document_gross_value", "document_allocated_value", "document_outstanding_value"):
        lines += [f"{amount}, {kind}: {found}" for kind, found in signs(rows, "transaction_type", amount).items()]
    return None if not rows else True, lines or ["no transactions"]


async def _filters(sage: SageClient) -> tuple[bool | None, list[str]]:
    ahead = await sage.rows_of("customer_views", {"$filter": f"date_time_updated ge {_FAR_AHEAD}", "$top": "5"})
    few = await sage.rows_of("customer_views", {"$select": "id", "$orderby": "id asc", "$top": "5"})
    ids = [_number(row) for row in few]
    kept = {
        "a filter by time": not ahead,
        "$top": len(few) <= 5,
        "$orderby": ids == sorted(ids),
        "$select": all(set(row) <= {"id"} for row in few),
    }
    return all(kept.values()), [f"{name}: {'heeded' if is_kept else 'not heeded'}" for name, is_kept in kept.items()]


def _number(row: Row) -> int:
    found = row.get("id")
    return found if isinstance(found, int) else 0


def _lines(found: Mapping[str, str]) -> list[str]:
    return [f"{name}: {said}" for name, said in found.items()]
