-- A discount is listed while it was not over, and whenever an entry of the period counts in it.
with worth as (
    select
        discount_id,
        currency,
        {worth}
    from ledger.discount_worth
    where
        partner_id = $partner
        and ({periods})
    group by discount_id, currency
    having {counted}
),

discounts as (
    select
        periods.subject,
        periods.discount_id,
        periods.service_account_id,
        accounts.service_account_name,
        holders.account_id,
        periods.service_code,
        coalesce(services.service_name, periods.service_code) as service_name,
        periods.deal_id,
        periods.rate_percent,
        periods.starts_on,
        periods.ends_on,
        periods.requested_on,
        periods.over_after,
        statuses.status
    from dimensions.discount_periods as periods
    inner join dimensions.discount_statuses as statuses
        on
            periods.discount_id = statuses.discount_id
            and $to_date between statuses.valid_from and statuses.valid_to
    left join reports.service_accounts as accounts
        on periods.service_account_id = accounts.service_account_id
    left join dimensions.partner_accounts as holders
        on
            holders.partner_id = $partner
            and periods.service_account_id = holders.service_account_id
            and $to_date between holders.valid_from and holders.valid_to
    left join reports.services as services
        on periods.service_code = services.service_code
    where periods.partner_id = $partner
)

select
    discounts.*,
    worth.currency,
    {measures}
from discounts
left join worth
    on discounts.discount_id = worth.discount_id
where
    (
        worth.discount_id is not null
        or {listed}
    )
    and {conditions}
