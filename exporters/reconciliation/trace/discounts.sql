-- The traced discounts by their latest record: to whom they apply, and their status on the day of
-- the data. Empty but for the id where no record has it and charges name it all the same.
create or replace temp table trace_discounts as
select
    traced.event_id as discount_id,
    periods.subject,
    periods.partner_id,
    partners.partner_name,
    periods.service_account_id,
    accounts.service_account_name,
    holders.account_id,
    holders.account_name,
    periods.service_code,
    coalesce(services.service_name, periods.service_code) as service_name,
    periods.deal_id,
    periods.rate_percent,
    periods.requested_on,
    periods.approved_on,
    periods.rejected_on,
    periods.revoked_on,
    periods.starts_on,
    periods.ends_on,
    statuses.status,
    case
        when periods.discount_id is not null
            then concat(
                'discounts batch ', periods.batch_id, ' ', periods.file, ' row ',
                periods.row_number, ', state of ', periods.updated_at, ' UTC'
            )
    end as record
from temp.traced as traced
cross join reports.build_info as info
left join dimensions.discount_periods as periods on traced.event_id = periods.discount_id
left join dimensions.discount_statuses as statuses
    on
        periods.discount_id = statuses.discount_id
        and cast(info.version_at as date) between statuses.valid_from and statuses.valid_to
left join reports.partners as partners on periods.partner_id = partners.partner_id
left join reports.service_accounts as accounts
    on periods.service_account_id = accounts.service_account_id
left join dimensions.partner_accounts as holders
    on
        periods.partner_id = holders.partner_id
        and periods.service_account_id = holders.service_account_id
        and cast(info.version_at as date) between holders.valid_from and holders.valid_to
left join reports.services as services on periods.service_code = services.service_code
where traced.feed = 'discounts'
