-- Keys of rows as they were read.
{{ broken_keys([
    'focus_versions',
    'stg_accounts',
    'stg_credits',
    'stg_discounts',
    'stg_focus',
    'stg_revenue',
]) }}
