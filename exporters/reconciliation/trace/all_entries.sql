-- The entries of both ledgers, whoever they belong to. Those of a service account that no account
-- record knows stand in no report, so no mart has them: they come from the ledger, and all that
-- follows from an account is empty.
create or replace temp view all_credit_entries as
with unattributed as (
    select
        event_id,
        coalesce(reversed_version, version) as version,
        version as made_by_version,
        entry_type,
        event_date,
        recorded_date,
        posted_date,
        service_account_id,
        wallet,
        movement_type,
        service_code,
        transaction_id,
        counterparty_service_account_id,
        currency,
        amount,
        balance_column,
        balance_sign * amount as balance_effect,
        held_sign * amount as held_effect,
        batch_id,
        file,
        row_number
    from ledger.fct_credit_entries
    where partner_id is null
)

select *
from reports.credit_entries
union all by name
select *
from unattributed;

create or replace temp view all_revenue_entries as
with unattributed as (
    select
        feed,
        event_id,
        coalesce(reversed_version, version) as version,
        version as made_by_version,
        entry_type,
        event_date,
        recorded_date,
        posted_date,
        service_account_id,
        service_code,
        charge_type,
        order_id,
        discount_id,
        service_start,
        service_end,
        currency,
        list_amount,
        discount_amount,
        net_amount,
        tax_amount,
        batch_id,
        file,
        row_number
    from ledger.fct_revenue_entries
    where partner_id is null
)

select *
from reports.revenue_detail
union all by name
select *
from unattributed
