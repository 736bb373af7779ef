-- What has arrived of each feed: batches, the newest of them and its day, rows by verdict.
with arrived as (
    select
        feed,
        count(*) as batches,
        max(batch_id) as newest,
        max(recorded_date) as recorded_date,
        sum(row_count) as row_count,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(ignored) as ignored
    from reports.batches
    group by feed
),

unattributed as (
    select
        feed,
        count(*) as events
    from reports.unattributed_events
    group by feed
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
