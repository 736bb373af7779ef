-- Every row that delivered a traced event or discount, every delivery in which a line was gone, and
-- the refused rows with the id, each with what became of it.
create or replace temp table trace_deliveries as
with versions as (
    select
        feed,
        event_id,
        version,
        batch_id,
        file,
        row_number,
        'post' as operation,
        currency
    from temp.trace_entries
    where entry_type = 'original'
    union all by name
    select
        feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        'void' as operation
    from ledger.event_voids
    where (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
    union all by name
    select
        'focus' as feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        'gone' as operation
    from staging.focus_versions
    where
        operation = 'void'
        and event_id in (
            select traced.event_id
            from temp.traced as traced
            where traced.feed = 'focus'
        )
),

-- Which state of a discount is the latest is decided by updated_at, then by where it stood.
discount_records as (
    select * replace (rtrim(rtrim(cast(rate_percent as varchar), '0'), '.') as rate_percent)
    from dimensions.discount_records
    where
        discount_id in (
            select traced.event_id
            from temp.traced as traced
            where traced.feed = 'discounts'
        )
),

discount_states as (
    select
        records.*,
        cast(to_json(records) as varchar) as stored,
        lead(records.updated_at) over in_order as next_updated_at,
        max(records.updated_at) over (
            partition by records.discount_id
            order by records.batch_id, records.file, records.row_number
            rows between unbounded preceding and 1 preceding
        ) as newest_before
    from discount_records as records
    window in_order as (
        partition by records.discount_id
        order by records.updated_at, records.batch_id, records.file, records.row_number
    )
),

delivered as (
    select
        versions.feed,
        versions.event_id,
        versions.version,
        versions.batch_id,
        versions.file,
        versions.row_number,
        'accepted' as verdict,
        case
            when versions.operation = 'gone'
                then
                    'the delivery no longer has the line: version ' || reversals.reversed_version
                    || ' is taken back'
            when versions.operation = 'post' and reversals.version is null then 'posted'
            when versions.operation = 'post'
                then 'posted in place of version ' || reversals.reversed_version
            when reversals.version is not null
                then 'void: version ' || reversals.reversed_version || ' is taken back'
            else 'void of what did not stand: no entry, but the version is remembered'
        end as reason,
        versions.currency,
        null as raw,
        null as stored
    from versions
    left join temp.trace_entries as reversals
        on
            reversals.entry_type = 'reversal'
            and versions.feed = reversals.feed
            and versions.event_id = reversals.event_id
            and versions.version = reversals.version
    union all
    select
        feed,
        event_id,
        cast(version as varchar) as version,
        batch_id,
        file,
        row_number,
        split_part(reason, ': ', 1) as verdict,
        substr(reason, length(split_part(reason, ': ', 1)) + 3) as reason,
        null as currency,
        null as raw,
        null as stored
    from reports.ignored_rows
    where (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
    union all
    select
        'discounts' as feed,
        discount_id as event_id,
        null as version,
        batch_id,
        file,
        row_number,
        'accepted' as verdict,
        case
            when next_updated_at is null then 'the latest state: it counts'
            when updated_at < newest_before
                then
                    'an older state than was known, of ' || newest_before
                    || ' UTC: it changes nothing'
            else 'a later state has taken its place, of ' || next_updated_at || ' UTC'
        end as reason,
        null as currency,
        null as raw,
        stored
    from discount_states
    union all
    select
        feed,
        nullif(event_id, '') as event_id,
        null as version,
        batch_id,
        file,
        row_number,
        'rejected' as verdict,
        array_to_string(reasons, '; ') as reason,
        null as currency,
        cast(raw as varchar) as raw,
        null as stored
    from temp.refused
    where
        is_asked
        or (feed, event_id) in (select (traced.feed, traced.event_id) from temp.traced as traced)
)

select
    row_number() over (
        order by
            traced.place nulls last,
            delivered.batch_id,
            delivered.file nulls first,
            delivered.row_number,
            delivered.feed
    ) as number,
    delivered.*,
    count(*) over () as delivery_count
from delivered
left join temp.traced as traced
    on delivered.feed = traced.feed and delivered.event_id = traced.event_id
qualify number <= $most_deliveries
