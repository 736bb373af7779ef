-- Keys of marts that are tables.
{{ broken_keys([
    'balances_left_behind',
    'batches',
    'build_info',
    'ignored_rows',
    'int_batches__outcomes',
    'open_transfers',
    'rejected_rows',
    'unattributed_events',
    'credit_balance',
    'partners',
    'service_accounts',
    'dim_services',
]) }}
