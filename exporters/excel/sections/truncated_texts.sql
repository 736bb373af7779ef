select
    row_number,
    lengths
from (
    select
        row_number() over () as row_number,
        [{lengths}] as lengths
    from ({report})
)
where len(list_filter(lengths, lambda length: length is not null)) > 0
order by row_number
limit {limit}
