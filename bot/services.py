"""The container of all services, for listeners, routes and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.coordination.background_tasks import BackgroundTasks
from bot.coordination.limits import Limits
from bot.coordination.sage_throttle import SageGates
from bot.features.access.service.access_requests import AccessRequests
from bot.features.access.service.admins import Admins
from bot.features.access.service.deciders import Deciders
from bot.features.access.service.members import Members
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.user_groups import UserGroups
from bot.features.access.service.visibility import ChannelVisibility
from bot.features.account_detail.service import AccountDetail
from bot.features.admin.service.roles import Roles
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.alerts.service.publisher import AlertPublisher
from bot.features.assistant.service.answer_counts import AnswerCounts
from bot.features.assistant.service.conversation import Conversation
from bot.features.assistant.service.handlers import QuestionHandlers
from bot.features.assistant.service.memory import Memory
from bot.features.audit.model.hash_chain import ACCESS, CHANGES
from bot.features.audit.service.log import AuditLog
from bot.features.audit.service.read_log import ReadLog
from bot.features.audit.service.reader import AuditReader
from bot.features.audit.service.retention import AuditRetention
from bot.features.connections.service.connect_link import ConnectLinks
from bot.features.connections.service.connections import Connections, OpenSage
from bot.features.connections.service.succession import Succession
from bot.features.connections.service.verification_code import Verification
from bot.features.connections.service.workspace_connection import SignInLifetime, WorkspaceConnections
from bot.features.customers.service.company_examples import CompanyExamples
from bot.features.customers.service.copy import CachedData
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.elsewhere import Elsewhere
from bot.features.customers.service.listing import Lists
from bot.features.customers.service.lookup import Customers
from bot.features.customers.service.mentions import MentionedCustomers
from bot.features.customers.service.own_access import OwnAccess
from bot.features.customers.service.type_ahead import TypeAhead
from bot.features.delivery.service.outbox import Outbox
from bot.features.delivery.service.placement import MessagePoster
from bot.features.delivery.service.standstills import Standstills
from bot.features.delivery.service.welcome import RoleWelcomes
from bot.features.holds.service.account_change import AccountWriter
from bot.features.holds.service.change_hold import ChangeHold
from bot.features.holds.service.change_limit import ChangeLimit
from bot.features.holds.service.later import ActingLater
from bot.features.holds.service.read_back import ReadBack
from bot.features.holds.service.recover_intents import IntentRecovery
from bot.features.holds.service.write_notes import HoldNoteWriter
from bot.features.home.service import HomeReader
from bot.features.installations.service.block_refusals import BlockRefusals
from bot.features.installations.service.bot_tokens import BotTokens, Rotate
from bot.features.installations.service.installations import Installations
from bot.features.installations.service.seen_requests import SeenRequests
from bot.features.mirror.service.mirror import Mirror
from bot.features.mirror.service.reader_connection import ReaderConnections
from bot.features.on_hold.service.history import HoldHistories
from bot.features.on_hold.service.list import OnHold
from bot.features.on_hold.service.rankings import Rankings
from bot.features.overdue.service.ageing import Ageing
from bot.features.overdue.service.debts import Debts
from bot.features.overdue.service.ledger_totals import Ledger
from bot.features.overdue.service.list import OverdueAccounts
from bot.features.overdue.service.snooze import Snoozing
from bot.features.personal_data.service.personal_data import PersonalData
from bot.features.personal_data.service.retention import DataRetention
from bot.features.promises.service.disputes import Disputes
from bot.features.promises.service.judging import PromiseJudge
from bot.features.promises.service.promises import Promises
from bot.features.release_requests.service.requests import ReleaseRequests
from bot.features.sharing.service import Sharing
from bot.features.subscriptions.service.customer_snoozes import CustomerSnoozes
from bot.features.subscriptions.service.subscriptions import Subscriptions
from bot.features.subscriptions.service.watching import Watching
from bot.features.team.service.grants import TeamGrants
from bot.features.team.service.team import TeamReader
from bot.features.temporary_releases.service.releases import TemporaryReleases
from bot.features.tokens.service.sage_tokens import SageTokens
from bot.sage.auth import SageId
from storage.cipher import Cipher
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """All services of the product. `object_url` is where Work Objects have their addresses; empty: they are off."""

    database: Database
    limits: Limits
    sessions: Sessions
    admins: Admins
    succession: Succession
    roles: Roles
    access_requests: AccessRequests
    team: TeamReader
    team_grants: TeamGrants
    settings: WorkspaceSettings
    installations: Installations
    block_refusals: BlockRefusals
    object_url: str
    seen_requests: SeenRequests
    connect_links: ConnectLinks
    verification: Verification
    connections: Connections
    permission: CachePermission
    customers: Customers
    elsewhere: Elsewhere
    examples: CompanyExamples
    account_detail: AccountDetail
    debts: Debts
    overdue: OverdueAccounts
    ageing: Ageing
    snoozing: Snoozing
    sage_tokens: SageTokens
    bot_tokens: BotTokens
    workspace_connections: WorkspaceConnections
    outbox: Outbox
    standstills: Standstills
    alerts: AlertPublisher
    subscriptions: Subscriptions
    customer_snoozes: CustomerSnoozes
    on_hold: OnHold
    hold_histories: HoldHistories
    rankings: Rankings
    ledger: Ledger
    readers: ReaderConnections
    mirror: Mirror
    hold_changes: ChangeHold
    limit_changes: ChangeLimit
    temporary_releases: TemporaryReleases
    promises: Promises
    promise_judge: PromiseJudge
    disputes: Disputes
    release_requests: ReleaseRequests
    intent_recovery: IntentRecovery
    hold_notes: HoldNoteWriter
    audit: AuditLog
    audit_reader: AuditReader
    audit_retention: AuditRetention
    read_log: ReadLog
    data_retention: DataRetention
    personal_data: PersonalData
    conversation: Conversation
    answer_counts: AnswerCounts
    sharing: Sharing
    watching: Watching
    type_ahead: TypeAhead
    mentions: MentionedCustomers
    home: HomeReader


def assemble(
    *,
    database: Database,
    cipher: Cipher,
    sage_id: SageId,
    open_sage: OpenSage,
    life: SignInLifetime,
    retention: timedelta,
    history: timedelta,
    keep_record: timedelta,
    keep_access: timedelta,
    heavy_reads: int,
    sync_interval: timedelta,
    public_url: str,
    posting: MessagePoster,
    block_refusals: BlockRefusals,
    object_url: str,
    rotate: Rotate,
    clock: Callable[[], datetime],
    work: BackgroundTasks,
    limits: Limits,
) -> Services:
    """Return the services, made from the storage, Sage and Slack adapters below them."""
    audit = AuditLog(cipher=cipher)
    sage_tokens = SageTokens(database=database, cipher=cipher, sage_id=sage_id, audit=audit, clock=clock)
    gates = SageGates(database=database, clock=clock, heavy_at_once=heavy_reads)
    bot_tokens = BotTokens(database=database, cipher=cipher, rotate=rotate, clock=clock)
    audit_retention = AuditRetention(
        database=database, cipher=cipher, audit=audit, keep={CHANGES: keep_record, ACCESS: keep_access}
    )
    seen_requests = SeenRequests(database)
    installations = Installations(
        database=database,
        cipher=cipher,
        tokens=bot_tokens,
        seen=seen_requests,
        retention=retention,
        audit=audit,
        audit_retention=audit_retention,
    )
    user_groups = UserGroups(installations=installations, slack_directory=posting, clock=clock)
    sessions = Sessions(database=database, user_groups=user_groups, slack_directory=posting, clock=clock)
    connections = Connections(
        database=database, sage_tokens=sage_tokens, life=life, gates=gates, open_sage=open_sage, audit=audit
    )
    admins = Admins(database=database, slack_directory=posting)
    members = Members(installations=installations, slack_directory=posting, clock=clock)
    permission = CachePermission(database=database, audit=audit)
    own_access = OwnAccess(connections=connections, permission=permission)
    customers = Customers(connections=connections, cached_data=CachedData(database=database, permission=permission))
    elsewhere = Elsewhere(database=database, connections=connections, sessions=sessions)
    alerts = AlertPublisher(database=database, clock=clock)
    connect_links = ConnectLinks(
        database=database,
        cipher=cipher,
        sage_id=sage_id,
        sage_tokens=sage_tokens,
        public_url=public_url,
        limits=limits,
    )
    subscriptions = Subscriptions(
        database=database, sessions=sessions, connections=connections, customers=customers, audit=audit
    )
    hold_histories = HoldHistories(database=database)
    lists = Lists(database=database, connections=connections, customers=customers, permission=permission)
    on_hold = OnHold(database=database, lists=lists)
    watching = Watching(connections=connections, subscriptions=subscriptions)
    settings = WorkspaceSettings(database=database, sessions=sessions, audit=audit)
    rankings = Rankings(database=database, lists=lists)
    ledger = Ledger(database=database, lists=lists)
    overdue = OverdueAccounts(database=database, lists=lists)
    debts = Debts(database=database, sessions=sessions, connections=connections)
    account_detail = AccountDetail(connections=connections, customers=customers, debts=debts)
    readers = ReaderConnections(
        database=database, sage_tokens=sage_tokens, gates=gates, open_sage=open_sage, audit=audit, clock=clock
    )
    read_back = ReadBack(database=database, change_listener=alerts, interval=sync_interval, clock=clock)
    writer = AccountWriter(database=database, read_back=read_back, audit=audit, clock=clock)
    acting_later = ActingLater(installations=installations, sessions=sessions)
    hold_notes = HoldNoteWriter(
        database=database, acting_later=acting_later, connections=connections, audit=audit, work=work, clock=clock
    )
    hold_changes = ChangeHold(connections=connections, writer=writer, notes=hold_notes)
    limit_changes = ChangeLimit(connections=connections, writer=writer)
    temporary_releases = TemporaryReleases(
        database=database,
        acting_later=acting_later,
        connections=connections,
        hold_changes=hold_changes,
        audit=audit,
        clock=clock,
    )
    deciders = Deciders(
        database=database, installations=installations, user_groups=user_groups, slack_directory=posting
    )
    release_requests = ReleaseRequests(
        database=database,
        installations=installations,
        deciders=deciders,
        sessions=sessions,
        elsewhere=elsewhere,
        own_access=own_access,
        connections=connections,
        hold_changes=hold_changes,
        limit_changes=limit_changes,
        temporary_releases=temporary_releases,
        audit=audit,
        clock=clock,
    )
    return Services(
        database=database,
        limits=limits,
        sessions=sessions,
        admins=admins,
        succession=Succession(
            database=database, audit=audit, connections=connections, admins=admins, installations=installations
        ),
        roles=Roles(
            database=database, user_groups=user_groups, connections=connections, customers=customers, audit=audit
        ),
        access_requests=AccessRequests(database=database, audit=audit),
        team=TeamReader(
            database=database,
            connections=connections,
            customers=customers,
            user_groups=user_groups,
            members=members,
        ),
        team_grants=TeamGrants(
            database=database, connections=connections, customers=customers, members=members, audit=audit
        ),
        settings=settings,
        installations=installations,
        block_refusals=block_refusals,
        object_url=object_url,
        seen_requests=seen_requests,
        connect_links=connect_links,
        verification=Verification(
            database=database, cipher=cipher, sage_tokens=sage_tokens, limits=limits, audit=audit
        ),
        connections=connections,
        permission=permission,
        customers=customers,
        elsewhere=elsewhere,
        examples=CompanyExamples(database=database, connections=connections, customers=customers),
        account_detail=account_detail,
        debts=debts,
        ageing=Ageing(database=database, alerts=alerts, clock=clock),
        overdue=overdue,
        snoozing=Snoozing(database=database, connections=connections, audit=audit),
        sage_tokens=sage_tokens,
        bot_tokens=bot_tokens,
        workspace_connections=WorkspaceConnections(database=database, life=life, audit=audit),
        standstills=Standstills(database=database, interval=sync_interval, clock=clock),
        outbox=Outbox(
            database=database,
            installations=installations,
            sessions=sessions,
            own_access=own_access,
            welcomes=RoleWelcomes(
                database=database,
                connections=connections,
                customers=customers,
                connect_links=connect_links,
                slack_directory=posting,
            ),
            posting=posting,
            clock=clock,
        ),
        alerts=alerts,
        subscriptions=subscriptions,
        customer_snoozes=CustomerSnoozes(database=database, audit=audit),
        on_hold=on_hold,
        hold_histories=hold_histories,
        rankings=rankings,
        ledger=ledger,
        readers=readers,
        mirror=Mirror(
            database=database,
            readers=readers,
            change_listener=alerts,
            interval=sync_interval,
            clock=clock,
        ),
        hold_changes=hold_changes,
        limit_changes=limit_changes,
        temporary_releases=temporary_releases,
        promises=Promises(database=database, connections=connections, audit=audit),
        promise_judge=PromiseJudge(database=database, readers=readers, alerts=alerts, audit=audit, clock=clock),
        disputes=Disputes(database=database, connections=connections, deciders=deciders, audit=audit, clock=clock),
        intent_recovery=IntentRecovery(database=database, audit=audit),
        hold_notes=hold_notes,
        release_requests=release_requests,
        audit=audit,
        audit_reader=AuditReader(database=database, audit=audit),
        audit_retention=audit_retention,
        read_log=ReadLog(database=database, audit=audit, clock=clock),
        data_retention=DataRetention(
            database=database, sage_tokens=sage_tokens, audit=audit, retention=retention, history=history
        ),
        personal_data=PersonalData(database=database, sage_tokens=sage_tokens, cipher=cipher, audit=audit),
        conversation=Conversation(
            database=database,
            connections=connections,
            customers=customers,
            elsewhere=elsewhere,
            memory=Memory(database=database, connections=connections),
            handlers=QuestionHandlers(
                database,
                connections,
                customers,
                connect_links,
                on_hold,
                hold_histories,
                watching,
                rankings,
                ledger,
                account_detail,
                debts,
                overdue,
            ).table(),
        ),
        answer_counts=AnswerCounts(database=database),
        sharing=Sharing(
            database=database,
            visibility=ChannelVisibility(database=database, installations=installations, slack_directory=posting),
            customers=customers,
            audit=audit,
        ),
        watching=watching,
        type_ahead=TypeAhead(database=database, connections=connections, permission=permission, elsewhere=elsewhere),
        mentions=MentionedCustomers(database=database, connections=connections, permission=permission),
        home=HomeReader(
            database=database,
            connections=connections,
            customers=customers,
            settings=settings,
            own_access=own_access,
            release_requests=release_requests,
            temporary_releases=temporary_releases,
        ),
    )
