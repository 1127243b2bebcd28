"""What can't be answered, and what can: one text for each kind of question."""

from __future__ import annotations

from bot.features.assistant.model.questions import Topic

_CAN_LIST = (
    "You can list who is on hold (`{onhold}`), who is overdue (`{overdue}`), who is over their limit (“who's over "
    "their limit?”) and who owes the most (“who owes us the most?”)."
)
EXAMPLE_OF_PROMISE = "500 by Friday"
"""In the text of `Topic.PROMISES`."""
TOPICS: dict[Topic, str] = {
    Topic.STATEMENTS: (
        "Statements and copies of documents come from Sage 200 itself. “Open invoices for ABS001” shows what is unpaid."
    ),
    Topic.MESSAGES: (
        "Nothing is sent to customers or posted for you from here. “Contact for ABS001” gives the name, telephone"
        " number and e-mail address."
    ),
    Topic.CHASING: (
        "Reminders and letters aren't sent from here. “Aged debt for ABS001” shows how old the debt is, “contact "
        "for ABS001” who to ring."
    ),
    Topic.POSTING: (
        "Payments, invoices, credits and orders are posted in Sage 200 itself; nothing of that kind is done from "
        "here. “Can ABS001 have another £500?” checks an order."
    ),
    Topic.LIMITS: (
        "To ask for another credit limit: `{customer} ABS001 request-limit 6000 REASON`. “Credit limit for ABS001” "
        "shows the limit and how much of it is used."
    ),
    Topic.ACCOUNTS: (
        "Accounts and their details are opened and changed in Sage 200 itself. “Tell me about ABS001” shows what "
        "is there."
    ),
    Topic.NOTES: (
        "Type `{customer} ABS001 note TEXT` to write a note for colleagues: it is shown on the card, and not saved in "
        "Sage 200."
    ),
    Topic.REMINDERS: (
        "There are no reminders here; Slack's own `/remind` does that. “Watch ABS001” tells you when it goes on "
        "or off hold."
    ),
    Topic.PROMISES: (
        "Type `{customer} ABS001 promise 500 by Friday` to note a promise to pay, or `{customer} ABS001 dispute INV12 "
        "REASON` for a dispute, `{customer} ABS001 resolve INV12` when it is settled. “Open invoices for ABS001” shows "
        "which are in query."
    ),
    Topic.SALES: (
        "Sales, order history and profit aren't available here. “Open orders for ABS001” and “balance of ABS001” are."
    ),
    Topic.ELSEWHERE: (
        "That isn't here: only customers' accounts are, not suppliers, stock, deliveries, prices or the bank."
    ),
    Topic.HISTORY: (
        "Only today's figures are available here, neither past ones nor what they would be. `{customer} HOL001 "
        "history` shows past holds, `{onhold} since Monday` and `{onhold} released last week` whose holds began and "
        "ended, and `/sage audit` who did what."
    ),
    Topic.LEAVING: ("To remove your Sage sign-in here, type `/sage disconnect`."),
    Topic.ACCESS: ("To ask for access: `/sage request-access REASON`. `/sage status` shows what you have."),
    Topic.FILES: (
        "`{onhold} csv` sends you the accounts on hold as a file, and `{overdue} csv` the overdue invoices. "
        "Other lists have no file."
    ),
    Topic.REQUESTS: (
        "`/sage requests` lists the requests that are waiting; `/sage approve N` and `/sage decline N "
        "REASON` answer one."
    ),
    Topic.DOCUMENTS: (
        "One invoice or order can't be looked up by its number. “Open invoices for ABS001” lists a customer's."
    ),
    Topic.SEVERAL: (
        "Accounts are put on hold and released one at a time: `{customer} ABS001 hold REASON`, or the buttons on the "
        "card. `{overdue} suggested` lists who might be put on hold, and `{overdue} 90+` who is over 90 days."
    ),
    Topic.NOT_TO_BE_DONE: (
        "Nothing was changed: a sentence never puts an account on hold or releases one. “Is ABS001 on hold?” tells how "
        "an account stands, and “watch ABS001” tells you when it goes on or off hold."
    ),
    Topic.SOURCES: (
        "Every answer says below it where its figures come from and as of when: live from Sage 200 or, where Sage 200 "
        "isn't responding and for lists, from the last reading of it. `/sage status` shows which company is read."
    ),
    Topic.PAGES: (
        "The buttons below a list turn its pages, and so does “next page” right after it. A page can be typed after "
        "the command too: `{overdue} page 2`, `{onhold} page 2`."
    ),
    Topic.TOTALS: (
        "There is no such total here. `/sage totals` gives what all customers owe, what of it is overdue and what is "
        "on hold. " + _CAN_LIST
    ),
    Topic.OTHER_LISTS: (f"That can't be listed for all customers, only answered for one. {_CAN_LIST}"),
    Topic.OTHER: ("That isn't about customers' accounts in Sage 200."),
}
"""What is said of each topic; `command_names.named` puts the names of commands in."""
