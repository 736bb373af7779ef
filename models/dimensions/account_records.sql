-- One row per accepted state of a service account, from the accounts feed or from newly posted
-- FOCUS lines (one per service account and batch: the lines of a batch have one time, and the last
-- one counts).
{{ config(materialized='incremental') }}

{% set known_columns = [
    'service_account_id', 'service_account_name', 'account_id', 'account_name', 'account_type',
    'partner_id', 'partner_name', 'billing_mode', 'status', 'updated_at',
] %}

with delivered as (
    select
        'accounts' as feed,
        {{ known_columns | join(', ') }},
        updated_date,
        batch_id,
        file,
        row_number,
        true as is_new
    from {{ ref('stg_accounts') }}
    where reasons is null and {{ not_yet_loaded('accounts') }}
    {% if is_incremental() %}
        union all
        select
            feed,
            {{ known_columns | join(', ') }},
            updated_date,
            batch_id,
            file,
            row_number,
            false as is_new
        from {{ this }}
        where feed = 'accounts'
    {% endif %}
),

-- A row that equals an accepted one in every known column changes nothing.
first_deliveries as (
    select *
    from delivered
    qualify row_number() over (
        partition by {{ known_columns | join(', ') }}
        order by batch_id, file, row_number
    ) = 1
),

focus_lines as (
    select lines.*
    from {{ ref('stg_focus') }} as lines
    inner join {{ ref('focus_versions') }} as versions
        on
            lines.event_id = versions.event_id
            and lines.batch_id = versions.batch_id
            and versions.operation = 'post'
    where {{ not_yet_loaded('focus', 'lines.batch_id') }}
    qualify row_number() over (
        partition by lines.service_account_id, lines.batch_id
        order by lines.file desc, lines.row_number desc
    ) = 1
),

focus_records as (
    select
        'focus' as feed,
        lines.service_account_id,
        case
            when lines.sub_account_id is null then lines.billing_account_name
            else lines.sub_account_name
        end as service_account_name,
        case
            when lines.sub_account_id is null
                then coalesce(partners.partner_id, lines.billing_account_id)
            else lines.service_account_id
        end as account_id,
        service_account_name as account_name,
        case when lines.sub_account_id is null then 'partner' else 'customer' end as account_type,
        coalesce(partners.partner_id, lines.billing_account_id) as partner_id,
        coalesce(partners.partner_name, lines.billing_account_name) as partner_name,
        cast(null as varchar) as billing_mode,
        cast(null as varchar) as status,
        timezone('UTC', timezone(
            '{{ var("business_time_zone") }}',
            cast({{ recorded_date('lines.batch_id') }} as timestamp)
        )) as updated_at,
        {{ recorded_date('lines.batch_id') }} as updated_date,
        lines.batch_id,
        lines.file,
        lines.row_number
    from focus_lines as lines
    left join {{ ref('focus_billing_accounts') }} as partners
        on lines.billing_account_id = partners.billing_account_id
)

select
    feed,
    {{ known_columns | join(', ') }},
    updated_date,
    batch_id,
    file,
    row_number
from first_deliveries
where is_new
union all
select
    feed,
    {{ known_columns | join(', ') }},
    updated_date,
    batch_id,
    file,
    row_number
from focus_records
