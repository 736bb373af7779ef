-- One row per account: its name in the latest record, of any service account, that carries the
-- account.
{{ config(materialized='table') }}

select
    account_id,
    account_name
from {{ ref('int_account_records__settled') }}
qualify row_number() over (partition by account_id order by recency desc) = 1
