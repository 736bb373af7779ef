-- One row per state of a service account that counts: of records with one time the last delivered
-- stays. `recency` orders all of them from the oldest to the latest.
{{ config(materialized='table', database='work') }}

with settled as (
    select *
    from {{ ref('account_records') }}
    qualify row_number() over (
        partition by service_account_id, updated_at
        order by batch_id desc, feed desc, file desc, row_number desc
    ) = 1
)

select
    service_account_id,
    service_account_name,
    account_id,
    account_name,
    account_type,
    partner_id,
    partner_name,
    billing_mode,
    status,
    updated_at,
    updated_date,
    feed,
    batch_id,
    file,
    row_number,
    row_number() over (order by updated_at, batch_id, feed, file, row_number) as recency
from settled
