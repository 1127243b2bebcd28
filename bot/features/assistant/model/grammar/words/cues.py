"""The words that tell which question is asked. A word that is neither here nor ordinary English belongs to a name."""

from __future__ import annotations

from enum import Enum, auto

from bot.features.assistant.model.grammar.words.ordinary import FILLERS, ORDINARY
from bot.features.assistant.model.grammar.words.topics import PHRASES as TOPIC_PHRASES
from bot.features.assistant.model.questions import Topic


class Cue(Enum):
    """What a word or phrase points at. `NAME` is any unknown word; the last few only join or fill."""

    HOLD = auto()
    RELEASED = auto()
    NEEDS_HOLD = auto()
    SUGGEST = auto()
    WHY = auto()
    SINCE = auto()
    BALANCE = auto()
    IN_CREDIT = auto()
    UNALLOCATED = auto()
    HOW_MUCH = auto()
    LIMIT = auto()
    OVER = auto()
    NEAR = auto()
    ROOM = auto()
    SHIP = auto()
    ORDER = auto()
    ORDERS = auto()
    INVOICES = auto()
    AGED = auto()
    AGE = auto()
    OVERDUE = auto()
    DAYS_LATE = auto()
    LAST_PAID = auto()
    PROMISED = auto()
    CHASE = auto()
    DISPUTED = auto()
    WARNED = auto()
    CONTACT = auto()
    TERMS = auto()
    REP = auto()
    CARD = auto()
    DETAIL = auto()
    AGAIN = auto()
    WATCH = auto()
    UNWATCH = auto()
    PUT = auto()
    TAKE = auto()
    RELEASE = auto()
    CHANGE = auto()
    COMPARE = auto()
    VERSUS = auto()
    MOST = auto()
    OWERS = auto()
    WHO = auto()
    WHICH = auto()
    CUSTOMERS = auto()
    ALL = auto()
    TOTAL = auto()
    HOW_MANY = auto()
    OURS = auto()
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
    TOPIC = auto()
    NAME = auto()
    COMMA = auto()
    ASKING = auto()
    JOINER = auto()
    LINK = auto()
    FILLER = auto()
    ORDINARY = auto()


