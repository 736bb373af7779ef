-- Keys of entries, their daily sums and the versions behind them.
{{ broken_keys([
    'event_voids',
    'fct_credit_daily',
    'fct_credit_entries',
    'fct_revenue_daily',
    'fct_revenue_entries',
    'fct_revenue_spread',
    'int_batches__of_this_build',
    'int_batches__outdated',
    'int_events__multi_version',
    'reattributed_batches',
]) }}
