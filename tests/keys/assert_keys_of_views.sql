{{ config(tags=['whole_ledger']) }}

-- Keys of views over the whole ledger: their joins repeat no row.
{{ broken_keys([
    'credit_movements',
    'credit_usage',
    'discounts',
    'revenue_by_account',
    'revenue_by_service',
    'discount_worth',
    'internal_transfers',
]) }}