# Phrases between bars, in lower case and without apostrophes.
_PHRASES = {
    Cue.HOLD: (
        "the brakes on|brakes on|"
        "in the sin bin|sin bin|restricted|off limits|embargoed|hold flag|credit stop|stop on|hold on|stops on|"
        "any hold|a block|a block on|account live|live or stopped|active or stopped|stopped at the moment|"
        "open for business|tied up|held up|cant order|cant buy|cant we sell to|cant we supply|cant we ship to|"
        "locked out|on ice|off trade|shut down|cut off|pulled|on the stop|in the hold list|status on hold|holded|"
        "stopt|on credit stop|under hold|under stop|on hold|on stop|stopped|held|hold|stop|blocked|block|"
        "on credit hold|on hold or not|on hold list|on stop list|stop list|hold list|off hold|off stop|come off hold|"
        "come off stop|comes off hold|comes off stop|on a hold|put on hold|put on stop|been put on hold|"
        "been put on stop|being on hold|goes on stop|goes on hold|go on stop|go on hold|went on hold|went on stop|"
        "going on hold|going on stop|come off|off the stop list|off the hold list|holding|holds|hold status|onhold|"
        "on the stop list|on the hold list|on the naughty list|frozen|suspended|locked|barred|on stops|stops|"
        "still live|still trading|still getting goods|still being supplied|still buying|still on supply|still open|"
        "still active|stop status|a hold|a stop|placed on hold|placed on stop|stopped or not|stopping"
    ),
    Cue.RELEASED: (
        "released|been released|releases|came off|came off hold|came off stop|come off hold today|off hold today|"
        "taken off hold|taken off stop|unstopped|unblocked"
    ),
    Cue.NEEDS_HOLD: (
        "needs to go on hold|needs to go on stop|needs putting on hold|needs putting on stop|needs stopping|"
        "need to go on hold|need to go on stop|need putting on hold|need putting on stop|need stopping|"
        "needs to be on hold|needs to be on stop|need to be on hold|need to be on stop|wants putting on hold|"
        "wants putting on stop|want putting on stop|needs to be stopped|need to be stopped|wants stopping"
    ),
    Cue.SUGGEST: (
        "recommendations|recommended|worth putting on hold|worth putting on stop|do you recommend|would you hold|"
        "do you reckon should|risky accounts|next to stop|next for hold|should go on|should be put on hold|"
        "should be put on stop|should be held|should be blocked|should really be on stop|should really be on hold|"
        "should probably be on hold|should probably be stopped|need to be put on hold|needs to be put on hold|"
        "want stopping|must be stopped|must go on hold|should i be stopping|should i be putting on hold|"
        "should i be putting on stop|we be stopping|we be putting on hold|we be putting on stop|put on hold next|"
        "stop next|go on hold next|go on stop next|heading for stop|heading for a stop|for the chop|flagged for hold|"
        "ought to go on stop|ought to go on hold|ripe for stopping|look like stopping|look like they need stopping|"
        "bad enough to stop|bad enough to put on hold|warrants a hold|warrant a hold|hold recommendations|"
        "stop suggestions|could do with stopping|could do with going on hold|could do with being on stop|"
        "not on hold that should be|arent on hold but should be|arent on stop but should be|"
        "isnt on stop but should be|not stopped yet but should be|suggest stopping|suggest putting on hold|"
        "suggest putting on stop|suggest we stop|suggest|recommend stopping|recommend we stop|"
        "recommend putting on hold|recommend for hold|consider stopping|consider putting on hold|"
        "think about stopping|should get stopped|should get put on hold|ready for stop|ready for the stop list|"
        "next for the stop list|up for a stop|deserves a hold|deserve to be on stop|should be on hold|"
        "should be on stop|should be stopped|should go on hold|should go on stop|ought to be on hold|"
        "ought to be on stop|ought to be stopped|should we stop|should we put on hold|should we put on stop|"
        "should we be stopping|should i stop|should i put on hold|should i put on stop|should we hold|should i hold|"
        "suggested holds|hold suggestions|suggestions|suggested|candidates for hold|candidates for stop|"
        "hold candidates|stop candidates|do we need to stop|do we need to put on hold|do i need to stop|"
        "do i need to put on hold|could go on hold|could go on stop|would you stop|would you put on hold|"
        "would you put on stop|should be going on hold|should be going on stop|due to go on hold|due to go on stop|"
        "due for stop|due for hold|to put on hold|to put on stop|to stop|worth stopping|should have been stopped|"
        "isnt on hold but should be|not on hold but should be|are not on hold but should be"
    ),
    Cue.WHY: (
        "do to get|do to end up|end up|ended up|whats up with|what have they done|what did they do wrong|done wrong|"
        "grounds|explain the hold|behind the hold|hold for what|whats the hold for|what is the hold for|the hold for|"
        "what prompted|why the|explain why|whos put|cause of|cause for|justification|motive|whats behind|who has put|"
        "whats the stop for|what is the stop for|whys that|for why|because of what|hold note|status reason|why|whys|"
        "how come|reason|reasons|the reason|what for|for what reason|whats the reason|what was the reason|who put|"
        "who stopped|who placed|who blocked|who held|what did they do|hold reason|reason for hold|"
        "reason for the hold|reason for stop|what caused|what happened|how so|on what grounds"
    ),
    Cue.SINCE: (
        "since when|how longs|how long is|how long|how long for|for how long|when did|when were|when was|from when|"
        "when was that|"
        "how many days|since when is that|when have|when has|hold history|history of holds|date of hold|hold date|"
        "what date|what day|which day|when exactly"
    ),
    Cue.BALANCE: (
        "total for|into us|in to us for|owings|stand at|amount due|how deep|on the slate|slate|indebted|sat on|"
        "running at|account total|still to come from|are we owed by|we owed by|whats owed|tally|"
        "amount on the account|current debt|sum owed|how much due|money due|whats the total on|pay us back|"
        "balance due|account bal|whats theirs|hows the account|balance|balances|bal|owe|owes|owed|owing|outstanding|"
        "outstanding balance|in for|account balance|standing at|stands at|how much is it|to pay us|what do they owe|"
        "debt|debts|due from|due to us|to us|oustanding|on the account|on account|the damage|arrears|"
        "account standing|balance outstanding|amount outstanding|amount owed|ledger balance|in the red|owed to us|"
        "how much do we have out|exposure|into us for|tab"
    ),
    Cue.IN_CREDIT: (
        "in credit|in credit with us|in credit at the moment|credit balance|credit balances|in the black|zero balance|"
        "zero balances|nil balance|nil balances|a zero balance|a nil balance|account clear|all clear"
    ),
    Cue.UNALLOCATED: (
        "cash on account|money on account|credit on account|payment on account|payments on account|unallocated|"
        "unallocated cash|unallocated credit|unallocated payment|unallocated payments|not allocated|unmatched|"
        "unmatched cash|not been allocated"
    ),
    Cue.HOW_MUCH: "how much|how much money",
    Cue.LIMIT: (
        "against its credit limit|against their credit limit|against the credit limit|against credit limit|"
        "against its limit|against their limit|against the limit|against limit|"
        "utilised|utilized|by how much|agreed credit|credit agreed|percent|percent of|% of|percentage|ceiling|cap|"
        "max credit|credit allowance|allowance|maximum credit|maximum|max|insured limit|how much rope|go up to|"
        "how high|credit ceiling|credit cap|approved for|cleared for|limit set|good for in total|highest they can go|"
        "insured for|credit available to them|cl|percent used|% used|percentage used|of limit used|limit used|"
        "utilisation|utilization|used up|how full|how maxed out|set at|how much of their limit|how much of the limit|"
        "how much of its limit|used of their limit|of their limit|of its limit|credit used|used of|limit usage|"
        "credit usage|credit limit|credit limits|limit|limits|how much credit|what credit|credit line|"
        "credit facility|credit rating|facility"
    ),
    Cue.OVER: (
        "more than weve agreed|more than we agreed|more than agreed|more than we allow|more than they should|"
        "more than theyre allowed|more than allowed|over what weve agreed|over what they should|owe too much|"
        "owes too much|owing too much|past what we allow|over extended on|over their agreed|"
        "over and above their limit|too much credit out|in excess of their limit|in excess of limit|"
        "gone past their limit|gone past limit|gone through their limit|past limit|above credit limit|"
        "more than their credit limit|limit breach|limit breaches|breaches|breach|over extended|overextended|"
        "over their cap|beyond their credit limit|beyond credit limit|beyond the limit|larger than their limit|"
        "bigger than their limit|greater than their limit|balance exceeds limit|owes more than their limit|"
        "owe more than their limit|owing more than their limit|over their allowance|spent more than their limit|"
        "over credited|above the credit limit|exceeds their limit|exceeds limit|exceeded limit|over what we allow|"
        "over what we agreed|over what they are allowed|maxed out|maxed|maxed out their limit|"
        "over the edge of their limit|hit their limit|hit the limit|at their limit|at limit|busted their limit|"
        "over limit|over the limit|over their limit|over its limit|over credit limit|over their credit limit|"
        "over its credit limit|over the credit limit|over limits|over their limits|over credit limits|exceeded|"
        "over the credit limits|over their credit limits|above limit|above their limit|above the limit|"
        "above their credit limit|exceeding|exceeds|exceed|beyond their limit|beyond limit|past their limit|"
        "overlimit|over their credit|over credit|breached|breaching|in breach of|blown their limit|gone over|"
        "over the top|bust their limit|bust their credit limit|more than their limit|above their limits|"
        "past their credit limit"
    ),
    Cue.NEAR: (
        "nearing limit|nearing their limits|near limits|close to limits|nearly maxed|nearly maxed out|"
        "getting close to their limit|approaching limits|nearly full|almost maxed|almost maxed out|within 10% of|"
        "at or near|running out of credit|running out of room|running low on credit|nearly out of credit|"
        "tight on credit|near limit|near their limit|close to their limit|close to limit|nearly at their limit|"
        "near the limit|nearly over|close to the limit|close to going over|about to go over|approaching their limit|"
        "approaching limit|nearing their limit|near their credit limit|close to their credit limit|nearly at limit|"
        "almost at their limit|almost over|nearly over their limit|over 80 percent|over 80%|over 90%|at 80%"
    ),
    Cue.ROOM: (
        "draw|still draw|draw down|most they can|most they could|the most they can|the most they could|the most he can|"
        "the most he could|the most she can|the most she could|the most i can|the most i could|the most we can|"
        "the most we could|how large an order|how big an order|what size order|"
        "free credit|whats free|how much slack|slack|scope|breathing space|breathing room|capacity|buying power|"
        "in the tank|leftover|left over|max out|before they max out|how much before|how much further|remaining limit|"
        "whats available|until they hit|till they hit|to go before|before hitting|till their limit|until their limit|"
        "under their limit|under the limit|below their limit|below the limit|can they spend|how much can they have|"
        "how much can i sell|how much can we sell|how much more|credit space|spend left|how much credit can|"
        "more credit can|much can i let|room to play with|room for|enough room|enough credit|enough headroom|"
        "space on|space left|space|order up to|still order|how far from|how far are|how far is|away from|left to use|"
        "unused|unused credit|what more can|can still have|to play with|spend before|go before|short of their limit|"
        "headroom|room|room on|left|credit left|available credit|remaining credit|remaining|remains|available|"
        "how close|how near|how much can|still spend|to spend|left to spend|credit available|spare credit|"
        "wiggle room|room left|spare|credit remaining|left on their limit|before they hit their limit|"
        "before they go over|until they hit their limit|before they hit the limit|before they are over|leeway|"
        "how far off"
    ),
    Cue.SHIP: (
        "stop or go|go or stop|go or no go|"
        "collect|selling to|ok selling|ok shipping|shipping to|supplying|delivering to|"
        "stock order|have goods|have some goods|have the goods|have parts|have stock|"
        "release the goods|release their goods|release the stock|release the parts|release the delivery|"
        "release goods for|"
        "fit|squeeze in|accommodate|swallow|go through|go through ok|wanting|asking for|wants|want|after|fancy|"
        "let it out|ok to invoice|sell them|drop off|pick up|will it fit|does it fit|would it fit|fit on|fit in|"
        "yes or no|top up|out today|send out|hand over|go ahead with|book it|book that|put it through|can it go|"
        "let that go|let this go|supply them|order worth|collecting|order of|release goods|place another order|"
        "put on the van|ship out|ship them|ship it|get an order out|get a delivery out|drop them|order from|"
        "new order|order in for|punt|placing|to place|good to go|loaded|loaded for|ready to go|can go|ready to leave|"
        "ok to go|let them go|away to|clear to ship|release the order|release their order|release order|"
        "let the order go|loading|ship|supply|deliver|despatch|dispatch|send|sell|sell to|take an order|"
        "take the order|take their order|take an order for|place an order|good for|worth|let them have|take a|"
        "take an|want to order|wants to order|let go|let it go|go out|out the door|accept an order|accept the order|"
        "accept|process an order|process the order|release an order|take another order|take orders|approve an order|"
        "put an order through|put the order through|put through|stand another|afford|cover|load the van|book in|"
        "book an order|take this order|stretch to|stretch|fulfil|fulfill|send stuff|send goods|trade with|deal with|"
        "do business with|serve|on the van|take more|take another|push through|shipping|buy"
    ),
    Cue.ORDER: "order|sales order",
    Cue.ORDERS: (
        "ordered|has ordered|"
        "backlog|backorder|on backorder|on back order|"
        "undelivered|waiting to go|waiting to go out|waiting to ship|on the books|have ordered|"
        "to be despatched|to be dispatched|to be delivered|due out|unshipped|not shipped|not delivered|"
        "not yet delivered|not despatched|outstanding to deliver|undespatched|orders on|unfulfilled|still to deliver|"
        "still to go out|still to ship|awaiting delivery|awaiting despatch|orders placed|placed|orders coming|"
        "on the go|sop|orders live|coming up|orders|open orders|on order|open order|outstanding orders|live orders|"
        "order book|orders open|orders outstanding|back orders|backorders|sales orders|orders waiting|orders in|"
        "orders pending|pending orders|order value|order status|value of orders|in the pipeline"
    ),
    Cue.INVOICES: (
        "due this week|due next week|due today|due tomorrow|due this month|due next month|due soon|falls due|fall due|"
        "falling due|coming due|comes due|come due|due in the next|becoming due|not due yet|not yet due|"
        "whats unpaid|open docs|what makes up|makes up|make up the balance|make up their balance|inv list|open bills|"
        "docs|whats not been paid|invoice list|invs|invoice numbers|billed|invoiced|line by line|itemised|itemise|"
        "transactions|open transactions|which ones are unpaid|unsettled|invoice|invoices|open invoices|"
        "unpaid invoices|outstanding invoices|bills|unpaid|unpaid bills|unpaid invoice|invoices outstanding|"
        "invoices open|invoices unpaid|open items|outstanding items|invoices overdue|overdue invoices|"
        "overdue invoice|late invoices|bill|invoices they havent paid"
    ),
    Cue.AGED: (
        "how is the debt spread|debt spread|30 60 90|30/60/90|60 day column|day column|90 day bucket|bucket|"
        "old stuff|how is it aged|how the debt is aged|split by month|by month|age the debt|age of the debt|"
        "debt ages|aged by|how aged|ages|analysis of the debt|debt analysis|debt aged|age breakdown|breakdown by age|"
        "split out by age|by days|days bands|bands|age bands|how current|how stale|stale|how ancient|ageing on|"
        "break down|by age|agd debt|debt profile|split by age|aged split|aging report|current 30 60 90|age profile|"
        "split of the debt|how its aged|aged|aged debt|aged debts|ageing|aging|how old|aged balance|aged balances|"
        "debt by age|breakdown of the debt|debt breakdown|breakdown|aged report|aged debtors|aged debtors report|"
        "ageing report|age of debt|oldest debt|aged breakdown|age analysis|buckets"
    ),
    Cue.OVERDUE: (
        "oldest debts|oldest balances|hasnt paid a penny|havent paid a penny|hasnt paid a bean|havent paid a bean|"
        "not paid a penny|hasnt paid anything|havent paid anything|hasnt paid us anything|havent paid us anything|"
        "after the term|after term|after terms|after their terms|past term|past the term|beyond the due date|"
        "beyond due date|beyond their due date|after due date|after their due date|"
        "up to date|upto date|up-to-date|bang up to date|paid up to date|up to date with|all square|square with us|"
        "fallen behind|fell behind|getting behind|slipping|slipped|should have paid by now|should have been paid|"
        "should be paid|not been paid on time|due now|needs paying|out of date|gone past terms|past terms|"
        "over their terms|beyond their terms|outside their terms|out of their terms|over their due date|"
        "past the due date|past their due date|after the due date|passed due|passed its due date|overrun|"
        "dragging their feet|owe from last month|lagging|missed a payment|missed payment|missed payments|missed|"
        "defaulted|default|not paying|unpaid and due|late amount|late balance|late debt|late on|running late with|"
        "still owes us from|still owe us from|gone overdue|going overdue|become overdue|overdue bit|overdue debt|"
        "debt overdue|tardy|lapsed|too old|owing us the longest|owed the longest|owing the longest|"
        "outstanding the longest|longest outstanding|longest overdue|owe us the longest|missed their due date|"
        "not paid|havent paid|hasnt paid|unpaid for|outstanding for ages|owed us the longest|been owing|overdue|"
        "past due|late|over due|out of terms|outside terms|over terms|past its due date|beyond terms|gone over terms|"
        "due date passed|overdue amount|overdue balance|amount overdue|in arrears|behind|behind on payments|"
        "late money|late paying|not paid on time|owe from before|delinquent|overdues|behind with payments|"
        "behind with paying"
    ),
    Cue.DAYS_LATE: (
        "delay|delays|delay of|payment delay|"
        "lateness|later at paying|slower payer|slower at paying|worse payer|worse payers|worst payer|worst payers|"
        "late at paying|how bad|paying late|paid late|late with payment|late with payments|late on payments|"
        "late on average|average lateness|stick to em|stick to them|keep to them|pay when they should|"
        "pay when theyre meant to|usually late|always late|normally late|tend to pay late|run late|days over|"
        "pays on the dot|days past due|punctual|prompt|better payer|better payers|quicker payer|faster payer|"
        "slowest payer|slowest payers|slowest to pay|quickest payer|how late|days late|how slow|average days late|"
        "how many days late|slow payers|slow payer|pay late|pays late|late payers|late payer|on time|good payers|"
        "good payer|bad payers|bad payer|prompt payers|prompt payer|how late do|pay on time|pays on time|"
        "late paying us|pay promptly|pays promptly|pay us late|pays us late|payment record|payment performance|"
        "payment behaviour|paying habits|payment habits|any good at paying|good at paying|reliable payers|reliable|"
        "days beyond terms|dbt|slow at paying|late do they pay|pay to terms|stick to terms|stick to their terms|"
        "keep to terms|keep to their terms|payment history"
    ),
    Cue.LAST_PAID: (
        "payments|receipts|receipt|last receipt|recent receipt|most recent receipt|"
        "your remittance|their remittance|remittance from|see a penny|seen a penny|see any money|see money|"
        "seen any money|see a bean|receive funds|received funds|"
        "had any|any dosh|any wonga|any dough|any readies|any cash off|any money off|last bit of money|their last|"
        "any money from|how recently|last time they sent|sent last|cough up|coughed|last in|last credit|"
        "last had money|last received|recently pay|received off|last got anything|payment off|payments off|"
        "money off them|cash last|cleared anything|paid down|paid down anything|paid something|paid any|"
        "paying us recently|paid against|paid a penny|paid a bean|last wire|last faster payment|funds|funds from|"
        "last settled|settle anything|payment arrive|payment arrived|payment date|last payment date|paid date|"
        "bunged us|chucked us|give us any money|given us any money|dropped a payment|money come in|come in from|"
        "got paid by|time we got paid|last time we got|paid us last|got paid|last got paid|last money in|"
        "anything in from|anything come in|cheque come|cheque arrived|cheque come in|cheque clear|bacs come in|"
        "bacs from|transfer come|transfer from|remitted|remit|cash from|had anything from|received from|"
        "receive anything from|heard from|had a payment|had payment|payment hit|payment gone through|made a payment|"
        "make a payment|made any payments|made payment|payment yet|sent a payment|any cash|any cash in|cash in from|"
        "paid off anything|last pymt|last pay|last paid|last payment|last payments|last receipt|paid us|"
        "paid recently|paid anything|paid lately|paid yet|pay last|latest payment|most recent payment|paid last|"
        "money in|paid in|last cheque|last bacs|last transfer|payment come in|payments come in|payment came in|"
        "paid up|paid today|paid this week|paid this month|paid last week|paid last month|sent any money|"
        "sent us any money|last remittance|any payment|any payments|any receipts|recent payments|recent receipts|"
        "last money|paid their bill|paid off|settled|had any money|had money|money from|hear from them moneywise|"
        "coughed up|been paid|payment landed|received a payment|received payment|received any payment|"
        "received anything|last time they paid|since they paid|since they last paid|last settle|payment from|"
        "payments from|money off"
    ),
    Cue.PROMISED: (
        "payment date|undertaken to pay|undertaken|undertook|undertaking|undertakings|given us a date|gave us a date|"
        "said theyll pay|said they will pay|says theyll pay|committed to pay|committed|payment plan|payment plans|"
        "pledged|pledge|pledges|expected payments|expecting money from|expecting payment from|meant to be paying|"
        "agreed to pay|agreed a payment|agreed payment|gave their word|given their word|said its coming|swore|"
        "cheque in the post|cheques in the post|in the post|due to pay us|paying us this week|going to pay|"
        "saying theyll pay|promise date|promised date|say theyll pay|told us theyd pay|told us theyll pay|"
        "said the money is coming|pay date agreed|p2p|promise to pays|commitments|promised|promise|promises|"
        "promised to pay|promise to pay|promised payment|promised payments|ptp|promised us money|said they would pay|"
        "said theyd pay|broken promises|broken promise|broke their promise|broken their promise|promises due|"
        "payment promises|payment promise|promising|promised us"
    ),
    Cue.DISPUTED: (
        "in dispute|under dispute|disputing|disputed|disputes|dispute|query on|queried|in query|under query|queries|"
        "being queried|being disputed|contested|contesting|on query|query invoices|query list|disputed invoices|"
        "debt in query|invoice queries|open queries|open disputes"
    ),
    Cue.WARNED: (
        "been warned|weve warned|we warned|we have warned|warned about|"
        "early warning|early warnings|warnings|warning|warning list|warning signs|warning sign|getting slower|"
        "getting later|getting worse|going downhill|deteriorating|worsening|worry about|worried about|worrying|"
        "be worried|be worrying|be concerned|concerned about|concerning us|cause for concern|should i keep an eye on|"
        "should we keep an eye on|at risk|red flags|red flag|like trouble|trouble ahead|danger signs|"
        "slipping|on the slide|going wrong|going bad|"
        "heading for trouble|in trouble|look shaky|looks shaky|looking shaky|shaky|paying later|paying slower|"
        "slowing down|taking longer to pay|bad signs|starting to slip|watch out for"
    ),
    Cue.CHASE: (
        "ringing for money|ring for money|call for money|calling for money|ringing today|calling today|"
        "should i ring about|should i be calling|should i be ringing|need a call|needs a call|needs ringing|"
        "need ringing|to ring about money|overdue calls|get on the phone to|get after|go after|hassle for money|"
        "press for payment|push for payment|hound|chase|chasing|chased|chase list|chase up|chase for|need chasing|"
        "needs chasing|to chase|hit list|dunning|need a nudge|for chasing|call list|calling list|ring round|chaser|"
        "chasers|collections list"
    ),
    Cue.CONTACT: (
        "speak with|email addy|whos the buyer|buyer at|buyer|best person|whos in charge|in charge at|runs accounts|"
        "pays the bills|who pays the bills at|accounts dept|accounts team|accounts person|accounts lady|in accounts|"
        "accounts office|s accounts|accounts contact|digits|blower|give them a bell|give them a ring|"
        "give them a call|ring on|get through to|named contact|whos our contact|our contact|address book|"
        "email on file|number on file|phone on file|who can i talk to|main contact|dept|correspondence|switchboard|"
        "e mail|extension|ring them on|call them on|who do we deal with at|who do we deal with|who deals with|"
        "who do we speak to|who do we talk to|who do we ring|the number|best number|best contact|ring to|dial|"
        "phone details|who do we contact|name of the person|who to ring|who to call|who to speak to|contact|contacts|"
        "contact details|phone|phone number|number|telephone|tel|email|email address|ring|call|get hold of|speak to|"
        "talk to|get in touch with|get in touch|e-mail|e-mail address|telephone number|tel no|phone no|"
        "contact number|contact name|contact info|who do i speak to|mobile|whos the contact|email for|number for|"
        "who deals with accounts|accounts payable|who do i ask for|contact person|landline|reach|contact at|phone up|"
        "ring up|their accounts dept|accounts department"
    ),
    Cue.TERMS: (
        "how many days do we|days do we give|days we give|how many days does it take|how long does it take|"
        "how many days does|how many days do|what credit terms|which terms|terms of payment|terms and conditions|"
        "what kind of terms|what sort of terms|how long have they got to pay|time do they get|time do we give|"
        "long do we give|eom|net 30|proforma|pro forma|payment arrangement|payment arrangements|"
        "how many days have they got|days have they got|what are they on|what are we giving|trade terms|"
        "days do they take|days does|how long to pay|payment speed|take long to pay|turnaround|days do they|"
        "long before they pay|long does it take them|take to settle|takes to settle|take to cough up|settle|settles|"
        "settlement|normally settle|usually settle|pay us in|pays us in|days they pay|days they take|"
        "average payer days|debtor days|day account|days from invoice|end of month|month end account|"
        "cash on delivery|cod|cash account|have to pay by|get to pay|settlement discount|discount|payment time|"
        "pay by|how many days do they get|how many days do they have|pay within|days to pay us|average when does|"
        "typically pay|usual payment|average payment time|average payment|average pay|when are they due to pay|"
        "due to pay|supposed to pay|meant to pay|how many days to pay|30 day terms|60 day terms|agreed terms|pay up|"
        "days it takes|how long before they pay|days for payment|pay in|terms|payment terms|take to pay|takes to pay|"
        "days to pay|average days to pay|how quickly|how fast|credit terms|payment days|time to pay|"
        "average time to pay|usually pay|normally pay|take paying|how long do they take|days to settle|taking to pay|"
        "average payment days|pay in how many|paying terms|trading terms|credit period|days credit|"
        "how many days credit|dso"
    ),
    Cue.REP: (
        "rep|sales rep|which rep|looks after|look after|manage|whose account|whose customer|account manager|salesman|"
        "whos the rep|sales person|salesperson|saleswoman|account handler|account owner|owns the account|who manages|"
        "manages|who handles|handles|whose is|whose are|belongs to|belong to|the account manager|the rep|sales guy|"
        "sales exec|who covers|covers|key account manager|responsible for"
    ),
    Cue.CARD: (
        "have them on the system|have them on our system|got them on the system|is there a customer called|"
        "is there an account called|do we have a customer called|do we have an account for|"
        "have we got a customer called|"
        "have we got an account for|called about|"
        "how do they look|how are they looking|hows it looking|how does it look|how do things look|"
        "whats it look like|whats the craic with|any news on|the details for|full card|customer card|account card|"
        "profile|snapshot|status report|what can you tell me about|background on|give me the gen on|gen on|skinny on|"
        "fill me in on|fill me in|brief me on|brief on|the picture with|picture on|how are things with|things with|"
        "how is the account|hows things with|show account|show customer|show me account|display account|load up|"
        "pull up the account|account for|account page|account view|what have you got on|what do you have on|"
        "what have we got on|what do you know about|whos this|bring up account|see account|let me see|see everything|"
        "all the info|all the figures|all figures|figures for|give me the full|full works|the works|whole picture|"
        "full rundown|run me through|talk me through|take me through|summarise|summary for|anything i should know|"
        "should i know|need to know about|what should i know|before i go in|before i visit|before i ring|heads up on|"
        "quick summary|how do we stand|tell me about|look up|lookup|find|everything|details|more details|info|"
        "information|all the details|pull up|pull|tell me more|the card|card|their account|doing|happening with|"
        "the story with|know about|whats happening with|show me their account|bring up|full picture|overview|summary|"
        "rundown|the lowdown on|where are we with|where do we stand with|whats the position with|position with|"
        "whats the score with|score with|account details|run down|all about|whats going on with|going on with|"
        "situation with|whats the situation with|latest on|whats the latest on|whats the latest with|latest with|"
        "lowdown|search for|search|open up|bring me up|everything on|all info|full details|account summary|"
        "account info|how do things stand with|how do we stand with|stand with|the deal with|whats the deal with|"
        "deal on|the craic with"
    ),
    Cue.DETAIL: (
        "situation|"
        "region|area|postcode|post code|address|town|where are they based|based|currency|account type|short name|"
        "account number|account ref|reference|ref|account reference|trading name|full name|vat number|located|city|"
        "analysis code|analysis codes|sector|customer number|account no|territory|delivery address"
    ),
    Cue.AGAIN: (
        "meant|i meant|sorry i meant|sorry meant|i mean|no i meant|no i mean|not that one i meant|actually|make that|"
        "i said|rather|instead|correction|oops i meant|whoops i meant|what about|how about|and what about|"
        "and how about|same for|same question for|same again for|ditto|ditto for|same thing for|now|the same for|"
        "or what about|ok what about|what about for|likewise for|same with|same on|same question|repeat for|as for|"
        "what of|now do|do the same for|and now"
    ),
    Cue.WATCH: (
        "watch|watching|tell me when|tell me if|let me know|let me know if|let me know when|keep an eye on|"
        "keep an eye|notify me|notify me if|notify me when|follow|alert me|alert me when|alert me if|subscribe|"
        "subscribe me|subscribe me to|ping me|ping me when|ping me if|give me a shout if|give me a shout when|"
        "shout if|shout when|monitor|flag it if|flag if|warn me|warn me if|warn me when|message me if|"
        "message me when|let us know if|let us know when|tell us when|tell us if|keep me posted|keep me posted on|"
        "keep me posted about|keep me updated|keep me updated on|keep tabs on|update me when|update me if|track|"
        "text me when|dm me when|dm me if|give me a nudge if|give me a nudge when|alerts for|alerts on|"
        "keep me informed|keep me in the loop|i want to know when|i want to know if|i want alerts for|"
        "let me know the minute|drop me a line when"
    ),
    Cue.UNWATCH: (
        "stop watching|unwatch|stop following|unfollow|stop telling me about|unsubscribe|unsubscribe me from|"
        "stop alerting me about|stop alerts for|no more alerts for|no more alerts about|stop notifying me about|"
        "stop alerts on|stop messaging me about|stop pinging me about|turn off alerts for|mute|cancel alerts for|"
        "dont watch|stop monitoring|stop tracking|cancel the watch on|turn off the alerts for|stop the alerts for|"
        "stop telling me when"
    ),
    Cue.PUT: (
        "freeze|suspend|mark|flag|shut|set|halt|whack|throw|move|sling|put|place|putting|stick|slap|bang|pop|chuck|get"
    ),
    Cue.TAKE: "take|lift|remove|taking|clear",
    Cue.RELEASE: (
        "letting go|letting off|"
        "deblock|de-block|back on supply|"
        "reopen|re-open|unfreeze|un-hold|un-stop|let them off|turn back on|switch back on|clear the hold on|"
        "clear the stop on|clear the hold|clear the stop|let go of|open up the account|let trade again|free|un-block|"
        "take the block off|lift the block on|lift the block|remove the block|end the hold|end the hold on|"
        "cancel the hold|cancel the hold on|cancel the stop on|take stop off|take hold off|release|unstop|unhold|"
        "unblock|unlock|reinstate|reactivate|lift the hold on|lift the stop on|remove the hold on|remove the stop on|"
        "remove the hold from|lift the hold|remove the hold|take the hold off|take the stop off|lift the stop|"
        "remove the stop|lift hold on|free up|request release|request a release|ask for a release|"
        "request release for|can i get a release"
    ),
    Cue.CHANGE: (
        "raise|increase|change|amend|reduce|lower|extend|bump|double|edit|update|adjust|cut|drop|upping|halve|"
        "raising|increasing|an increase|increased|boost|higher|bigger"
    ),
    Cue.COMPARE: (
        "out of|bigger debtor|whos bigger|which is bigger|which is higher|who is bigger|more in debt|compare the|"
        "contrast|stack up|compare|difference between|comparison|side by side|whos worse|who is worse|which is worse|"
        "who owes the most out of|whos better"
    ),
    Cue.VERSUS: "vs|versus|against|or|compared to|compared with|compare with|compare to|v",
    Cue.MOST: (
        "most|the most|most money|the most money|biggest|largest|top|highest|worst|main|our worst|owe most|smallest|"
        "the smallest|lowest|the lowest|tiniest"
    ),
    Cue.OWERS: (
        "in deepest|into us the most|into us for the most|into us for most|biggest numbers|biggest amounts|"
        "largest amounts|largest sums|biggest accounts by|biggest sums|top of the list|most indebted|"
        "owe us the highest|owes us the highest|biggest slice|league table|big balances|big balance|big hitters|"
        "rank customers|ranked|ranking|most exposed to|biggest exposure|biggest exposures|biggest debts|biggest debt|"
        "biggest debtor|largest debtor|top debtor|worst debtor|big debts|big debtors|large balances|heavy debtors|"
        "owes us a lot|owe us a lot|owes loads|owe loads|into us most|owes us loads|owe us loads|owes us most|"
        "deepest in|debtors|biggest debtors|largest debtors|top debtors|worst debtors|debtor list|debtors list|"
        "main debtors|debtor|worst offenders|top offenders|big owers|owers"
    ),
    Cue.WHO: (
        "which one of our|which of our customers|some people|which people|whichever customer|which firm|which firms|"
        "which company owes|any customer|everyone using|anyone using|who|whos|anyone|anybody|everyone|everybody|"
        "nobody|no one|people|who all|whod|someone|somebody|whove|who else|anyone else|whom|folk|lads"
    ),
    Cue.WHICH: "which|any|list|every|each|which ones|any of|list of|which of|many|a list|listing|report|rundown of|few",
    Cue.CUSTOMERS: (
        "by rep|per rep|by sales rep|by region|per region|by area|by salesman|by sales person|by territory|"
        "any of those|which of those|of those|how many of those|all those|those accounts|those customers|"
        "these accounts|these customers|by customer|per customer|by account|per account|by client|those on|those who|"
        "those that|those we|those over|those in|the ones on|the ones who|ones on|ones who|ones that|customers who|"
        "accounts that|account holders|every one of them|all of the accounts|all of the customers|each one|"
        "across accounts|which customer|which account|which client|which garage|our customers|our accounts|"
        "live accounts|trade accounts|any account|traders|accounts|customers|clients|all accounts|all customers|"
        "companies|businesses|buyers|punters|custs|accts|ledger|sales ledger|portfolio|the ledger|the whole ledger|"
        "whole ledger|the book|the books|firms|all of them|all of our customers|which of them|any of them|"
        "who of them|each of them|everyones|everybodys|payers|the lot|every customer|every account|each customer|"
        "each account|customer list|customer base|any customers|any accounts|overdue accounts"
    ),
    Cue.ALL: (
        "name names|name them|list them|"
        "all|whole|entire|across the board|full list|complete list|between them|how many is that|how much is that|"
        "how many are there|how many are they|company wide|companywide|all together|across the company"
    ),
    Cue.TOTAL: (
        "debtor book|ledger worth|ledger at|size of the|ledger total|receivables|total receivables|ar total|worth of|"
        "whole debt|full debt|debt position|debt figure|aggregate|sum total|all debt|all the debt|how big|"
        "company owed|grand totals|headline|total value|out there|customer count|all told|all in|tot|"
        "in the whole ledger|across the board total|between the lot|total|in total|totals|sum|overall|altogether|"
        "grand total|combined|average|on average|add up|adds up"
    ),
    Cue.HOW_MANY: (
        "no of|how big is our|whats the number of|tell me the number of|total number of|quantity of|how may|how mnay|"
        "how many|number of|count of|count|what number of|what percentage|what proportion|how many of|percentage of|"
        "proportion of"
    ),
    Cue.OURS: (
        "have we|do we have|have we got|we got|weve got|do we have out|have we got out|"
        "our|are we owed|we are owed|were owed|am i owed|do we have out|have we got out|weve got out|we have out|"
        "outstanding to us|is owed to us|is due to us|are we waiting for|have we got owing|company debt|"
        "do we have owing|book debt|debtors book|do we have in|owed in"
    ),
    Cue.MINE: (
        "my patch|on my patch|in my patch|my lot|my area|my region|my territory|my ledger|my guys|my bunch|my people|"
        "me own|under my name|assigned to me|with my name|under me|i cover|mine|my|of mine|have i got|i have|my own|"
        "have i|i look after|i manage|ive got"
    ),
    Cue.IT: (
        "it|its|they|theyre|theyve|them|their|theirs|that one|this one|this account|that account|this customer|"
        "that customer|that|this|the account|the customer|he|she|him|her|his|theyd|theyll|thats|themselves|"
        "these guys|those guys|this lot|that lot|these|those|this company|that company|the same one|same customer|"
        "same account|the same account|the same customer|these people|this client|that client|the client|the company|"
        "the last one|that guy|this guy|this garage|that garage|em"
    ),
    Cue.CONNECT: (
        "im not connected|not connected|isnt connected|not signed in|not logged in|isnt linked|not linked|"
        "authenticate|authorise|authorize me|sign me up|sign up|register me|register|add my sage|my sage id|sage id|"
        "sage login|get into sage|log me on|new sign in|sign in again|reauthenticate|re-connect|relink|pair|"
        "hook me up|hook me up to|get me connected|get connected|set me up|want to connect|connect my account|"
        "link me|link me up|link me to|join my sage|sign in to|sign into sage|attach my sage|connect up|connect|"
        "connect me|sign me in|sign in|log in|login|log me in|link my|connect my|sign on|sign into|log into|"
        "reconnect|hook up|set up my sage|link up|log on|reconnect me|connect to sage|link"
    ),
    Cue.STATUS: (
        "am i connected|are you connected|connected|connection status|which company is this|connection|what company|"
        "which company|am i logged in|am i signed in|logged in|signed in|my status|my connection|which sage|"
        "connected to sage|are you working|is sage working|is sage down|is sage up|is it working|are you up|"
        "sync status|last sync|when did you last sync|who am i|what am i connected to"
    ),
    Cue.STATE: "status|status of|account status",
    Cue.HELP: (
        "are you a real person|are you real|are you a human|are you a bot|are you a robot|"
        "are you a person|are you a machine|are you ai|are you an ai|am i talking to a person|is this a bot|"
        "things do you know|sort of things|kind of things|what do you actually do|what can you actually do|"
        "what are you good for|what are you good at|whats possible|what is possible|what you can do|what you do|"
        "how you work|how this works|what things can you|things can you do|things can i ask|stuff do you know|"
        "what r u|what do i ask|what else|what are your commands|what can u do|what can u tell me|how can i use you|"
        "how can i use this|show me examples|any tips|tips|how does it work|what is sage 200|how do you work this|"
        "what information can you give|what info can you give|what stuff can i ask|what can i do here|"
        "what can i do with this|what should i ask|what am i supposed to type|teach me|explain yourself|give me help|"
        "i need help|need help|need some help|can you help|can you help me|could you help|help me out|stuck|im stuck|"
        "im lost|lost|user guide|manual|docs please|faq|how to use|introduce yourself|what do u do|what is it you do|"
        "whats your purpose|your purpose|example questions|some example questions|sample questions|some questions|"
        "what kind of questions|how do i talk to you|what commands|which commands|what do you understand|help|"
        "help me|what can you do|what can i ask|can i ask|what can i ask you|how does this work|what do you know|"
        "how do i use this|what do you do|how do you work|instructions|what can i say|what can i type|commands|"
        "what else can you do|what are you|who are you|what is this|what are you for|show me what you can do|"
        "how can you help|what questions can i ask|what can you tell me|what do i type|list of commands|options|"
        "how do i use you|what can this do|what does this do|help please|menu|what can you help with|"
        "what can you help me with|what kind of things can i ask|what sort of things can i ask|how do i ask|"
        "give me some examples|examples|what are my options|show me the commands|how do i start|get started|"
        "getting started|where do i start|tutorial|guide|im new here|what are you able to do|whats this|what is it"
    ),
    Cue.GREETING: (
        "alrite|alreet|areet|ow do|owdo|"
        "hiya love|u ok|you ok hun|evenin|mornin all|morning team|good mornin|top of the morning|hello bot|hi bot|"
        "hey bot|are you awake|are you alive|wakey wakey|knock knock|"
        "g day|gday|hey hey|hello hello|hola|bonjour|namaste|salut|ciao|yoohoo|coo-ee|cooee|testing testing|ahoy|"
        "salutations|you about|good to see you|now then|nah then|ey up duck|watcha|what ho|how you keeping|"
        "how are we|how are you today|hows your day|long time no see|nice to meet you|hows tricks|whats happening|"
        "whats new with you|u there|hey up|hi|hello|hiya|hey|hey there|hi there|hello there|good morning|"
        "good afternoon|good evening|morning|afternoon|evening|morning all|hi all|hello all|hi team|hello team|"
        "dear team|heya|yo|howdy|alright mate|good day|greetings|gm|mornin|ay up|ey up|oi oi|sup|whats up|"
        "how are you|hows it going|hows things|wagwan|how are things|how are you doing|you alright|you ok|you there|"
        "are you there|anyone there|anybody there|how you doing|happy friday|happy monday|hallo|ello|wotcha|alright"
    ),
    Cue.THANKS: (
        "thx x|ta x|thanks x|cheers x|thank you x|thx xx|ta xx|thanks xx|cheers xx|k thx|k thanks|k ta|k cheers|"
        "kk thx|kk thanks|kk ta|k thx x|k thanks x|exactly what i needed|just what i needed|what i needed|"
        "all i needed|just what i wanted|saved my bacon|"
        "have nice day|so kind of you|very kind|"
        "ta duck|cheers for that|thats perfect|ideal|nice|yay|happy days|jobs a good un|good un|cheers m8|m8|"
        "thank you so much|thanks so much|thanks again|thank you again|thanks for that|thanks for your help|"
        "nice work|good work|great work|good lad|good one|quality|superb|super duper|beautiful|ace thanks|"
        "right thanks|grand|marvellous|splendid|terrific|much obliged|obliged|cheers big ears|bless you|bless|"
        "youre the best|the best|love it|love you|i owe you one|owe you one|top stuff|top banana|bang on|bob on|"
        "spot-on|appreciate that|appreciate your help|very helpful|thats helpful|helpful|useful thanks|handy|lush|"
        "bostin|canny|sweet|good to know|fair enough|fair dos|ok then|okey doke|okey dokey|righto|right o|roger|"
        "alrighty|ta for that|ta love|ta pet|have a good one|have a good day|have a nice day|see you later|"
        "speak later|speak soon|catch you later|toodle pip|ttfn|tara|night|nn|thanks|thank you|thank|ta|cheers|thx|"
        "many thanks|thanks very much|thanks a lot|thank you very much|much appreciated|ty|tyvm|tvm|appreciated|"
        "appreciate it|ta very much|ta muchly|cheers mate|thanks mate|tanks|thnx|thks|thanx|thankyou|thank u|"
        "nice one|thats great|thats all|no worries|legend|ur a star|youre a star|star|lifesaver|life saver|"
        "good stuff|good bot|good job|well done|spot on|brill|bril|sorted|that helps|that helped|perfect|great|"
        "brilliant|lovely|super|cool|awesome|excellent|wonderful|fab|fantastic|champion|ace|mint|amazing|top man|"
        "smashing|magic|grand job|got it|noted|understood|will do|makes sense|bye|goodbye|see you|see ya|goodnight|"
        "good night|cya|laters|all good|no problem|thats it|nothing else|that will be all|thatll do|job done|gotcha"
    ),
    Cue.MODAL: "can|could|may|should|will|would|shall|cant|couldnt|might|ought|must",
    Cue.OKAY: (
        "ok|okay|all right|fine|is it ok|is it okay|is it alright|is it all right|is it ok if|is that ok|allowed|"
        "is it fine|ok to|ok for|another|after another|more|safe|safe to|clear to|happy to|fine to|okay to|"
        "alright to|am i ok|am i ok to|are we ok|are we ok to|are we good|are we good to|extra|good to|"
        "is it safe|is it safe to|additional|further|further credit|all right to|possible"
    ),
    Cue.DAYS: "days|day|days old|days plus|days overdue",
    Cue.ASKING: (
        "what|whats|when|whens|how|hows|where|wheres|whose|is|isnt|are|arent|am|was|were|does|do|did|has|have|had|"
        "whatre|whore|doesnt|dont|hasnt|havent|didnt|wasnt|werent|whatve"
    ),
    Cue.JOINER: "as well as|along with|and|of|the|&|n|by|le|la|de|du|van|von|+",
    Cue.LINK: "for|on|at|from|with|about|to|in|over|re|regarding|concerning|under",
    Cue.FILLER: FILLERS,
    Cue.ORDINARY: ORDINARY,
}

