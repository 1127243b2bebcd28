"""The type of the handlers for words after a customer. Each feature has a table of its own; `/customer` joins them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.features.card.model.customer_command import CustomerCommand
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.interaction import Interaction
from bot.slack.views.message import Message

CustomerHandle = Callable[[Interaction, CustomerCommand, CustomerCard], Awaitable[Message | None]]
"""Handles `/customer REF WORD rest`: takes the parsed command and the customer's card as the asker may see it."""
