"""What an outbox of a test's own welcomes people with."""

from __future__ import annotations

from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.delivery.service.welcome import RoleWelcomes
from bot.services import Services


def welcomes_of(services: Services, slack_directory: SlackDirectory) -> RoleWelcomes:
    """As the product has them, but asking this Slack."""
    return RoleWelcomes(
        database=services.database,
        connections=services.connections,
        customers=services.customers,
        connect_links=services.connect_links,
        slack_directory=slack_directory,
    )
