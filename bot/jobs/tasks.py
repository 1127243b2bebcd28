"""What the worker does. `find` methods turn due rows into jobs; `JOBS` says which service call each job is.

The rows are the state of record: a job that is lost is found again, and one that runs twice does no harm.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.coordination.each_alone import each_alone
from bot.jobs.job import Dispatch, Job
from bot.observability.metrics import DIFFERING
from bot.services import Services

_MOST = 500  # rows a look; what is left is still due at the next one

HasLeft = Callable[[str, str], Awaitable[bool]]
"""(workspace id, user id): whether Slack says that this person was deactivated."""


@dataclass(frozen=True, slots=True)
class Finders:
    """What the timetable runs: cheap looks at rows, in every process that keeps one."""

    services: Services
    dispatch: Dispatch

    async def refreshes(self) -> None:
        """Sage sign-ins that end soon, and those whose renewal a killed process left half done."""
        due = await self.services.sage_tokens.due(most=_MOST)
        await self.dispatch.defer(
            *(
                Job(
                    "refresh_sign_in",
                    key=connection_id,
                    args={"workspace_id": workspace_id, "connection_id": connection_id, "version": version},
                )
                for workspace_id, connection_id, version in due
            )
        )

    async def rotations(self) -> None:
        """Slack tokens that end soon, where Slack rotates them."""
        due = await self.services.bot_tokens.due(most=_MOST)
        await self.dispatch.defer(
            *(
                Job("rotate_bot_token", key=workspace_id, args={"workspace_id": workspace_id, "version": version})
                for workspace_id, version in due
            )
        )

    async def outbox(self) -> None:
        """Alerts and notices to post: one job for each target."""
        due = await self.services.outbox.due(most=_MOST)
        await self.dispatch.defer(*(_of_target("post_target", *each) for each in due))

    async def paused_targets(self) -> None:
        """Channels where nothing could be posted."""
        due = await self.services.outbox.closed(most=_MOST)
        await self.dispatch.defer(*(_of_target("look_again", *each) for each in due))

    async def digests(self) -> None:
        """Digests whose time has come."""
        if await self.services.alerts.digests_due():
            await self.dispatch.defer(Job("queue_digests"))

    async def syncs(self) -> None:
        """Companies to look at for changes."""
        await self.services.mirror.ensure(most=_MOST)
        due = await self.services.mirror.due(most=_MOST)
        await self.dispatch.defer(*(_of_company("sync_company", *each) for each in due))

    async def reconciles(self) -> None:
        """Companies to read as a whole."""
        due = await self.services.mirror.due_reconciles(most=_MOST)
        await self.dispatch.defer(*(_of_company("reconcile_company", *each) for each in due))

    async def ageings(self) -> None:
        """Companies whose late debt is to be judged."""
        due = await self.services.ageing.due(most=_MOST)
        await self.dispatch.defer(*(_of_company("judge_debts", *each) for each in due))

    async def promises(self) -> None:
        """Companies with promises to pay that are over, or whose customers' balances moved."""
        due = await self.services.promise_judge.due(most=_MOST)
        await self.dispatch.defer(*(_of_company("judge_promises", *each) for each in due))

    async def reholds(self) -> None:
        """Accounts that are off hold for a time, which is over or to be looked at."""
        due = await self.services.temporary_releases.due(most=_MOST)
        await self.dispatch.defer(
            *(
                Job("rehold", key=str(release_id), args={"workspace_id": workspace_id, "release_id": release_id})
                for workspace_id, release_id in due
            )
        )

    async def differences(self) -> None:
        """Count the balances that differ from the open items, for the operator."""
        DIFFERING.set(await self.services.mirror.differing())

    async def take_overs(self) -> None:
        """Workspaces whose own sign-in doesn't serve while a deputy's could."""
        due = await self.services.succession.due_take_overs(most=_MOST)
        await self.dispatch.defer(*(Job("take_over", key=each, args={"workspace_id": each}) for each in due))

    async def clearing(self) -> None:
        """Forget what is over: a job for each kind, so that none waits for another."""
        await self.dispatch.defer(
            Job("revoke_unfinished"),
            Job("settle_intents"),
            Job("write_hold_notes"),
            Job("expire_requests"),
            Job("remind_requests"),
            Job("clear_away"),
        )

    async def standstills(self) -> None:
        """Copies that have grown old, or are read again."""
        await self.dispatch.defer(Job("look_at_copies"))

    async def retention(self) -> None:
        """Delete what is past its retention."""
        await self.dispatch.defer(Job("retire_old"))

    async def warnings(self) -> None:
        """Sign-ins that end within two weeks."""
        await self.dispatch.defer(Job("warn_ending"))

    async def owners(self) -> None:
        """Check that the owners of workspace connections are still members."""
        await self.dispatch.defer(Job("check_owners"))


def _of_company(name: str, workspace_id: str, company_pk: int) -> Job:
    return Job(name, key=str(company_pk), args={"workspace_id": workspace_id, "company_pk": company_pk})


def _of_target(name: str, workspace_id: str, target_id: str) -> Job:
    return Job(name, key=f"{workspace_id}:{target_id}", args={"workspace_id": workspace_id, "target_id": target_id})


