"""A reproducible synthetic landing folder of all five feeds, for trials and benchmarks.

`--events` counts the distinct events of the credits feed (a fifth) and the revenue feed (the rest).
Rows that repeat, correct, void or spoil an event come on top, and so do accounts, discounts and
FOCUS lines, whose numbers follow from the partners and the events. The same request gives the same
bytes: every value is a hash of the seed, a purpose and the number of its event or account, so it
depends neither on threads nor on the order of work, and every file is written by one thread.

Shapes. Days begin with FIRST_DAY and are days of Asia/Ho_Chi_Minh; each has as many events as the
next. A partner has CUSTOMERS_PER_PARTNER customer service accounts on average. The sizes of both
follow a power law: the n-th gets about 1/n. Usage is metered by the hour. STORY credit events tell
a day of a customer: the partner tops up and transfers credit (both sides), the customer uses it,
some is held and released, and a grant, coupon, refund, expiry, adjustment or revaluation is added.
Discounts come in every status, as chains and as deals. One account in 30 moves to another partner,
one in 50 becomes known only after its first events. FOCUS_BILLING_ACCOUNTS send a FOCUS line for
every EVENTS_PER_FOCUS_LINE events: once a week the month to date, and with the first delivery
after a month the whole of it, restated.

Files. One batch a day and feed. Most events: Parquet, with native types in revenue and with text in
credits. The odd rows of EVENT_CASES: CSV, on Thursdays in a second batch of the day. Accounts and
FOCUS: gzipped CSV. Discounts: CSV.

Rates. Of 1,000 events of either feed 27 come late, 10 again, 9 are corrected, 5 voided, 1 is
voided and posted again, 4 also come broken and 1 names an unknown account (EVENT_CASES, with
versions that overtake one another); of 1,000 records of accounts and discounts 10 come again and
5 also broken; of 100 FOCUS lines one each is gone from, new in and changed by the restated month,
and one is broken until then. What would arrive after the last day arrives on the last day. The
command prints what the files hold and what a build makes of it: accepted, rejected and ignored
rows, and unattributed events.
"""
