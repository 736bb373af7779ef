-- One row per service account, partner in question (null: whichever manages it) and span of days:
-- the account's last record up to those days, or its first where the days lie before every record.
-- With a partner in question only the records that name this partner count.
{{ config(materialized='table', database='work') }}

with settled as (
    select *
    from {{ ref('int_account_records__settled') }}
),

scoped as (
    select
        *,
        cast(null as varchar) as scope_partner_id
    from settled
    union all
    select
        *,
        partner_id as scope_partner_id
    from settled
),

ends_of_day as (
    select
        *,
        updated_date as valid_from
    from scoped
    qualify row_number() over (
        partition by service_account_id, scope_partner_id, updated_date
        order by updated_at desc
    ) = 1
),

beginnings as (
    select
        *,
        date '0001-01-01' as valid_from
    from scoped
    qualify
        row_number() over (
            partition by service_account_id, scope_partner_id
            order by updated_at
        ) = 1
        and updated_date > date '0001-01-01'
),

states as (
    select *
    from beginnings
    union all
    select *
    from ends_of_day
)

select
    scope_partner_id,
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
    feed,
    batch_id,
    file,
    row_number,
    valid_from,
    coalesce(
        lead(valid_from) over (
            partition by service_account_id, scope_partner_id
            order by valid_from
        ) - 1,
        date '9999-12-31'
    ) as valid_to,
    valid_to = date '9999-12-31' as is_latest
from states
