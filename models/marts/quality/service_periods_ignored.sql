-- One row per standing charge whose service period is not used: its amounts are allocated to its
-- event date.
{{ config(materialized='table') }}

select
    event_id,
    service_account_id,
    period_start,
    period_end,
    case when period_start > period_end then 'reversed' else 'too long' end as why
from {{ ref('fct_revenue_entries') }}
where
    period_start > period_end
    or period_end - period_start >= {{ var('longest_service_period') }}
group by all
-- A reversal has the period of what it takes back.
having sum(entry_count) <> 0
