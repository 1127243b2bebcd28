"""Short forms and usual misspellings, each with the words that are meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.features.assistant.model.grammar.words.cues import MISSPELT, TABLE

_MEANT = (
    "hv=have|pd=paid|idk=i dont know|dose=does|sos=sales orders|summats=something is|"
    "drs=debtors|>=over|<=under|ords=orders|ord=order|kontakt=contact|buchhaltung=accounts|saldo=balance|rechnungen=invoices|procent=percent|"
    "prozent=percent|ne1=anyone|no1=nobody|nething=anything|nethin=anything|anythin=anything|owt=anything|nowt=nothing|summat=something|"
    "tek=take|mek=make|payed=paid|shud=should|wud=would|cud=could|bout=about|av=have|avg=average|ave=average|agd=aged|opne=open|oepn=open|"
    "%=percent|pct=percent|util=utilisation|tho=though|lgr=ledger|cl=credit limit|credlimit=credit limit|"
    "limts=limits|hrdroom=headroom|nd=and|ain't=isnt|aint=isnt|wont=will not|em=them|ovr=over|undr=under|wth=with|"
    "frm=from|sum1=someone|any1=anyone|every1=everyone|b4=before|wen=when|wer=were|wos=was|woz=was|shld=should|"
    "wld=would|cld=could|ddint=didnt|dint=didnt|recvd=received|rcvd=received|tmrw=tomorrow|tmw=tomorrow|wk=week|"
    "mnth=month|yr=year|acct=account|acc=account|a/c=account|ac=account|accts=accounts|accs=accounts|a/cs=accounts|"
    "cust=customer|custs=customers|inv=invoice|invs=invoices|amt=amount|wot=what|wots=whats|wats=whats|wat=what|"
    "wht=what|hw=how|hwo=who|woh=who|oh=on hold|o/h=on hold|bals=balances|blnce=balance|balnce=balance|"
    "onhold=on hold|on-hold=on hold|onstop=on stop|on-stop=on stop|o/s=outstanding|os=outstanding|o/d=overdue|"
    "od=overdue|over-due=overdue|past-due=overdue|overlimit=over limit|over-limit=over limit|"
    "creditlimit=credit limit|credit-limit=credit limit|c/limit=credit limit|cr=credit|lmt=limit|lim=limit|"
    "lmk=let me know|abt=about|bn=been|cn=can|hav=have|hve=have|gd=good|2day=today|tel=phone|ph=phone|fone=phone|"
    "thier=their|thr=their|thay=they|thye=they|teh=the|tje=the|waht=what|whta=what|wich=which|witch=which|"
    "whcih=which|howmuch=how much|wheres=where is|gimmie=give me|giv=give|shw=show|alot=a lot|lst=list|cuz=because|"
    "cos=because|coz=because|bc=because|ere=here|dyou=do you|d'you=do you|recieved=received|custmers=customers|"
    "cutomers=customers|costomers=customers|delivry=delivery|owd=owed|ow=owe|owse=owes|hld=hold|hodl=hold|holdd=hold|"
    "hol=hold|stp=stop|stpo=stop|sotp=stop|stoped=stopped|yest=yesterday|tnx=thanks|cheerz=cheers|thanku=thanks|"
    "inc=including|ledgers=ledger|nos=numbers|fig=figure|figs=figures|r=are|ru=are you|y=why|wy=why|hu=who|hoo=who|"
    "whos=who is|whose=whose|anyones=anyone|dos=does|dets=details|deets=details|sitch=situation|ppl=people|"
    "cred=credit|crdt=credit|avail=available|rem=remaining|ovrdue=overdue|overude=overdue|ovedue=overdue|"
    "nevermind=never mind|nvm=never mind|o'due=overdue|pymt=payment|pmt=payment|pymts=payments|pmts=payments"
)
MEANT = {short: tuple(meant.split()) for short, _, meant in (each.partition("=") for each in _MEANT.split("|"))}
MEANT.pop("whos")
MEANT.pop("whose")

# Real words, and parts of names, that are nearly one of the words that people mistype.
_REAL_WORDS = (
    "contract contracts holder border borders boarder turner times lights light helms harms farms limes content "
    "contents accent ordered orderly ages ford holt bold cold gold told sold fold hole step shop stoop morning "
    "mourning thank count counter mount mounts account hello yellow wheel when then where there here while what "
    "that house horse mouse hose boat match catch batch latch march hatch patch dutch witch ditch rich much such "
    "muck compact company computer container released increase lease please recent decent invoiced motor motors "
    "halls hills order older odder elder elders wait waits lists dents rent rents tents cents stops shops steps"
)
_REAL = frozenset(_REAL_WORDS.split())
_REFERENCE_LIKE = re.compile(r".*\d")
_TENS = re.compile(r"((?:twen|thir|for|fif|six|seven|eigh|nine)ty)-(one|two|three|four|five|six|seven|eight|nine)")


def spelt_out(key: str) -> Sequence[str]:
    """Return the words that a typed word stands for: itself, if it is no short form and no misspelling."""
    found = MEANT.get(key)
    if found is not None:
        return found
    tens = _TENS.fullmatch(key)
    if tens is not None:
        return tens.groups()
    return (_corrected(key),)


@lru_cache(maxsize=2_000)
def _corrected(key: str) -> str:
    if not 4 <= len(key) <= 14 or key in TABLE or key in _REAL or _REFERENCE_LIKE.match(key):
        return key
    allowed = 1 if len(key) < 8 else 2
    for known in MISSPELT:
        # The first letter is seldom wrong; a short word is read only where two of its letters changed places.
        if known[0] != key[0] or (len(known) < 5 and (len(key) != len(known) or sorted(key) != sorted(known))):
            continue
        if OSA.distance(key, known, score_cutoff=allowed) <= allowed and not (len(key) < 6 and key[-1] != known[-1]):
            return known
    return key
