"""The second floor as one value, lent to listeners, routes and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.coordination.sage_throttle import SageGates
from bot.features.access.service.absent_member import StillMay
from bot.features.access.service.authorizer import Access
from bot.features.account_detail.service import Documents
from bot.features.admin.service.roles import Roles
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.alerts.service.publisher import Alerts
from bot.features.assistant.service.chooser import Chooser
from bot.features.assistant.service.conversation import Conversation
from bot.features.assistant.service.handlers import TalkHandlers
from bot.features.assistant.service.memory import Memory
from bot.features.audit.service.log import Audit
from bot.features.audit.service.reader import Records
from bot.features.connections.service.connect_link import SignIns
from bot.features.connections.service.connections import Connections, OpenSage
from bot.features.connections.service.verification_code import Verification
from bot.features.connections.service.workspace_connection import Custodians, SignInLife
from bot.features.customers.service.copy import Copies
from bot.features.customers.service.copy_permission import Admission
from bot.features.customers.service.lookup import Customers
from bot.features.customers.service.mentions import MentionedCustomers
from bot.features.customers.service.type_ahead import TypeAhead
from bot.features.customers.service.watch_status import Watches
from bot.features.delivery.service.notices import Delivery, Notices
from bot.features.delivery.service.outbox import Deliveries
from bot.features.delivery.service.placement import Posting
from bot.features.delivery.service.recheck import StillTold
from bot.features.holds.service.change_hold import Doing
from bot.features.holds.service.read_back import FreshLook
from bot.features.holds.service.recover_intents import LeftDeeds
from bot.features.home.service import Homes
from bot.features.installations.service.bot_tokens import BotTokens, Rotate
from bot.features.installations.service.installations import Installations
from bot.features.mirror.service.mirror import Mirror
from bot.features.mirror.service.reader_connection import Readers
from bot.features.on_hold.service.list import OnHold
from bot.features.on_hold.service.rankings import Rankings
from bot.features.release_requests.service.requests import ReleaseRequests
from bot.features.sharing.service import Sharing
from bot.features.subscriptions.service.subscriptions import Subscriptions
from bot.features.subscriptions.service.watching import Watching
from bot.features.tokens.service.sage_tokens import Custody
from bot.sage.auth import SageId
from storage.cipher import Cipher
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the product."""

    database: Database
    access: Access
    roles: Roles
    settings: WorkspaceSettings
    installations: Installations
    sign_ins: SignIns
    verification: Verification
    connections: Connections
    admission: Admission
    customers: Customers
    documents: Documents
    custody: Custody
    bot_tokens: BotTokens
    custodians: Custodians
    notices: Notices
    deliveries: Deliveries
    alerts: Alerts
    subscriptions: Subscriptions
    on_hold: OnHold
    rankings: Rankings
    mirror: Mirror
    doing: Doing
    release_requests: ReleaseRequests
    left_deeds: LeftDeeds
    audit: Audit
    records: Records
    conversation: Conversation
    sharing: Sharing
    watching: Watching
    type_ahead: TypeAhead
    mentions: MentionedCustomers
    homes: Homes


def assemble(
    *,
    database: Database,
    cipher: Cipher,
    sage_id: SageId,
    open_sage: OpenSage,
    life: SignInLife,
    retention: timedelta,
    heavy_reads: int,
    sync_interval: timedelta,
    public_url: str,
    delivery: Delivery,
    posting: Posting,
    rotate: Rotate,
    clock: Callable[[], datetime],
    chooser: Chooser | None = None,
) -> Services:
    """Put them together from what the floors below and Slack's ports give."""
    audit = Audit(cipher=cipher)
    custody = Custody(database=database, cipher=cipher, sage_id=sage_id, clock=clock)
    gates = SageGates(database=database, clock=clock, heavy_at_once=heavy_reads)
    bot_tokens = BotTokens(database=database, cipher=cipher, rotate=rotate, clock=clock)
    installations = Installations(database=database, cipher=cipher, tokens=bot_tokens, retention=retention, audit=audit)
    access = Access(database=database, installations=installations, onlookers=posting, clock=clock)
    still_may = StillMay(access=access, onlookers=posting)
    connections = Connections(
        database=database, access=access, custody=custody, life=life, gates=gates, open_sage=open_sage, audit=audit
    )
    admission = Admission(database=database, clock=clock)
    copies, watches = Copies(database=database, admission=admission), Watches(database)
    customers = Customers(connections=connections, copies=copies, watches=watches)
    alerts = Alerts(database=database, clock=clock)
    sign_ins = SignIns(database=database, cipher=cipher, sage_id=sage_id, custody=custody, public_url=public_url)
    subscriptions = Subscriptions(
        database=database, access=access, connections=connections, customers=customers, audit=audit
    )
    on_hold = OnHold(database=database, connections=connections, customers=customers, admission=admission)
    watching = Watching(connections=connections, subscriptions=subscriptions, watches=watches)
    settings = WorkspaceSettings(database=database, access=access, audit=audit)
    rankings = Rankings(database=database, connections=connections, customers=customers, admission=admission)
    documents = Documents(access=access, connections=connections, customers=customers)
    fresh_look = FreshLook(database=database, newsroom=alerts, interval=sync_interval, clock=clock)
    doing = Doing(
        database=database, access=access, connections=connections, fresh_look=fresh_look, audit=audit, clock=clock
    )
    return Services(
        database=database,
        access=access,
        roles=Roles(database=database, access=access, connections=connections, customers=customers, audit=audit),
        settings=settings,
        installations=installations,
        sign_ins=sign_ins,
        verification=Verification(database=database, cipher=cipher, custody=custody, audit=audit),
        connections=connections,
        admission=admission,
        customers=customers,
        documents=documents,
        custody=custody,
        bot_tokens=bot_tokens,
        custodians=Custodians(database=database, access=access, life=life, audit=audit),
        notices=Notices(
            database=database,
            installations=installations,
            still_told=StillTold(still_may),
            delivery=delivery,
            clock=clock,
        ),
        deliveries=Deliveries(
            database=database, installations=installations, access=access, posting=posting, clock=clock
        ),
        alerts=alerts,
        subscriptions=subscriptions,
        on_hold=on_hold,
        rankings=rankings,
        mirror=Mirror(
            database=database,
            readers=Readers(database=database, custody=custody, gates=gates, open_sage=open_sage),
            newsroom=alerts,
            interval=sync_interval,
            clock=clock,
        ),
        doing=doing,
        left_deeds=LeftDeeds(database=database, audit=audit),
        release_requests=ReleaseRequests(
            database=database,
            installations=installations,
            access=access,
            still_may=still_may,
            connections=connections,
            doing=doing,
            audit=audit,
            clock=clock,
        ),
        audit=audit,
        records=Records(database=database, access=access, audit=audit),
        conversation=Conversation(
            database=database,
            access=access,
            connections=connections,
            customers=customers,
            memory=Memory(database=database, connections=connections),
            handlers=TalkHandlers(database, connections, sign_ins, on_hold, watching, rankings, documents).table(),
            chooser=chooser,
        ),
        sharing=Sharing(database=database, access=access, customers=customers, audit=audit),
        watching=watching,
        type_ahead=TypeAhead(database=database, connections=connections, admission=admission),
        mentions=MentionedCustomers(database=database, connections=connections, admission=admission),
        homes=Homes(database=database, access=access, connections=connections, customers=customers, settings=settings),
    )
