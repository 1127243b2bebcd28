"""What isn't answered here: statements, letters, other limits, and whatever isn't about customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.features.assistant.model.grammar.rules.conditions import compared
from bot.features.assistant.model.grammar.rules.sentence import Case, Sentence, first_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import Again, CannotAnswer, It, Question, Topic, WholeCard

_SUBJECTS = (
    Cue.HOLD,
    Cue.BALANCE,
    Cue.LIMIT,
    Cue.INVOICES,
    Cue.AGED,
    Cue.OVERDUE,
    Cue.ORDERS,
    Cue.CHASE,
    Cue.DETAIL,
)
_CALLS = {"email", "e-mail", "ring", "call", "phone", "send", "reach", "ring up", "phone up"}
_ORDERS = {"place an order", "book an order", "process an order"}
_REMOVAL_STEMS = ("remov", "delet", "deactivat", "purg", "eras", "get rid", "closing")
_REMOVALS = {"archive", "close", "close down", "scrap", "bin", "ditch", "kill", "wipe", "terminate", "destroy"}
_TAKES = ("take", "drop", "clear", "strike", "knock", "cross")
_IS_WANTED = {"needs", "need", "wants", "want", "be"}
_RECORDS = {"system", "sage", "ledger", "books", "database", "records", "list"}
_BEFORE_REMOVAL = {Cue.FILLER, Cue.MODAL, Cue.GREETING, Cue.THANKS, Cue.COMMA, Cue.OKAY, Cue.LINK, Cue.JOINER}
_OF_AN_ACCOUNT = (Cue.LIMIT, Cue.ORDERS, Cue.INVOICES, Cue.WATCH, Cue.UNWATCH, Cue.CONTACT, Cue.RELEASE, Cue.NEAR)
_GOODS = {"stock", "product", "products", "sold"}
_TAKEN = {"collect", "collected", "bank", "banked", "taken", "take", "took", "received", "receive"}
_TELLS = {"says", "said", "say", "saying", "reckons", "told", "confirms", "confirmed"}
_CHANGED = {"put", "raise", "increase", "change", "reduce", "lower", "up", "review"}
_CHANGED |= {"raised", "increased", "changed", "reduced", "lowered", "upped", "reviewed", "cut", "dropped", "set"}
_EVERY = {"everyone", "everybody", "every", "all", "each", "anyone", "anybody", "everyones"}
_HOLDS = {"stop", "hold", "block"}
_BACK = {"previous", "before"}
_PAGES = {"two": 2, "three": 3, "four": 4, "five": 5, "one": 1, **{str(number): number for number in range(1, 21)}}
_SAYS_NOT = (["do", "not"], ["should", "not"], ["must", "not"], ["no", "need"])
_BETWEEN_NOT = {"ever", "just", "please", "yet", "go", "and", "you", "to"}
_ASKS_WHY = {"why", "who", "whos", "which", "how come", "what"}
_RESOLVED = {"sorted", "resolved", "settled", "cleared", "closed", "agreed"}
_MOVES = {"move", "reassign", "transfer", "assign", "reallocate", "hand", "switch", "swap"}
_SENT = {Topic.STATEMENTS, Topic.MESSAGES}
_NOTES = {"notes", "any notes", "call notes", "note", "note on", "noted"}
_NOTES_READ = {"notes", "any", "anything", "what", "whats", "show", "see", "read", "has", "have", "did", "is", "are"}
_NOTES_WRITTEN = {"add", "put", "leave", "make", "log", "write", "record", "save", "update", "edit", "delete", "remove"}
_NOTES_WRITTEN |= {"stick", "pop", "jot", "take", "that"}
_OF_THE_PAST = (Cue.HOLD, Cue.SINCE, Cue.WHY, Cue.LAST_PAID, Cue.RELEASED)


def off_topic(sentence: Sentence) -> Question | None:
    """Return what isn't answered here, as in “send them a statement”, “put their limit up to 5k”."""
    orders = (
        sentence.has(Cue.SHIP, Cue.OKAY, Cue.ORDER, Cue.MODAL) and sentence.has(Cue.MONEY) and bool(sentence.subjects)
    )
    topics = [
        piece.topic
        for piece in sentence.pieces
        if piece.topic is not None
        and not (orders and piece.phrase in _GOODS)
        and not (piece.topic is Topic.POSTING and sentence.has(Cue.UNALLOCATED))
    ]
    if set(topics) <= {Topic.NOTES} and _asks_for_notes(sentence):
        return sentence.each(WholeCard)  # they stand there
    topics.sort(key=lambda topic: topic is Topic.MESSAGES)  # “email a statement” is about statements
    of_the_past = sentence.has(*_OF_THE_PAST) or _asks_if_paid(sentence)
    if topics and topics[0] is Topic.HISTORY and of_the_past:
        topics = topics[1:]
    if topics and topics[0] in _SENT and sentence.has(Cue.CONTACT) and sentence.pieces[0].cue is Cue.ASKING:
        return None  # “what's the e-mail to send a statement to”
    if topics and topics[0] is Topic.PAGES:
        return _another_page(sentence)
    return CannotAnswer(topics[0]) if topics else first_of(_WISHES, sentence)


