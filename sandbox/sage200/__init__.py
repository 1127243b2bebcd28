"""A simulated Sage 200: companies, their sales ledgers, and the API in front of them."""

from sandbox.sage200.app import Sage200, SeenRequest
from sandbox.sage200.books.company import SandboxCompany
from sandbox.sage200.books.demo_world import demo_world
from sandbox.sage200.books.small_world import small_world
from sandbox.sage200.books.world import World

__all__ = ["Sage200", "SandboxCompany", "SeenRequest", "World", "demo_world", "small_world"]
