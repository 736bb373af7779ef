-- What has arrived of each feed in batches that are not $known: their number, the newest and its
-- day, and what became of their rows.
with batches as (
    select *
    from reports.batches
    where not list_contains($known, feed || '/' || batch_id)
),

arrived as (
    select
        feed,
        count(*) as batches,
        max(batch_id) as newest,
        max(recorded_date) as recorded_date,
        sum(row_count) as row_count,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(ignored) as ignored
    from batches
    group by feed
),

unattributed as (
    select
        events.feed,
        count(*) as events
    from reports.unattributed_events as events
    semi join batches on events.feed = batches.feed and events.batch_id = batches.batch_id
    group by events.feed
)

select
    arrived.feed,
    arrived.batches,
    arrived.newest,
    arrived.recorded_date,
    arrived.row_count,
    arrived.accepted,
    arrived.rejected,
    arrived.ignored,
    coalesce(unattributed.events, 0) as unattributed
from arrived
left join unattributed on arrived.feed = unattributed.feed
order by arrived.feed