def _asks_for_notes(sentence: Sentence) -> bool:
    """Return whether it asks for the notes on a customer, and has none to write: “any notes on ABS”."""
    if sentence.phrases.isdisjoint(_NOTES) or sentence.has(Cue.CUSTOMERS, Cue.ALL, Cue.MINE):
        return False
    if sentence.says("who", "whos") or (sentence.has(Cue.WHO) and not sentence.names):
        return False
    return bool(sentence.words & _NOTES_READ) and sentence.words.isdisjoint(_NOTES_WRITTEN)


def _another_page(sentence: Sentence) -> Question:
    """Return the next page of the last list, the one before, or the one that is numbered."""
    words = next(piece.phrase.split() for piece in sentence.pieces if piece.topic is Topic.PAGES)
    if words[:1] == ["page"] and words[-1] in _PAGES:
        return Again(It(), page=_PAGES[words[-1]])
    return CannotAnswer(Topic.PAGES) if "last" in words else Again(It(), turns=-1 if _BACK & set(words) else 1)


def something_else(sentence: Sentence) -> Question | None:
    """Return that a sentence which no rule reads is about something else, where its words are English."""
    if sentence.has(Cue.WHO) and sentence.words & {"pay", "pays", "paid", "paying"}:
        return CannotAnswer(Topic.OTHER_LISTS)  # “who has never paid”
    is_question = sentence.has(Cue.ASKING, Cue.MODAL, Cue.WHO) and len(sentence.pieces) > 2
    return CannotAnswer(Topic.OTHER) if sentence.has(Cue.ORDINARY) or is_question else None


def _another_limit(sentence: Sentence) -> bool:
    """Return whether a limit is to be changed: “raise their limit”, “give them a limit of 5k”."""
    if not sentence.has(Cue.LIMIT) or sentence.has(
        Cue.WHY, Cue.SINCE, Cue.WHO, Cue.WHICH, Cue.OVER, Cue.NEAR, Cue.ROOM
    ):
        return False
    opening = {piece.text.casefold() for piece in sentence.pieces[:4]} & {"put", "set", "up", "give", "make"}
    is_change = sentence.has(Cue.CHANGE) and not sentence.has(Cue.MOST)
    return is_change or (bool(opening) and sentence.has(Cue.MONEY, Cue.NUMBER))


def _asks_if_paid(sentence: Sentence) -> bool:
    """Return whether it asks like “did Edge pay yesterday”."""
    return sentence.pieces[0].cue is Cue.ASKING and bool(sentence.words & {"pay", "paid"})


def _limit_was_changed(sentence: Sentence) -> bool:
    """Return whether it asks of an earlier change: “when was their limit last put up”, “who raised the limit”."""
    begins = sentence.pieces[0].phrase.partition(" ")[0]
    asks = sentence.has(Cue.SINCE) or begins in {"did", "has", "have", "was", "were", "when", "who"}
    return asks and sentence.has(Cue.LIMIT) and bool(sentence.words & _CHANGED)


def _changes_many(sentence: Sentence) -> bool:
    """Return whether many accounts are to be held or released at once: “stop everyone over 90 days”."""
    pieces = sentence.pieces
    start = next((at for at, piece in enumerate(pieces) if piece is sentence.first), len(pieces))
    if start >= len(pieces) - 1:
        return False
    puts = pieces[start].cue in {Cue.PUT, Cue.TAKE} and sentence.has(Cue.HOLD)
    holds = pieces[start].cue is Cue.RELEASE or (pieces[start].cue is Cue.HOLD and pieces[start].phrase in _HOLDS)
    after = [piece for piece in pieces[start + 1 :] if piece.cue not in {Cue.FILLER, Cue.JOINER, Cue.LINK}]
    is_lot = bool(after) and after[0].phrase == "the lot"
    is_many = bool(after) and (
        is_lot or after[0].cue in {Cue.ALL, Cue.MINE} or bool(set(after[0].phrase.split()) & _EVERY)
    )
    return (puts or holds) and is_many