Phrase = tuple[str, ...]


def _table() -> dict[str, tuple[tuple[Phrase, Cue, Topic | None], ...]]:
    found: dict[str, dict[Phrase, tuple[Cue, Topic | None]]] = {}

    def put(phrase: str, cue: Cue, topic: Topic | None = None) -> None:
        words = tuple(phrase.split())
        found.setdefault(words[0], {}).setdefault(words, (cue, topic))

    for topic, phrases in TOPIC_PHRASES.items():
        for phrase in phrases.split("|"):
            put(phrase, Cue.TOPIC, topic)
    for cue, phrases in _PHRASES.items():
        for phrase in phrases.split("|"):
            put(phrase, cue)
    return {
        first: tuple((words, *meaning) for words, meaning in sorted(known.items(), key=lambda entry: -len(entry[0])))
        for first, known in sorted(found.items())
    }


TABLE = _table()
"""The phrases by their first word, longest first."""

_INFLECTED = {Cue.ORDERS, Cue.INVOICES, Cue.PROMISED, Cue.LAST_PAID, Cue.OVERDUE, Cue.RELEASE, Cue.CHASE, Cue.LIMIT}
INFLECTED = {
    f"{word}{ending}": cue
    for word, known in TABLE.items()
    for phrase, cue, _ in known
    if len(phrase) == 1 and cue in _INFLECTED and len(word) > 2
    for ending in ("s", "d", "ed", "ing")
    if f"{word}{ending}" not in TABLE
}
"""Forms of a word with the cue of the word itself: “sops”, “reinstated”."""

_TYPED_OFTEN = (
    "balance|balances|outstanding|limit|limits|headroom|overdue|invoice|invoices|orders|contact|terms|stopped|hold|"
    "credit|available|account|accounts|customer|customers|payment|payments|stop|owing|debtors|debt|aged|released|"
    "release|remaining|biggest|largest|telephone|number|email|statement|reason|average|promised|headroom|connect|"
    "settle|payer|payers|exceeded|spend|average|percent|aged|open|chase|owed|terms|late|"
    "how|much|many|which|what|when|their|limit|watch|thanks|hello|morning|currently|please|total|order|compare"
)
MISSPELT = tuple(dict.fromkeys(word for word in _TYPED_OFTEN.split("|") if len(word) > 3))
"""Words that people mistype; a word that is nearly one of these is read as it."""
