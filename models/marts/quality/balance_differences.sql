-- One row per instant at which the difference between the balance that the source states and ours
-- changes, per service account, wallet and currency: of the standing events of all partners.
{{ config(materialized='table') }}

{% set wallet = 'service_account_id, wallet, currency' %}

-- A reversal has the time of what it takes back and the same balance, so what is left is what
-- stands.
with statements as (
    select
        {{ wallet }},
        occurred_at,
        event_id,
        balance_after
    from {{ ref('fct_credit_entries') }}
    where balance_after is not null
    group by {{ wallet }}, occurred_at, event_id, balance_after
    having sum(entry_count) <> 0
),

wallets as (
    select distinct {{ wallet }}
    from statements
),

movements as (
    select
        entries.service_account_id,
        entries.wallet,
        entries.currency,
        entries.occurred_at,
        sum({{ signed('entries.amount', 'entries.balance_sign') }}) as effect
    from {{ ref('fct_credit_entries') }} as entries
    semi join wallets
        on
            entries.service_account_id = wallets.service_account_id
            and entries.wallet = wallets.wallet
            and entries.currency = wallets.currency
    group by
        entries.service_account_id,
        entries.wallet,
        entries.currency,
        entries.occurred_at
),

balances as (
    select
        {{ wallet }},
        occurred_at,
        cast(
            sum(effect) over (partition by {{ wallet }} order by occurred_at) as decimal(38, 12)
        ) as our_balance
    from movements
),

-- Of several balances stated for an instant the nearest to ours is taken, the greater of two
-- equally near. A difference that does not fit is empty.
compared as (
    select
        statements.*,
        balances.our_balance,
        try(statements.balance_after - balances.our_balance) as difference
    from statements
    inner join balances
        on
            statements.service_account_id = balances.service_account_id
            and statements.wallet = balances.wallet
            and statements.currency = balances.currency
            and statements.occurred_at = balances.occurred_at
    qualify
        row_number() over (
            partition by
                statements.service_account_id,
                statements.wallet,
                statements.currency,
                statements.occurred_at
            order by
                abs(difference) asc nulls last,
                statements.balance_after desc,
                statements.event_id asc
        ) = 1
),

followed as (
    select
        *,
        lag(occurred_at) over by_time as instant_before,
        case
            when lag(occurred_at) over by_time is null then 0
            else lag(difference) over by_time
        end as difference_before
    from compared
    window by_time as (partition by {{ wallet }} order by occurred_at)
)

select
    {{ wallet }},
    {{ business_time('occurred_at') }} as occurred_at,
    event_id,
    balance_after as stated_balance,
    our_balance,
    cast(difference as decimal(38, 12)) as difference,
    try(cast(difference - difference_before as decimal(38, 12))) as change,
    {{ business_time('instant_before') }} as previous_instant
from followed
where difference is distinct from difference_before