@dataclass(frozen=True, slots=True)
class Tasks:
    """The jobs by name, each one service call."""

    services: Services
    clock: Callable[[], datetime]
    has_left: HasLeft

    async def run(self, job: Job) -> None:
        """Do one. Raises KeyError for a name that this version doesn't know."""
        await _JOBS[job.name](self, **job.args)

    async def refresh_sign_in(self, workspace_id: str, connection_id: str, version: int) -> None:
        """Renew one Sage sign-in."""
        await self.services.sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)

    async def rotate_bot_token(self, workspace_id: str, version: int) -> None:
        """Rotate one Slack token."""
        await self.services.bot_tokens.refresh(workspace_id=workspace_id, version=version)

    async def post_target(self, workspace_id: str, target_id: str) -> None:
        """Post what is due to one channel or person."""
        await self.services.outbox.post_target(workspace_id=workspace_id, target_id=target_id)

    async def look_again(self, workspace_id: str, target_id: str) -> None:
        """Resume a target that takes messages again."""
        await self.services.outbox.look_again(workspace_id=workspace_id, target_id=target_id)

    async def queue_digests(self) -> None:
        """Write the digests that are due."""
        await self.services.alerts.queue_digests(self.clock())

    async def sync_company(self, workspace_id: str, company_pk: int) -> None:
        """Bring one company's mirror up to date."""
        await self.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)

    async def reconcile_company(self, workspace_id: str, company_pk: int) -> None:
        """Compare one company's mirror with everything Sage has."""
        await self.services.mirror.reconcile(workspace_id=workspace_id, company_pk=company_pk)

    async def judge_debts(self, workspace_id: str, company_pk: int) -> None:
        """Judge one company's late debt, and tell whose has reached how many days."""
        await self.services.ageing.judge(workspace_id=workspace_id, company_pk=company_pk)

    async def judge_promises(self, workspace_id: str, company_pk: int) -> None:
        """Judge one company's promises to pay by what was received."""
        await self.services.promise_judge.judge(workspace_id=workspace_id, company_pk=company_pk)

    async def rehold(self, workspace_id: str, release_id: int) -> None:
        """Put one account on hold again if the time for which it was released is over."""
        await self.services.temporary_releases.look(workspace_id=workspace_id, release_id=release_id)

    async def take_over(self, workspace_id: str) -> None:
        """Let a deputy's sign-in answer for one workspace."""
        await self.services.succession.take_over(workspace_id, now=self.clock())

    async def revoke_unfinished(self) -> None:
        """Revoke sign-ins that were never finished at Sage ID, and erase them."""
        await self.services.verification.clear_away(now=self.clock())

    async def settle_intents(self) -> None:
        """Close holds and releases whose outcome was left open."""
        await self.services.intent_recovery.settle(now=self.clock())

    async def write_hold_notes(self) -> None:
        """Write to Sage the alerts and memos of holds that are due."""
        await self.services.hold_notes.write_due()

    async def expire_requests(self) -> None:
        """Close release requests that are overdue, or whose customer is released or gone."""
        await self.services.release_requests.expire(now=self.clock())

    async def remind_requests(self) -> None:
        """Remind people of requests that have waited for some working hours."""
        await self.services.release_requests.remind(now=self.clock())

    async def clear_away(self) -> None:
        """Spent states, old request keys, workspaces that left long ago."""
        await self.services.succession.clear_away(now=self.clock())
        await self.services.installations.clear_away(now=self.clock())

    async def look_at_copies(self) -> None:
        """Tell admins of copies that have grown old, and of those that are read again."""
        await self.services.standstills.look_at_copies(now=self.clock())

    async def retire_old(self) -> None:
        """History, copies that nobody needs, dead sign-ins, people who left, and the oldest months of the record."""
        now, services = self.clock(), self.services
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "history": lambda: services.data_retention.clear_away(now=now),
            "people": lambda: services.data_retention.withdraw_left(self.has_left, now=now),
            "record": lambda: services.audit_retention.clear_away(now=now),
        }
        await each_alone(steps, lambda name: steps[name](), task="delete what is old", ids=lambda name: {"of": name})

    async def warn_ending(self) -> None:
        """Warn owners before Sage ends their sign-in."""
        await self.services.workspace_connections.warn_ending(now=self.clock())

    async def check_owners(self) -> None:
        """Slack tells us of a deactivation only once; this is for the time that we were not listening."""
        await each_alone(
            await self.services.workspace_connections.owners(),
            self._check_owner,
            task="check an owner",
            ids=lambda owner: {"workspace": owner[0]},
        )

    async def _check_owner(self, owner: tuple[str, str]) -> None:
        workspace_id, user_id = owner
        if await self.has_left(workspace_id, user_id):
            await self.services.workspace_connections.owner_left(
                workspace_id=workspace_id, user_id=user_id, now=self.clock()
            )


_JOBS: dict[str, Callable[..., Awaitable[None]]] = {
    task.__name__: task
    for task in (
        Tasks.refresh_sign_in,
        Tasks.rotate_bot_token,
        Tasks.post_target,
        Tasks.look_again,
        Tasks.queue_digests,
        Tasks.sync_company,
        Tasks.reconcile_company,
        Tasks.judge_debts,
        Tasks.judge_promises,
        Tasks.rehold,
        Tasks.revoke_unfinished,
        Tasks.settle_intents,
        Tasks.write_hold_notes,
        Tasks.expire_requests,
        Tasks.remind_requests,
        Tasks.take_over,
        Tasks.clear_away,
        Tasks.look_at_copies,
        Tasks.retire_old,
        Tasks.warn_ending,
        Tasks.check_owners,
    )
}