def _resolves(sentence: Sentence) -> bool:
    """Return whether it tells that a dispute is over: “the query on invoice 12 is sorted”."""
    of_one = sentence.has(Cue.DISPUTED) or bool(sentence.words & {"query", "dispute", "queries", "disputes"})
    asks = sentence.pieces[0].cue in {Cue.ASKING, Cue.MODAL, Cue.WHO, Cue.WHICH}
    return of_one and bool(sentence.words & _RESOLVED) and not asks


def _reassigns(sentence: Sentence) -> bool:
    """Return whether an account is to be somebody else's: “move ABS001 to George”."""
    moves = _first_phrase(sentence) in _MOVES and any(piece.phrase in {"to", "over"} for piece in sentence.pieces[2:])
    return moves and bool(sentence.names) and not sentence.has(Cue.HOLD, Cue.MONEY, Cue.NUMBER, Cue.LIMIT, Cue.ORDER)


def _first_cue(sentence: Sentence) -> Cue | None:
    return sentence.first.cue if sentence.first is not None else None


def _first_phrase(sentence: Sentence) -> str:
    return sentence.first.phrase if sentence.first is not None else ""


def _calls(sentence: Sentence) -> bool:
    return _first_phrase(sentence) in _CALLS


def _chases(sentence: Sentence) -> bool:
    first = sentence.first
    is_verb = first is not None and first.cue is Cue.CHASE and not first.phrase.endswith(("list", "for"))
    return is_verb and (bool(sentence.names) or sentence.has(Cue.IT))


def _promises(sentence: Sentence) -> bool:
    will_pay = bool(sentence.words & _TELLS) and bool(sentence.words & {"pay", "paying"})
    is_promise = sentence.has(Cue.PROMISED) or will_pay
    is_told = is_promise and sentence.has(Cue.MONEY, Cue.NUMBER) and not _is_bounded(sentence)
    # “Have they promised 500” asks, “they have promised 500” tells.
    asks = sentence.pieces[0].cue in {Cue.ASKING, Cue.MODAL} or sentence.has(Cue.WHO, Cue.WHICH, Cue.MODAL)
    return is_told and not asks


def _disputes(sentence: Sentence) -> bool:
    """Return whether it tells of a dispute, as in “ABS001 is disputing invoice 12”, and asks for none."""
    asks = (Cue.ASKING, Cue.MODAL, Cue.WHO, Cue.WHICH, Cue.CUSTOMERS, Cue.HOW_MUCH, Cue.HOW_MANY, Cue.ALL, Cue.CARD)
    begins = sentence.first is not None and sentence.first.cue is Cue.DISPUTED and not sentence.says("in query")
    tells = sentence.has(Cue.DISPUTED) and sentence.has(Cue.NUMBER, Cue.MONEY) and not _is_bounded(sentence)
    starts_with_verb = sentence.pieces[0].cue in {Cue.ASKING, Cue.MODAL, Cue.WHO, Cue.WHICH}
    return tells and not starts_with_verb and (begins or not sentence.has(*asks[1:]))


def _is_bounded(sentence: Sentence) -> bool:
    """Return whether an amount is a bound, which nobody tells: “disputes over £1,000”."""
    pieces = sentence.pieces
    return any(compared(pieces, at) != (at, at + 1) for at, each in enumerate(pieces) if each.cue is Cue.MONEY)


def _removes(sentence: Sentence) -> bool:
    """Return whether an account is to be removed, not released: “get rid of ABS001”, “take ABS off the system”."""
    pieces, words = sentence.pieces, sentence.words
    if sentence.has(Cue.HOLD, *_OF_AN_ACCOUNT) or not (sentence.names or sentence.has(Cue.IT)):
        return False
    takes = _first_phrase(sentence) in _TAKES and bool(words & _RECORDS)
    at = next((at for at, each in enumerate(pieces) if _is_removal(pieces, at)), None)
    if at is None:
        return takes and any(word in {"off", "from", "of"} or word.startswith("off ") for word in words)
    begins = all(each.cue in _BEFORE_REMOVAL for each in pieces[:at])
    return begins or (bool(words & _IS_WANTED) and pieces[at].text.endswith(("ing", "ed")))


