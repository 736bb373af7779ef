-- One row per service account with records that not every model has made use of, and the first day
-- whose attribution they may change: a record changes the days from its own on, and what lies
-- before the first record has its account.
{{ config(materialized='ephemeral') }}

with records as (
    select
        records.*,
        loaded.batch_id is not null as is_known
    from {{ ref('account_records') }} as records
    left join {{ source('intake', 'batch_log') }} as loaded
        on records.feed = loaded.feed and records.batch_id = loaded.batch_id
),

first_known as (
    select
        service_account_id,
        min(updated_at) as updated_at
    from records
    where is_known
    group by service_account_id
)

select
    records.service_account_id,
    min(
        case
            when first_known.updated_at < records.updated_at then records.updated_date
            else date '0001-01-01'
        end
    ) as changed_from
from records
left join first_known on records.service_account_id = first_known.service_account_id
where not records.is_known
group by records.service_account_id
