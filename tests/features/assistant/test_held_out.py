"""Phrasings of writers who had not read the grammar, in conversations: what is read right of them.

First file: when first read, 76% was right. After mending the kinds of fault seen in the even conversations, 84% of
the odd were right, unseen; after those of every second odd one, 86% of the rest. Then all were mended.

Second file, other writers: when first read, 64.6% was right, and 8 of its 76 questions about many were read as one
customer's. After mending the kinds seen in the even conversations, 65.5% of the odd by rules alone, 74.7% with the
learnt likeness. After those of every second odd one, 76.1% of the rest (`UNSEEN`), with 2 questions about many read as
one customer's. Those two are mended; the other faults of the rest were not read, and nothing is learnt from it.
The margins from which a likeness is believed were chosen on the odd conversations, the rest among them: so neither
74.7% nor 76.1% is quite what unseen words would give.

Third file: short questions as a credit controller types them, by somebody who knew the kinds of questions, though not
the grammar. Of its first part 87.2% was right at first sight (143 of 164), nearly all faults being of kinds that had no
answer; of its second, written after those were mended, 88.9% (64 of 72). Then both were mended.

Fourth file, a writer who had read no grammar and no phrasing: when first read, 90.0% of 400 was right, and 2 of its 121
questions about many were read as one customer's. With the likeness learnt from the large file of phrasings, 92.0% was
right and one; the margin from which the likeness is believed against a rule was then chosen on all of it (92.5%). Of
its even conversations alone the faults were read: one kind was mended, and none of many is read as one's. Nothing is
learnt from it. Of the second file's unseen quarter 75.0% was right, as before. Then the kinds of fault seen in that
quarter and in the fourth file's even conversations were mended: 82.6% of the quarter is right, 99.0% of the even ones,
and 93.0% of the odd, whose faults nobody has read.

Fifth file, as people in accounts offices write, by somebody who knew the kinds of questions and had read no grammar:
when first read, 95.3% of 212 was right, and 1 of its questions about many was read as one customer's. That one is
mended; of its other faults one was read by chance, and nothing is learnt from it. After the mends in the other files
96.7% is right.

Sixth file, as a credit controller, a sales rep and a warehouse manager type, with the slang of the trade and of the
north, by somebody who knew the kinds of questions and had read no grammar: when first read, 93.7% of 159 was right, and
1 of its questions about many was read as one customer's. Of the 48 conditions of its lists 37 were read. Then the kinds
of all its faults but two were mended, so what it scores now is no measure of unseen words.

Seventh file, questions that stand alone, many of what isn't answered here, by somebody who had read no grammar. It is
counted more strictly: a condition that is neither read nor said to be left out makes an answer wrong, and so does "that
isn't about customers' accounts" of a question that is. Split at random before anything of it was read: of the first
half (17001 to 17150) 113 of 150 were right at first sight, 75.3% (84.7% by the kind of question alone), and 7 questions
about many were read as of one name. After the kinds of its faults were mended, 121 of the 149 of the second half were
right, unseen, 81.2% (87.2% by the kind alone), with 3 about many read as of one. Then the kinds of these were mended
too, so what it scores now is no measure of unseen words; of the second file's unseen quarter 81.5% is right after it, a
question fewer than before.

Eighth file, conversations of reps, controllers and directors, with two customers, exclusions, upper bounds, pages,
promises and much that isn't answered here, by somebody who knew the kinds of questions and had read no grammar; counted
as strictly as the seventh. Of half "A" 152 of 181 were right at first sight, 84.0%, with 2 questions about many read as
of one name; of half "B" 136 of 154, 88.3%, with one. Then labels were mended by rule: eighteen questions that may be
refused or answered named no customer, which makes it 137 of half "B". After the kinds of fault of half "A" were mended,
all 181 of it are right, and of half "B", whose faults nobody has read, 145, 94.2%, with none about many read as of one.

Ninth file, single questions and conversations, by somebody who had read no grammar and has intents of their own: holds
that began or ended in a period, notes, promises, "the third one", who paid. A condition is to be read, or said to be
left out. At first sight 109 of the 160 of half "A" were right, 68.1%, with 4 about many read as of one, and 118 of the
160 of half "B", 73.8%, with 2. One intent was then read more widely, by rule and in both halves: in how many days they
pay is in the answer about terms too. With the periods of holds, "both" and "the third one", built for their own sake,
it was 72.5% and 76.9%. After some of the kinds of fault of half "A" were mended 131 of it are right, 81.9%, none about
many as of one; of half "B", whose faults nobody has read, 124, 77.5%, with 2. With notes asked for answered by the
card, and a condition alone narrowing the list before, 137 of half "A", 85.6%, and as many as before of half "B". What
isn't answered and may not be refused stays wrong: who paid in a period, a list of all customers, orders of accounts on
hold.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from itertools import islice

from bot.features.assistant.model.grammar.words.likeness import WEIGHTS, most_like
from bot.features.customers.model.lookup import NameBook
from tests.features.assistant import ninth
from tests.features.assistant.held_out import (
    BOOK,
    LARGER_BOOK,
    LARGEST_BOOK,
    Row,
    conditions_missing,
    half_of,
    is_answered,
    is_many_as_one,
    is_right,
    played,
    rows,
    unsaid,
)
from tests.features.assistant.learn import UNSEEN, digest, examples, features, pieces_of


def score(half: Sequence[Row], book: NameBook = BOOK) -> float:
    wrong = [each for each in played(half, book) if not is_right(*each)]
    for row, question, found in wrong:
        print(f"{row.conversation} {row.phrase!r}: meant {row.intent} {row.customers}, got {question} {found}")  # noqa: T201
    right = 100 * (1 - len(wrong) / len(half))
    print(f"{right:.1f}% of {len(half)}")  # noqa: T201
    return right


def test_what_others_wrote():
    assert len(rows("held_out.tsv")) >= 600
    assert score(rows("held_out.tsv")) >= 97


def test_what_others_wrote_and_nobody_mended():
    unseen = [row for row in rows("held_out_2.tsv") if row.conversation % 4 == UNSEEN]
    assert len(unseen) > 80
    assert score(unseen) >= 83
    assert score([row for row in rows("held_out_2.tsv") if row.conversation % 4 != UNSEEN]) >= 93


def test_what_a_credit_controller_types():
    assert score(rows("held_out_3.tsv")) >= 97


def test_what_a_writer_said_who_had_read_nothing():
    assert len(rows("held_out_4.tsv")) == 400
    assert score(rows("held_out_4.tsv")) >= 95.5


def test_what_people_in_accounts_offices_write():
    assert len(rows("held_out_5.tsv")) == 212
    assert score(rows("held_out_5.tsv")) >= 96


def test_what_is_typed_with_the_slang_of_the_trade():
    assert len(rows("held_out_6.tsv")) == 159
    assert score(rows("held_out_6.tsv")) >= 98
    for row, question, _ in played(rows("held_out_6.tsv")):
        assert conditions_missing(row, question) == [], row.phrase


def test_questions_that_stand_alone():
    asked = rows("held_out_7.tsv")
    assert len(asked) == 299
    assert score(asked, LARGER_BOOK) >= 98.5
    assert [row.phrase for row, question, _ in played(asked, LARGER_BOOK) if unsaid(row, question)] == []


def test_conversations_of_reps_controllers_and_directors():
    """Says of the half that nobody reads how many are right, and never which."""
    asked = rows("held_out_8.tsv")
    assert len(asked) == 335
    read = [(half_of(row), is_answered(row, question, found)) for row, question, found in played(asked, LARGEST_BOOK)]
    right = {half: [is_right for each, is_right in read if each == half] for half in "AB"}
    assert 100 * sum(right["A"]) / len(right["A"]) == 100
    assert 100 * sum(right["B"]) / len(right["B"]) >= 93


def test_questions_of_a_writer_with_intents_of_their_own():
    """Says of the half that nobody reads how many are right, and never which."""
    asked = rows("held_out_9.tsv")
    assert len(asked) == 320
    read = [(row, question, found) for row, question, found in played(asked, LARGEST_BOOK)]
    for half, least, most_as_one in (("A", 85, 0), ("B", 77, 2)):
        of_half = [each for each in read if each[0].half == half]
        assert len(of_half) == 160
        assert 100 * sum(ninth.is_answered(*each) for each in of_half) / len(of_half) >= least, half
        assert sum(ninth.is_many_as_one(row, question) for row, question, _ in of_half) <= most_as_one, half


def test_no_question_about_many_is_read_as_one_customers():
    for name in (
        "held_out.tsv",
        "held_out_2.tsv",
        "held_out_3.tsv",
        "held_out_4.tsv",
        "held_out_5.tsv",
        "held_out_6.tsv",
        "held_out_7.tsv",
    ):
        book = LARGER_BOOK if name == "held_out_7.tsv" else BOOK
        assert [row for row, question, _ in played(rows(name), book) if is_many_as_one(row, question)] == []
    eighth = played(rows("held_out_8.tsv"), LARGEST_BOOK)
    assert sum(is_many_as_one(row, question) for row, question, _ in eighth) == 0


def test_the_likeness_is_learnt_from_the_corpora():
    assert json.loads(gzip.decompress(WEIGHTS.read_bytes()))["of"] == digest(), "run tests.features.assistant.learn"
    said = [(pieces_of(text), kind) for text, kind in islice(examples(), 0, None, 10) if kind]
    right = sum(most_like(pieces).kind == kind for pieces, kind in said if features(pieces))
    assert right / len(said) > 0.95
