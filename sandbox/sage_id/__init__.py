"""A simulated Sage ID: sign-in, consent and tokens, as strict as the real one."""

from sandbox.faults import Faults
from sandbox.sage_id.app import SageId, TokenRequest
from sandbox.sage_id.people import Edition, Person

__all__ = ["Edition", "Faults", "Person", "SageId", "TokenRequest"]
