"""The second floor as one value, lent to listeners, routes and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.coordination.sage_throttle import SageGates
from bot.features.access.service.absent_member import AbsentMember
from bot.features.access.service.authorizer import Authorizer
from bot.features.account_detail.service import AccountDetail
from bot.features.admin.service.roles import Roles
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.alerts.service.publisher import AlertPublisher
from bot.features.assistant.service.chooser import Chooser
from bot.features.assistant.service.conversation import Conversation
from bot.features.assistant.service.handlers import QuestionHandlers
from bot.features.assistant.service.memory import Memory
from bot.features.audit.service.log import AuditLog
from bot.features.audit.service.reader import AuditReader
from bot.features.connections.service.connect_link import ConnectLinks
from bot.features.connections.service.connections import Connections, OpenSage
from bot.features.connections.service.verification_code import Verification
from bot.features.connections.service.workspace_connection import SignInLifetime, WorkspaceConnections
from bot.features.customers.service.copy import CachedData
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.lookup import Customers
from bot.features.customers.service.mentions import MentionedCustomers
from bot.features.customers.service.type_ahead import TypeAhead
from bot.features.customers.service.watch_status import WatchStatus
from bot.features.delivery.service.notices import Notices, NoticeSender
from bot.features.delivery.service.outbox import Outbox
from bot.features.delivery.service.placement import MessagePoster
from bot.features.delivery.service.recheck import RecipientRecheck
from bot.features.holds.service.change_hold import ChangeHold
from bot.features.holds.service.read_back import ReadBack
from bot.features.holds.service.recover_intents import IntentRecovery
from bot.features.home.service import HomeReader
from bot.features.installations.service.bot_tokens import BotTokens, Rotate
from bot.features.installations.service.installations import Installations
from bot.features.mirror.service.mirror import Mirror
from bot.features.mirror.service.reader_connection import ReaderConnections
from bot.features.on_hold.service.list import OnHold
from bot.features.on_hold.service.rankings import Rankings
from bot.features.release_requests.service.requests import ReleaseRequests
from bot.features.sharing.service import Sharing
from bot.features.subscriptions.service.subscriptions import Subscriptions
from bot.features.subscriptions.service.watching import Watching
from bot.features.tokens.service.sage_tokens import SageTokens
from bot.sage.auth import SageId
from storage.cipher import Cipher
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the product."""

    database: Database
    access: Authorizer
    roles: Roles
    settings: WorkspaceSettings
    installations: Installations
    connect_links: ConnectLinks
    verification: Verification
    connections: Connections
    admission: CachePermission
    customers: Customers
    documents: AccountDetail
    sage_tokens: SageTokens
    bot_tokens: BotTokens
    workspace_connections: WorkspaceConnections
    notices: Notices
    outbox: Outbox
    alerts: AlertPublisher
    subscriptions: Subscriptions
    on_hold: OnHold
    rankings: Rankings
    mirror: Mirror
    doing: ChangeHold
    release_requests: ReleaseRequests
    intent_recovery: IntentRecovery
    audit: AuditLog
    records: AuditReader
    conversation: Conversation
    sharing: Sharing
    watching: Watching
    type_ahead: TypeAhead
    mentions: MentionedCustomers
    homes: HomeReader


