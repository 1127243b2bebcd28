"""An office as another one was left: made once by real requests, and taken up by every test that begins there."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import stamina

from tests.scenarios.slack_app import Office
from tests.scenarios.slack_app import office as open_office
from tests.serving import run_in_loop


@dataclass(frozen=True)
class Furnished:
    """The product's database, and an office that is closed, with what Slack, Sage and Sage ID knew at its end."""

    database: Path
    office: Office

    def copy_to(self, office: Office) -> None:
        """Let Slack, Sage and Sage ID know it in a new office too, whose database is a copy."""
        ours, theirs = self.office, office
        # What refers to the clock, the messages or the tokens refers to the new ones.
        memo: dict[int, Any] = {id(ours.clock): theirs.clock}
        pairs = [(ours.sage_id.grants, theirs.sage_id.grants), (ours.sage_id.people, theirs.sage_id.people)]
        kept = [field.name for field in fields(ours.slack.state) if field.name not in {"address", "clock", "posting"}]
        pairs += [(getattr(ours.slack.state, name), getattr(theirs.slack.state, name)) for name in kept]
        memo.update({id(old): new for old, new in pairs})
        for old, new in pairs:
            if isinstance(old, dict):
                new.clear()
                new.update({key: copy.deepcopy(value, memo) for key, value in old.items()})
            elif isinstance(old, list):
                new[:] = copy.deepcopy(old, memo)
            else:
                vars(new).update({name: copy.deepcopy(value, memo) for name, value in vars(old).items()})
        theirs.world.companies[:] = copy.deepcopy(ours.world.companies, memo)
        theirs.world.changes[:] = copy.deepcopy(ours.world.changes, memo)
        theirs.clock.now = ours.clock.now
        theirs.slack.calls.extend(ours.slack.calls)
        theirs.sage_id.token_log.extend(ours.sage_id.token_log)
        theirs.sage.requests.extend(ours.sage.requests)


def furnished(folder: Path, *, begun: Path, furnish: Callable[[Office], Awaitable[Any]]) -> Furnished:
    """Open an office on a copy of the database `begun`, furnish it, and close it."""

    async def make() -> Office:
        with stamina.set_testing(True, attempts=1):
            async with open_office(f"sqlite:///{folder / 'sage.db'}") as office:
                await furnish(office)
                await office.settle()
                return office

    shutil.copy(begun, folder / "sage.db")
    return Furnished(folder / "sage.db", run_in_loop(make()))


async def read_ledger(office: Office) -> None:
    """Have every company's mirror read that is due."""
    await office.product.services.mirror.ensure(most=10)
    for workspace_id, company_pk in await office.product.services.mirror.due(most=10):
        assert await office.product.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
