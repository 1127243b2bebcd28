"""The second floor as one value, lent to listeners, routes and jobs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.connections import Connections
from bot.services.customers import Customers
from bot.services.installations import Installations
from bot.services.sign_in import SignIns
from bot.services.tokens import Custody
from bot.services.verification import Verification
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the product."""

    database: Database
    installations: Installations
    sign_ins: SignIns
    verification: Verification
    connections: Connections
    customers: Customers
    custody: Custody