def assemble(
    *,
    database: Database,
    cipher: Cipher,
    sage_id: SageId,
    open_sage: OpenSage,
    life: SignInLifetime,
    retention: timedelta,
    heavy_reads: int,
    sync_interval: timedelta,
    public_url: str,
    delivery: NoticeSender,
    posting: MessagePoster,
    rotate: Rotate,
    clock: Callable[[], datetime],
    chooser: Chooser | None = None,
) -> Services:
    """Put them together from what the floors below and Slack's ports give."""
    audit = AuditLog(cipher=cipher)
    sage_tokens = SageTokens(database=database, cipher=cipher, sage_id=sage_id, clock=clock)
    gates = SageGates(database=database, clock=clock, heavy_at_once=heavy_reads)
    bot_tokens = BotTokens(database=database, cipher=cipher, rotate=rotate, clock=clock)
    installations = Installations(database=database, cipher=cipher, tokens=bot_tokens, retention=retention, audit=audit)
    access = Authorizer(database=database, installations=installations, slack_directory=posting, clock=clock)
    absent_member = AbsentMember(access=access, slack_directory=posting)
    connections = Connections(
        database=database,
        access=access,
        sage_tokens=sage_tokens,
        life=life,
        gates=gates,
        open_sage=open_sage,
        audit=audit,
    )
    admission = CachePermission(database=database, clock=clock)
    copies, watches = CachedData(database=database, admission=admission), WatchStatus(database)
    customers = Customers(connections=connections, copies=copies, watches=watches)
    alerts = AlertPublisher(database=database, clock=clock)
    connect_links = ConnectLinks(
        database=database, cipher=cipher, sage_id=sage_id, sage_tokens=sage_tokens, public_url=public_url
    )
    subscriptions = Subscriptions(
        database=database, access=access, connections=connections, customers=customers, audit=audit
    )
    on_hold = OnHold(database=database, connections=connections, customers=customers, admission=admission)
    watching = Watching(connections=connections, subscriptions=subscriptions, watches=watches)
    settings = WorkspaceSettings(database=database, access=access, audit=audit)
    rankings = Rankings(database=database, connections=connections, customers=customers, admission=admission)
    documents = AccountDetail(access=access, connections=connections, customers=customers)
    read_back = ReadBack(database=database, change_listener=alerts, interval=sync_interval, clock=clock)
    doing = ChangeHold(
        database=database, access=access, connections=connections, read_back=read_back, audit=audit, clock=clock
    )
    return Services(
        database=database,
        access=access,
        roles=Roles(database=database, access=access, connections=connections, customers=customers, audit=audit),
        settings=settings,
        installations=installations,
        connect_links=connect_links,
        verification=Verification(database=database, cipher=cipher, sage_tokens=sage_tokens, audit=audit),
        connections=connections,
        admission=admission,
        customers=customers,
        documents=documents,
        sage_tokens=sage_tokens,
        bot_tokens=bot_tokens,
        workspace_connections=WorkspaceConnections(database=database, access=access, life=life, audit=audit),
        notices=Notices(
            database=database,
            installations=installations,
            recipient_recheck=RecipientRecheck(absent_member),
            delivery=delivery,
            clock=clock,
        ),
        outbox=Outbox(database=database, installations=installations, access=access, posting=posting, clock=clock),
        alerts=alerts,
        subscriptions=subscriptions,
        on_hold=on_hold,
        rankings=rankings,
        mirror=Mirror(
            database=database,
            readers=ReaderConnections(database=database, sage_tokens=sage_tokens, gates=gates, open_sage=open_sage),
            change_listener=alerts,
            interval=sync_interval,
            clock=clock,
        ),
        doing=doing,
        intent_recovery=IntentRecovery(database=database, audit=audit),
        release_requests=ReleaseRequests(
            database=database,
            installations=installations,
            access=access,
            absent_member=absent_member,
            connections=connections,
            doing=doing,
            audit=audit,
            clock=clock,
        ),
        audit=audit,
        records=AuditReader(database=database, access=access, audit=audit),
        conversation=Conversation(
            database=database,
            access=access,
            connections=connections,
            customers=customers,
            memory=Memory(database=database, connections=connections),
            handlers=QuestionHandlers(
                database, connections, connect_links, on_hold, watching, rankings, documents
            ).table(),
            chooser=chooser,
        ),
        sharing=Sharing(database=database, access=access, customers=customers, audit=audit),
        watching=watching,
        type_ahead=TypeAhead(database=database, connections=connections, admission=admission),
        mentions=MentionedCustomers(database=database, connections=connections, admission=admission),
        homes=HomeReader(
            database=database, access=access, connections=connections, customers=customers, settings=settings
        ),
    )
