"""The phrases of what the app doesn't do, by topic."""

from __future__ import annotations

from collections.abc import Mapping

from bot.features.assistant.model.questions import Topic

# Between bars, in lower case and without apostrophes. A phrase here wins over any other cue of its length.
PHRASES: Mapping[Topic, str] = {
    Topic.STATEMENTS: (
        "statement|statements|copy invoice|copy invoices|invoice copy|copies of invoices|copy of invoice|"
        "copy of the invoice|copy of their invoice|copy of an invoice|pod|pods|proof of delivery|delivery note|"
        "delivery notes|pdf of the invoice|invoice pdf|remittance advice|copy of the invoices|copies of|reprint"
    ),
    Topic.MESSAGES: (
        "email them|email him|email her|send them an email|send an email|send email|write to them|text them|"
        "message them|send a message|send them a message|email me|mail me|forward|email to|email the|mail them|"
        "drop them an email|draft an email|write an email|write them|send a text|send them a text|whatsapp|post in|"
        "post this|post it|e-mail me|e-mail them|send a dm|email this|send it to|send this to|fire off|email abs|"
        "email a|emailing|tell them|tell the customer|let them know|ring them for me|call them for me|phone them|"
        "phone them for me|ring them|call them"
    ),
    Topic.CHASING: (
        "send a reminder|send them a reminder|reminder letter|send reminder|send reminders|payment reminder|"
        "payment reminders|reminder email|chase email|chasing email|chaser email|chaser letter|chasing letter|"
        "dunning letter|dunning letters|final demand|letter before action|chase letters|reminder letters|"
        "chase letter|send a chaser|send chasers|letter|letters|solicitor|solicitors|debt collector|debt collectors|"
        "debt collection|legal action|take them to court|ccj|small claims|demand letter"
    ),
    Topic.POSTING: (
        "interest on|late interest|statutory interest|post a|post an|post the|allocate|unallocate|record a payment|"
        "record payment|take a payment|take payment|raise an invoice|raise invoice|raise a credit|credit note|"
        "credit notes|journal|refund|write off|write it off|write them off|process a payment|process payment|"
        "log a payment|log payment|enter a payment|mark as paid|post payment|post payments|create an invoice|"
        "cancel the invoice|cancel an invoice|cancel invoice|delete the invoice|credit them|charge interest|late fee|"
        "add interest|create invoice|raise an order|create an order|enter an order|cancel the order|"
        "cancel their order|cancel their orders|cancel order|amend the order|apply the payment|apply a payment|post|"
        "posting|direct debit|card payment|pay by card|invoice them|bill them"
    ),
    Topic.ACCOUNTS: (
        "open an account|open a new account|create an account|create a customer|create a new customer|new customer|"
        "new account|add a customer|add a new customer|set up a customer|set up a new customer|set up an account|"
        "set up a new account|delete the account|delete account|close the account|close account|close their account|"
        "delete customer|delete their account|change their address|change the address|update their address|"
        "change the email|update their email|update the address|change their email|change their phone|"
        "change their number|change their terms|change the terms|change terms|update contact|update their contact|"
        "update the contact|amend their address|change the contact|update their phone|rename|merge|delete|"
        "new address|change of address|change payment terms|update their details|update the phone number|"
        "update details|change their details|change the payment terms|credit application|credit check|credit score|"
        "credit safe|creditsafe|experian|dun and bradstreet"
    ),
    Topic.NOTES: (
        "add a note|add note|make a note|put a note|leave a note|note that|note on|notes|log a call|log call|"
        "record a call|log a note|write a note|add a comment|add comment|note to|take a note|jot down|log that|"
        "record that|any notes|call notes|add a memo|memo|note"
    ),
    Topic.REMINDERS: (
        "remind me to|remind me about|remind me on|remind me in|remind me tomorrow|set a reminder|set reminder|"
        "set me a reminder|reminder for|schedule a call|diary|diarise|diarize|follow up|remind me next week|"
        "remind me at|remind me monday|remind me friday|schedule|snooze|remind george|remind sarah|add a task|"
        "create a task|make a task|task|calendar|put in my calendar|book a call|reminder|nudge me"
    ),
    Topic.PROMISES: (
        "record a promise|log a promise|add a promise|promise logged|log their promise|record their promise|"
        "note a promise|raise a dispute|raise a query|log a dispute|log a query|record a dispute|"
        "record a query"
    ),
    Topic.SALES: (
        "top selling|best selling|best sellers|products|product|"
        "spent|spent with us|turnover|sales figures|sales this|sales last|sales for|revenue|bought|best customers|"
        "best customer|top customers by sales|last order|order history|last ordered|last buy|margin|profit|sold|"
        "sales by|how are sales|sales|quote|quotes|quotation|quotations|purchase history|spend a month|"
        "spend per month|last bought|spend with us|spend a year|annual spend|target|targets|commission"
    ),
    Topic.ELSEWHERE: (
        "been delivered|been despatched|been dispatched|delivery got to|where the delivery|where is the delivery|"
        "wheres the delivery|wheres their delivery|has the delivery|delivery date|"
        "supplier|suppliers|purchase ledger|purchase order|purchase orders|stock|stock level|stock levels|in stock|"
        "price|prices|price list|pricing|vat return|vat rate|nominal|payroll|bank balance|bank account|cash flow|"
        "cashflow|cash in the bank|bank rec|profit and loss|p&l|balance sheet|trial balance|tax|do we owe|we owe|"
        "wages|part number|delivery date|tracking|tracking number|where is my order|whens my delivery|holiday|"
        "holidays|exchange rate|cash forecast|forecast|forecasting|month end|year end|do i owe|budget|expenses|"
        "payslip|our vat number|our company number|our bank details|our account number"
    ),
    Topic.HISTORY: (
        "last year|last month|last week|yesterday|this time last year|balance history|trend|trends|trending|graph|"
        "chart|over time|history|changed this week|change log|whats changed|what changed|whats new|any news|"
        "anything new|who changed|who raised|who increased|who reduced|when was it changed|going up or down|"
        "getting better|compared to last month|than last month|month on month|year on year"
    ),
    Topic.LEAVING: (
        "disconnect|disconnect me|log me out|sign me out|log out|sign out|logout|sign off|forget me|"
        "remove my account|delete my data|unlink|delete my account|revoke|disconnect sage|remove my sage|"
        "unlink my sage"
    ),
    Topic.ACCESS: (
        "give me access|get access|access to|permission|permissions|make me an admin|make me admin|give sarah access|"
        "give george access|who has access|add a user|add user|add me|who can see|my role|what role|change my role|"
        "give access|who is the admin|whos the admin|who is admin|settings|roles|who can release|who can approve|"
        "who is allowed|request access|give them access"
    ),
    Topic.FILES: (
        "csv|print the|print me|print off|excel|spreadsheet|export|download|pdf|print out|printout|in excel|"
        "to excel|as a file|powerpoint|dashboard"
    ),
    Topic.SOURCES: (
        "where do your figures come from|where do the figures come from|where do these figures come from|"
        "where do you get your figures|where do you get the figures|where are these figures from|"
        "where does this come from|are these figures live|are your figures live|are the figures live|"
        "how fresh are your figures|how up to date are your figures|how up to date are the figures|"
        "how old are these figures|how current are the figures"
    ),
    Topic.PAGES: (
        "next page|previous page|page before|last page|page two|page three|page four|page five|page one|"
        + "|".join(f"page {number}" for number in range(1, 21))
        + "|next one please|show some more|carry on with the list|"
        "the rest of them|show more|show me more|"
        "show the rest|show me the rest|the rest of the list|more of them|next lot|next ones|next 10|next ten|next 20|"
        "next twenty"
    ),
    Topic.REQUESTS: (
        "release requests|requests|approvals|pending approvals|waiting for approval|to approve|anything to approve|"
        "any requests|approve|decline|reject|requests waiting|pending requests|my requests|my request|the request|"
        "open requests|outstanding requests"
    ),
}
