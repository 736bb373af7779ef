-- The `<row>` elements of a report's rows, as blobs of UTF-8.
select encode(case when _is_plain then xml else row_text(xml) end) as row_xml
from (
    select
        _is_plain,
        concat('<row r="', _row, '">', {cells}, '</row>') as xml
    from (
        select
            *,
            is_plain(_texts) as _is_plain
        from (
            select
                *,
                concat_ws('|', '', {texts}, '') as _texts
            from ({report})
        )
    )
)
