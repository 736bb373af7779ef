-- Rows that were refused when they were delivered, where they are surely the partner's: their
-- service account was the partner's at the end of the day they name, or was never anybody else's
-- where they name none.
create or replace temp table rejected_rows_found as
with delivered as (
    select
        batch_id,
        file,
        row_number,
        reasons,
        raw,
        list_transform(json_keys(raw), lambda name: lower(trim(name))) as names,
        json_keys(raw) as spelled
    from reports.rejected_rows
    where feed = $feed
),

named as (
    select
        batch_id,
        file,
        row_number,
        reasons,
        trim(raw ->> spelled[list_position(names, $rejected_key)]) as key,
        trim(raw ->> spelled[list_position(names, 'service_account_id')]) as service_account_id,
        trim(raw ->> spelled[list_position(names, 'occurred_at')]) as occurred_at
    from delivered
),

dated as (
    select
        *,
        cast(
            timezone(
                $zone,
                try_cast(
                    case
                        when regexp_matches(occurred_at, '(Z|[+-][0-9:]+)$') then occurred_at
                        else occurred_at || 'Z'
                    end
                    as timestamptz
                )
            ) as date
        ) as event_date
    from named
    where key in (select key from open_statement)
)

select
    dated.key,
    dated.batch_id,
    dated.file,
    dated.row_number,
    dated.reasons
from dated
where
    not exists (
        select 1
        from dimensions.account_history as history
        where
            history.service_account_id = dated.service_account_id
            and coalesce(dated.event_date between history.valid_from and history.valid_to, true)
            and history.partner_id is distinct from $partner
    )
    and exists (
        select 1
        from dimensions.account_history as history
        where history.service_account_id = dated.service_account_id
    )
qualify
    row_number() over (
        partition by dated.key
        order by dated.batch_id desc, dated.file desc, dated.row_number desc
    ) = 1;

create or replace temp table new_pairs as
select
    'rejected' as class,
    id as statement_id
from open_statement
where key in (select key from rejected_rows_found)
qualify row_number() over (partition by key order by id) = 1;
