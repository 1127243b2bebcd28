"""The second floor as one value, lent to listeners, routes and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sage.auth import SageId
from bot.services.access import Access
from bot.services.admission import Admission
from bot.services.alerts import Alerts
from bot.services.audit import Audit
from bot.services.bot_tokens import BotTokens, Rotate
from bot.services.chooser import Chooser
from bot.services.connections import Connections, OpenSage
from bot.services.conversation import Conversation
from bot.services.copies import Copies
from bot.services.custodians import Custodians, SignInLife
from bot.services.customers import Customers
from bot.services.deliveries import Deliveries
from bot.services.documents import Documents
from bot.services.doing import Doing
from bot.services.fresh_look import FreshLook
from bot.services.gate import SageGates
from bot.services.home import Homes
from bot.services.installations import Installations
from bot.services.left_deeds import LeftDeeds
from bot.services.memory import Memory
from bot.services.mentions import MentionedCustomers
from bot.services.mirror import Mirror
from bot.services.notices import Delivery, Notices
from bot.services.on_hold import OnHold
from bot.services.posting import Posting
from bot.services.rankings import Rankings
from bot.services.readers import Readers
from bot.services.records import Records
from bot.services.release_requests import ReleaseRequests
from bot.services.roles import Roles
from bot.services.settings import WorkspaceSettings
from bot.services.sharing import Sharing
from bot.services.sign_in import SignIns
from bot.services.still_may import StillMay
from bot.services.still_told import StillTold
from bot.services.subscriptions import Subscriptions
from bot.services.talk_handlers import TalkHandlers
from bot.services.tokens import Custody
from bot.services.type_ahead import TypeAhead
from bot.services.verification import Verification
from bot.services.watches import Watches
from bot.services.watching import Watching
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
