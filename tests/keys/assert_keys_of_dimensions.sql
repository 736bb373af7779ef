-- Keys of histories of accounts and discounts.
{{ broken_keys([
    'account_history',
    'account_names',
    'account_records',
    'discount_periods',
    'discount_records',
    'discount_statuses',
    'int_account_records__settled',
    'int_accounts__spans',
    'int_discounts__periods',
    'partner_accounts',
]) }}
