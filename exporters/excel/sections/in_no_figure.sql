-- Of each feed from which something is in no figure: refused rows that name the partner or one of
-- its service accounts, those that name nobody known, and events of unknown service accounts.
with refused as (
    select
        feed,
        row_count,
        coalesce(partner_id = $partner, false)
        or service_account_id in (
            select own.service_account_id
            from dimensions.partner_accounts as own
            where own.partner_id = $partner
        ) as is_own,
        partner_id in (select known.partner_id from reports.partners as known)
        or service_account_id in (
            select known.service_account_id from dimensions.partner_accounts as known
        ) as is_known
    from temp.refused_by_name
),

counted as (
    select
        feed,
        sum(row_count) filter (where is_own) as of_partner,
        sum(row_count) filter (where coalesce(is_known, false) = false) as of_nobody,
        0 as unattributed
    from refused
    group by feed
    union all
    select
        feed,
        0 as of_partner,
        0 as of_nobody,
        count(*) as unattributed
    from reports.unattributed_events
    group by feed
)

select
    feed,
    coalesce(sum(of_partner), 0) as of_partner,
    coalesce(sum(of_nobody), 0) as of_nobody,
    sum(unattributed) as unattributed
from counted
group by feed
having of_partner + of_nobody + sum(unattributed) > 0
order by feed
