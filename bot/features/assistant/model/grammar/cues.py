"""The words that tell which question is asked. Any word that isn't in this table belongs to a customer's name."""

from __future__ import annotations

from enum import Enum, auto


class Cue(Enum):
    """What a word or phrase points at. `NAME` is any unknown word; the last few only join or fill."""

    HOLD = auto()
    WHY = auto()
    SINCE = auto()
    BALANCE = auto()
    HOW_MUCH = auto()
    LIMIT = auto()
    OVER = auto()
    ROOM = auto()
    SHIP = auto()
    ORDER = auto()
    ORDERS = auto()
    INVOICES = auto()
    AGED = auto()
    CONTACT = auto()
    TERMS = auto()
    REP = auto()
    CARD = auto()
    WATCH = auto()
    UNWATCH = auto()
    PUT = auto()
    TAKE = auto()
    RELEASE = auto()
    COMPARE = auto()
    VERSUS = auto()
    MOST = auto()
    LIST = auto()
    ALL = auto()
    MINE = auto()
    IT = auto()
    CONNECT = auto()
    STATUS = auto()
    STATE = auto()
    HELP = auto()
    GREETING = auto()
    THANKS = auto()
    MODAL = auto()
    OKAY = auto()
    DAYS = auto()
    MONEY = auto()
    NUMBER = auto()
    NAME = auto()
    ASKING = auto()
    JOINER = auto()
    LINK = auto()
    FILLER = auto()


