-- One row per service account, wallet and currency whose balance differed from ours at the last
-- instant at which the source stated one.
{{ config(materialized='view') }}

select
    service_account_id,
    wallet,
    currency,
    occurred_at,
    difference
from {{ ref('balance_differences') }}
qualify
    row_number() over (
        partition by service_account_id, wallet, currency
        order by occurred_at desc
    ) = 1
    and difference is distinct from 0
