-- Standing charges with a day of service in the period, with the part of their amounts for these
-- days.
with charges as (
    select *
    from reports.revenue_detail
    where
        partner_id = $partner
        and is_standing
        and service_start <= $to_date
        and service_end >= $from_date
        and {conditions}
),

parts as (
    select
        * replace (
            reports.allocated(
                quantity, service_start, service_end, $from_date, $to_date
            ) as quantity,
            reports.allocated(
                list_amount, service_start, service_end, $from_date, $to_date
            ) as list_amount,
            reports.allocated(
                net_amount, service_start, service_end, $from_date, $to_date
            ) as net_amount,
            reports.allocated(
                tax_amount, service_start, service_end, $from_date, $to_date
            ) as tax_amount,
            reports.allocated(
                partner_cost_amount, service_start, service_end, $from_date, $to_date
            ) as partner_cost_amount
        )
    from charges
)

select
    * replace (
        list_amount - net_amount as discount_amount,
        net_amount - partner_cost_amount as partner_margin_amount
    ),
    greatest(service_start, $from_date) as report_date
from parts
