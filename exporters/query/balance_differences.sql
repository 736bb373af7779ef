-- Without the balances themselves: those of the source may have parts of other partners.
select
    service_account_id,
    wallet,
    currency,
    occurred_at,
    difference
from reports.wallets_that_differ
where
    service_account_id in (
        select own.service_account_id
        from dimensions.partner_accounts as own
        where
            own.partner_id = $partner
            and ($account is null or {of_account})
    )
order by service_account_id, wallet, currency
