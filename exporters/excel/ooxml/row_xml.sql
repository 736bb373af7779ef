-- The `<row>` elements of a report's rows, as blobs of UTF-8.
select encode(case when _is_plain then xml else row_text(xml) end) as row_xml
from (
    select
        _is_plain,
        concat('<row r="', _row, '">', {cells}, '</row>') as xml
    from (
        select
            *,
            -- Where any text needs it. A macro is bound for each of its calls, so it has one.
            case
                when not _is_plain
                    then list_transform([{texts}], lambda text: cell_text(text))
            end as _elements
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
)
