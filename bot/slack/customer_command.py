"""The words after a customer: each listener module has a table of its own, put together at the command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.features.access.model.authorization import Asker
from bot.features.card.model.customer_command import CustomerCommand
from bot.features.customers.model.lookup import CustomerCard
from bot.services import Services
from bot.slack.views.message import Message


@dataclass(frozen=True, slots=True)
class Typed:
    """`/customer REF WORD rest`, by whom, and the card of the customer as the asker may see it just now."""

    services: Services
    asker: Asker
    asked: CustomerCommand
    card: CustomerCard
    now: datetime
    command: Mapping[str, Any]
    client: AsyncWebClient


Handle = Callable[[Typed], Awaitable[Message | None]]