def _is_removal(pieces: Sequence[Piece], at: int) -> bool:
    word = pieces[at].phrase
    rids = word in {"get", "getting", "shot"} and any(each.phrase == "rid" for each in pieces[at + 1 : at + 2])
    return rids or word.startswith(_REMOVAL_STEMS) or (word in _REMOVALS and pieces[at].text.islower())


def _is_not_to_be_done(sentence: Sentence) -> bool:
    """Return whether an account is not to be held or released: “don't put ABS001 on hold”."""
    pieces = sentence.pieces
    for at, piece in enumerate(pieces):
        puts = piece.cue in {Cue.PUT, Cue.TAKE} or piece.phrase in {"want", "let", "go", "be"}
        is_verb = piece.cue in {Cue.RELEASE, Cue.RELEASED} or (piece.cue is Cue.HOLD and piece.phrase in _HOLDS)
        is_verb |= piece.cue is Cue.SUGGEST and piece.phrase.startswith("to ")  # “no need to stop ABS”
        is_verb |= puts and sentence.has(Cue.HOLD, Cue.RELEASE, Cue.RELEASED)
        before = [each.phrase for each in pieces[:at]]
        while before and before[-1] in _BETWEEN_NOT:
            before.pop()
        if is_verb and before and _says_not(before):
            return True
    return False


def _says_not(before: Sequence[str]) -> bool:
    """Return whether words end with an order not to: “please don't”; “why don't we” and “have we not” ask."""
    is_not = before[-1] in {"dont", "never", "shouldnt", "mustnt"} or before[-2:] in _SAYS_NOT or before == ["not"]
    return is_not and _ASKS_WHY.isdisjoint(before)


def _supposes_a_payment(sentence: Sentence) -> bool:
    """Return whether it asks how an account would stand: “what if they pay 1,000 first”."""
    pays = any(piece.phrase in {"pay", "paid", "pays"} for piece in sentence.pieces)
    return "if" in sentence.words and pays and not sentence.has(Cue.SHIP, Cue.ORDER, Cue.MODAL, Cue.ROOM, Cue.WATCH)


def _asks_what_came_in(sentence: Sentence) -> bool:
    """Return whether it asks what everybody paid: “how much did we collect in October”."""
    asks = sentence.has(Cue.HOW_MUCH) or sentence.pieces[0].phrase in {"what", "total"}
    ours = sentence.says("did we", "have we", "we", "weve")
    named = any(piece.cue is Cue.NAME and piece.phrase not in _TAKEN for piece in sentence.pieces)
    return asks and ours and bool(sentence.words & _TAKEN) and not sentence.has(Cue.IT) and not named


def _topic(topic: Topic) -> Callable[[Sentence], Question]:
    return lambda _: CannotAnswer(topic)


_WISHES: tuple[Case, ...] = (
    (_is_not_to_be_done, _topic(Topic.NOT_TO_BE_DONE)),
    (_supposes_a_payment, _topic(Topic.HISTORY)),
    (_asks_what_came_in, _topic(Topic.OTHER_LISTS)),
    (_removes, _topic(Topic.ACCOUNTS)),
    (_reassigns, _topic(Topic.ACCOUNTS)),
    (_changes_many, _topic(Topic.SEVERAL)),
    (_resolves, _topic(Topic.PROMISES)),
    (_limit_was_changed, _topic(Topic.HISTORY)),
    (_another_limit, _topic(Topic.LIMITS)),
    (lambda said: _first_cue(said) in {None, Cue.WATCH}, lambda _: None),
    (lambda said: _first_phrase(said) in _ORDERS and not said.has(Cue.MODAL), _topic(Topic.POSTING)),
    (lambda said: _calls(said) and said.says("ask", "say") and said.has(Cue.IT), _topic(Topic.MESSAGES)),
    (
        lambda said: _first_cue(said) is Cue.CHANGE and said.has(Cue.DETAIL, Cue.CONTACT, Cue.TERMS, Cue.REP),
        _topic(Topic.ACCOUNTS),
    ),
    (
        lambda said: _calls(said) and said.has(*_SUBJECTS) and not said.has(Cue.ORDER, Cue.MONEY),
        _topic(Topic.MESSAGES),
    ),
    (_chases, _topic(Topic.CHASING)),
    (_promises, _topic(Topic.PROMISES)),
    (_disputes, _topic(Topic.PROMISES)),
)
