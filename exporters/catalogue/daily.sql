select {columns}
from {source}
where
    partner_id = $partner
    and {date} between $from_date and $to_date
    and {conditions}
group by {keys}
having {entries} <> 0
