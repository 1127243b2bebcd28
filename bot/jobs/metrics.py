"""Prometheus metrics of the copies: no names, no figures of any customer."""

from __future__ import annotations

from prometheus_client import Gauge

DIFFERING = Gauge(
    "sage200_balances_differing_from_open_items",
    "Customers whose balance in Sage differed from their open items in two readings, of all companies.",
)