# Phrases between bars, in lower case and without apostrophes.
_PHRASES = {
    Cue.HOLD: (
        "on hold|on stop|stopped|held|hold|stop|blocked|on credit hold|on hold or not|on hold list|on stop list|"
        "stop list|hold list|off hold|off stop|come off hold|come off stop|comes off hold|comes off stop|"
        "put on hold|put on stop|been put on hold|been put on stop|being on hold|goes on stop|goes on hold|"
        "go on stop|go on hold|come off|off the stop list|off the hold list|holding|hold status|released|onhold"
    ),
    Cue.WHY: "why|whys|how come|reason|the reason|what for|for what reason|whats the reason|what was the reason",
    Cue.SINCE: "since when|how long|how long for|for how long|when did|when were|when was|from when|when was that|"
    "how many days|since when is that|when have",
    Cue.BALANCE: (
        "balance|balances|bal|owe|owes|owed|owing|outstanding|outstanding balance|in for|account balance|standing at|"
        "how much is it|to pay us|what do they owe|debt|due from"
    ),
    Cue.HOW_MUCH: "how much",
    Cue.LIMIT: "credit limit|credit limits|limit|how much credit|what credit|credit line",
    Cue.OVER: "over limit|over the limit|over their limit|over its limit|over credit limit|over their credit limit|"
    "over its credit limit|over the credit limit",
    Cue.ROOM: (
        "headroom|room|room on|left|credit left|available credit|remaining credit|remaining|remains|available|"
        "how much more|how close|how near|how much can|still spend|to spend|left to spend"
    ),
    Cue.SHIP: (
        "ship|supply|deliver|despatch|dispatch|send|sell|sell to|take an order|take the order|take their order|"
        "take an order for|place an order|good for|worth|let them have|take a|take an|want to order|wants to order"
    ),
    Cue.ORDER: "order",
    Cue.ORDERS: "orders|open orders|on order|open order|outstanding orders|live orders",
    Cue.INVOICES: "invoice|invoices|open invoices|unpaid invoices|outstanding invoices|bills|unpaid",
    Cue.AGED: "overdue|aged|aged debt|aged debts|ageing|aging|how late|how old|past due|late",
    Cue.CONTACT: (
        "contact|contacts|contact details|phone|phone number|number|telephone|tel|email|email address|ring|call|"
        "get hold of|speak to|talk to|get in touch with|get in touch"
    ),
    Cue.TERMS: "terms|payment terms|take to pay|takes to pay|days to pay|average days to pay|how quickly|how fast|"
    "good payers|good payer|bad payers|slow payers|on time",
    Cue.REP: "rep|sales rep|which rep|looks after|look after|whose account|whose customer|account manager|salesman",
    Cue.CARD: (
        "what about|how about|tell me about|look up|lookup|find|everything|details|more details|info|information|"
        "pull up|pull|tell me more|the card|card|their account|doing|happening with|the story with|know about|"
        "whats happening with|show me their account"
    ),
    Cue.WATCH: (
        "watch|watching|tell me when|tell me if|let me know|let me know if|let me know when|keep an eye on|"
        "keep an eye|notify me|notify me if|notify me when|follow|alert me|alert me when|alert me if|subscribe|"
        "subscribe me|subscribe me to|ping me|ping me when|ping me if"
    ),
    Cue.UNWATCH: "stop watching|unwatch|stop following|unfollow|stop telling me about|unsubscribe|unsubscribe me from",
    Cue.PUT: "put|place",
    Cue.TAKE: "take",
    Cue.RELEASE: "release|unstop|unhold|unblock",
    Cue.COMPARE: "compare|difference between|who owes more|which owes more|comparison",
    Cue.VERSUS: "vs|versus|against|or|compared to|compared with|compare with|compare to",
    Cue.MOST: "most|the most|most money|the most money|biggest|largest|top|highest|biggest debtors|largest debtors|"
    "top debtors|debtors",
    Cue.LIST: (
        "who|whos|which|anyone|anybody|any|list|everyone|everybody|accounts|customers|how many accounts|"
        "how many customers|which ones|clients"
    ),
    Cue.ALL: "all",
    Cue.MINE: "mine|my|of mine|have i got|i have",
    Cue.IT: (
        "it|its|they|theyre|theyve|them|their|theirs|that one|this one|this account|that account|this customer|"
        "that customer|that|this|the account|the customer|he|she|him|her|his"
    ),
    Cue.CONNECT: "connect|connect me|sign me in|sign in|log in|login|log me in|link my|connect my",
    Cue.STATUS: "am i connected|are you connected|connected|connection status|which company is this|connection|"
    "what company|which company",
    Cue.STATE: "status|status of",
    Cue.HELP: (
        "help|help me|what can you do|what can i ask|can i ask|what can i ask you|how does this work|what do you know|"
        "how do i use this|what do you do|how do you work|instructions"
    ),
    Cue.GREETING: "hi|hello|hiya|hey|hey there|hi there|hello there|good morning|good afternoon|good evening|morning|"
    "afternoon|evening|morning all|hi all|hello all|hi team|hello team|dear team",
    Cue.THANKS: "thanks|thank you|thank|ta|cheers|thx|many thanks|thanks very much|thanks a lot|thank you very much|"
    "much appreciated",
    Cue.MODAL: "can|could|may|should|will|would",
    Cue.OKAY: (
        "ok|okay|alright|all right|fine|is it ok|is it okay|is it alright|is it all right|is it ok if|is that ok|"
        "is it fine|ok to|ok for|another|after another|more"
    ),
    Cue.DAYS: "days|day",
    Cue.ASKING: (
        "what|whats|when|whens|how|hows|where|wheres|whose|is|isnt|are|arent|am|was|were|does|do|did|has|have|had|"
        "whatre|whore|doesnt|dont"
    ),
    Cue.JOINER: "and|of|the|&|n|by|le|la|de|du|van|von|+",
    Cue.LINK: "for|on|at|from|with|about|to|in|over",
    Cue.FILLER: (
        "a|an|as|be|been|being|i|im|ive|id|me|we|us|you|u|your|our|please|pls|plz|so|then|now|today|currently|yet|"
        "still|again|just|quick|quick one|quickly|need|needs|want|wants|wanted|like|would like|to know|know|let|"
        "tell|tell me|show|show me|give|give me|check|see|get|got|getting|changes|remind me|remind|hear|if|whether|"
        "asap|at the moment|moment|for me|right now|at all|any idea|do you know|can you tell me|could you tell me|"
        "can u tell me|could u tell me|could you please tell me|would you|can you|could you|can u|could u|can i see|"
        "could i see|can i have|customer|account|client|company called|money|pay|paid|havent|not|or not|anything|"
        "some|something|stuff|there|here|up|out|off|set|put in|going|gone|go|goes|spend|total|in total|current|"
        "customer called|hold on|hang on|one|ones|item|really|actually|also|too|as well|but|because|will|much|"
        "that owes|more than|at least|above|than|hi there|place|much is|thing|things|pound|pounds|make|team|oh|er|um|"
        "well|right|yes|no|yeah|yep|nope|sage 200|@sage 200|@sage|did we|do we|have we|have you got|"
        "have they got|theres|lets"
    ),
}

_FAREWELL = (
    "perfect|great|brilliant|lovely|super|nice|one|cool|awesome|excellent|good|ok|okay|very|much|you|that|is|"
    "all|so|for|the|help|your|wonderful|fab|a|lot|no|worries"
)
FAREWELL = frozenset(_FAREWELL.split("|"))

Phrase = tuple[str, ...]


def _table() -> dict[str, tuple[tuple[Phrase, Cue], ...]]:
    found: dict[str, dict[Phrase, Cue]] = {}
    for cue, phrases in _PHRASES.items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            found.setdefault(words[0], {}).setdefault(words, cue)
    return {
        first: tuple(sorted(known.items(), key=lambda entry: -len(entry[0]))) for first, known in sorted(found.items())
    }


TABLE = _table()
"""The phrases by their first word, longest first."""

MISSPELT = (
    "balance",
    "outstanding",
    "limit",
    "headroom",
    "overdue",
    "invoices",
    "orders",
    "contact",
    "terms",
    "stopped",
    "hold",
    "credit",
    "available",
)
"""Words that people mistype. Only tried if nothing else was understood."""
