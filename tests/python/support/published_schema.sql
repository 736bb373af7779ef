create schema dimensions;
create schema intake;
create schema ledger;
create schema reference;
create schema reports;
create schema staging;

create table dimensions.account_history (
    service_account_id varchar,
    partner_id varchar,
    account_id varchar,
    account_type varchar,
    valid_from date,
    valid_to date,
    updated_at timestamp,
    feed varchar,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table dimensions.account_names (
    account_id varchar,
    account_name varchar
);

create table dimensions.account_records (
    feed varchar,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    partner_id varchar,
    partner_name varchar,
    billing_mode varchar,
    status varchar,
    updated_at timestamp,
    updated_date date,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table dimensions.discount_periods (
    discount_id varchar,
    subject varchar,
    partner_id varchar,
    service_account_id varchar,
    service_code varchar,
    deal_id varchar,
    rate_percent decimal(9,6),
    requested_on date,
    approved_on date,
    rejected_on date,
    revoked_on date,
    starts_on date,
    ends_on date,
    planned_start date,
    last_day date,
    over_after date,
    updated_at timestamp,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table dimensions.discount_records (
    discount_id varchar,
    subject varchar,
    partner_id varchar,
    service_account_id varchar,
    service_code varchar,
    deal_id varchar,
    rate_percent decimal(9,6),
    requested_on date,
    approved_on date,
    rejected_on date,
    revoked_on date,
    effective_from date,
    effective_to date,
    updated_at timestamp,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table dimensions.discount_statuses (
    discount_id varchar,
    status varchar,
    valid_from date,
    valid_to date
);

create table dimensions.partner_accounts (
    partner_id varchar,
    service_account_id varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    valid_from date,
    valid_to date
);

create table intake.batch_log (
    feed varchar,
    batch_id varchar,
    is_proven boolean
);

create table intake.build_settings (
    setting varchar,
    value varchar,
    recorded_at timestamp
);

create table intake.landing_files (
    feed varchar,
    batch_id varchar,
    file varchar,
    size_bytes bigint,
    modified_ns bigint,
    sha256 varchar,
    row_count bigint,
    column_names varchar[],
    column_types varchar[],
    field_count integer
);

create table ledger.discount_worth (
    partner_id varchar,
    discount_id varchar,
    event_date date,
    posted_date date,
    currency varchar,
    event_count bigint,
    list_amount decimal(38,12),
    discount_amount decimal(38,12)
);

create table ledger.event_voids (
    feed varchar,
    event_id varchar,
    version decimal(38,0),
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table ledger.fct_credit_daily (
    feed varchar,
    batch_id varchar,
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    account_id varchar,
    account_type varchar,
    wallet varchar,
    movement_type varchar,
    balance_column varchar,
    balance_sign tinyint,
    held_sign tinyint,
    service_code varchar,
    currency varchar,
    is_internal boolean,
    event_count bigint,
    amount decimal(38,12)
);

create table ledger.fct_credit_entries (
    feed varchar,
    entry_type varchar,
    event_id varchar,
    version decimal(38,0),
    reversed_version decimal(38,0),
    service_account_id varchar,
    wallet varchar,
    movement_type varchar,
    amount decimal(30,12),
    currency varchar,
    occurred_at timestamp,
    transaction_id varchar,
    counterparty_service_account_id varchar,
    payment_method varchar,
    service_code varchar,
    description varchar,
    balance_after decimal(38,12),
    event_date date,
    recorded_date date,
    posted_date date,
    batch_id varchar,
    file varchar,
    row_number bigint,
    entry_count tinyint,
    balance_column varchar,
    balance_sign tinyint,
    held_sign tinyint,
    partner_id varchar,
    account_id varchar,
    account_type varchar,
    is_internal boolean
);

create table ledger.fct_revenue_daily (
    feed varchar,
    batch_id varchar,
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    account_id varchar,
    account_type varchar,
    service_code varchar,
    currency varchar,
    discount_id varchar,
    partner_discount_id varchar,
    is_discountable boolean,
    is_spread boolean,
    event_count bigint,
    list_amount decimal(38,12),
    discount_amount decimal(38,12),
    net_amount decimal(38,12),
    tax_amount decimal(38,12),
    partner_discount_amount decimal(38,12),
    partner_cost_amount decimal(38,12),
    partner_margin_amount decimal(38,12)
);

create table ledger.fct_revenue_entries (
    feed varchar,
    entry_type varchar,
    event_id varchar,
    version decimal(38,0),
    reversed_version decimal(38,0),
    service_account_id varchar,
    service_code varchar,
    charge_type varchar,
    order_id varchar,
    deal_id varchar,
    discount_id varchar,
    quantity decimal(30,12),
    unit varchar,
    currency varchar,
    list_amount decimal(30,12),
    discount_amount decimal(30,12),
    net_amount decimal(30,12),
    tax_amount decimal(30,12),
    occurred_at timestamp,
    event_date date,
    order_date date,
    period_start date,
    period_end date,
    recorded_date date,
    posted_date date,
    batch_id varchar,
    file varchar,
    row_number bigint,
    entry_count tinyint,
    partner_id varchar,
    account_id varchar,
    account_type varchar,
    partner_discount_id varchar,
    partner_discount_rate decimal(9,6),
    partner_cost_amount decimal(30,12),
    service_start date,
    service_end date,
    is_spread boolean,
    is_discountable boolean
);

create table ledger.fct_revenue_spread (
    feed varchar,
    batch_id varchar,
    event_id varchar,
    entry_type varchar,
    version decimal(38,0),
    partner_id varchar,
    event_date date,
    service_start date,
    service_end date,
    service_account_id varchar,
    account_id varchar,
    account_type varchar,
    service_code varchar,
    currency varchar,
    is_discountable boolean,
    entry_count tinyint,
    list_amount decimal(30,12),
    net_amount decimal(30,12),
    tax_amount decimal(30,12),
    partner_cost_amount decimal(30,12)
);

create table ledger.int_revenue_entries__priced (
    partner_id varchar,
    account_id varchar,
    account_type varchar,
    feed varchar,
    entry_type varchar,
    entry_count tinyint,
    event_id varchar,
    version decimal(38,0),
    reversed_version decimal(38,0),
    order_id varchar,
    deal_id varchar,
    discount_id varchar,
    service_account_id varchar,
    service_code varchar,
    charge_type varchar,
    quantity decimal(30,12),
    unit varchar,
    currency varchar,
    list_amount decimal(30,12),
    discount_amount decimal(30,12),
    net_amount decimal(30,12),
    tax_amount decimal(30,12),
    partner_discount_id varchar,
    partner_discount_rate decimal(9,6),
    partner_discount_amount decimal(30,12),
    partner_cost_amount decimal(30,12),
    partner_margin_amount decimal(31,12),
    occurred_at timestamp,
    event_date date,
    order_date date,
    recorded_date date,
    posted_date date,
    period_start date,
    period_end date,
    service_start date,
    service_end date,
    is_spread boolean,
    is_discountable boolean,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table ledger.internal_transfers (
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    account_type varchar,
    movement_type varchar,
    wallet varchar,
    currency varchar,
    event_count bigint,
    amount decimal(38,12)
);

create table reference.currencies (
    currency varchar,
    currency_name varchar,
    minor_units smallint
);

create table reference.focus_billing_accounts (
    billing_account_id varchar,
    partner_id varchar,
    partner_name varchar
);

create table reference.movement_types (
    movement_type varchar,
    balance_effect smallint,
    held_effect smallint,
    balance_column varchar,
    amount_rule varchar
);

create table reference.services (
    service_code varchar,
    service_name varchar
);

create table reports.balance_differences (
    service_account_id varchar,
    wallet varchar,
    currency varchar,
    occurred_at timestamp,
    event_id varchar,
    stated_balance decimal(38,12),
    our_balance decimal(38,12),
    difference decimal(38,12),
    change decimal(38,12),
    previous_instant timestamp
);

create table reports.balances_left_behind (
    partner_id varchar,
    service_account_id varchar,
    service_account_name varchar,
    current_partner_id varchar,
    wallet varchar,
    currency varchar,
    balance decimal(38,12),
    held decimal(38,12),
    last_event_date date
);

create table reports.batches (
    feed varchar,
    batch_id varchar,
    recorded_date date,
    file_count bigint,
    row_count bigint,
    accepted bigint,
    rejected bigint,
    ignored bigint
);

create table reports.build_info (
    version varchar,
    version_at timestamp,
    built_at timestamp,
    business_time_zone varchar,
    close_day integer,
    project_version varchar,
    low_credit_days integer
);

create table reports.credit_balance (
    partner_id varchar,
    basis varchar,
    month date,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    wallet varchar,
    currency varchar,
    opening_balance decimal(38,12),
    topped_up decimal(38,12),
    transferred_in decimal(38,12),
    accrued decimal(38,12),
    used decimal(38,12),
    transferred_out decimal(38,12),
    expired decimal(38,12),
    adjusted decimal(38,12),
    net_movement decimal(38,12),
    closing_balance decimal(38,12),
    held decimal(38,12),
    available decimal(38,12)
);

create table reports.credit_entries (
    partner_id varchar,
    event_date date,
    posted_date date,
    recorded_date date,
    occurred_at timestamp,
    event_id varchar,
    version decimal(38,0),
    made_by_version decimal(38,0),
    entry_type varchar,
    entry_count tinyint,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    wallet varchar,
    movement_type varchar,
    balance_column varchar,
    currency varchar,
    amount decimal(30,12),
    movement_amount decimal(30,12),
    balance_effect decimal(30,12),
    held_effect decimal(30,12),
    transaction_id varchar,
    counterparty_service_account_id varchar,
    is_internal boolean,
    payment_method varchar,
    service_code varchar,
    service_name varchar,
    description varchar,
    is_standing boolean,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table reports.credit_movements (
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    wallet varchar,
    currency varchar,
    topped_up decimal(38,12),
    transferred_in decimal(38,12),
    accrued decimal(38,12),
    used decimal(38,12),
    transferred_out decimal(38,12),
    expired decimal(38,12),
    adjusted decimal(38,12),
    net_movement decimal(38,12),
    held decimal(38,12),
    event_count bigint
);

create table reports.credit_topups (
    partner_id varchar,
    event_date date,
    posted_date date,
    occurred_at timestamp,
    transaction_id varchar,
    event_id varchar,
    entry_type varchar,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    wallet varchar,
    movement_type varchar,
    counterparty_service_account_id varchar,
    payment_method varchar,
    currency varchar,
    amount decimal(30,12),
    is_standing boolean,
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table reports.credit_usage (
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    wallet varchar,
    movement_type varchar,
    service_code varchar,
    service_name varchar,
    currency varchar,
    event_count bigint,
    amount decimal(38,12)
);

create table reports.deferred_revenue (
    partner_id varchar,
    month date,
    service_account_id varchar,
    service_account_name varchar,
    service_code varchar,
    service_name varchar,
    currency varchar,
    opening_deferred decimal(38,12),
    billed decimal(38,12),
    earned decimal(38,12),
    closing_deferred decimal(38,12)
);

create table reports.discounts (
    partner_id varchar,
    subject varchar,
    discount_id varchar,
    service_account_id varchar,
    service_account_name varchar,
    service_code varchar,
    service_name varchar,
    deal_id varchar,
    rate_percent decimal(9,6),
    starts_on date,
    ends_on date,
    status varchar,
    currency varchar,
    event_count bigint,
    list_amount decimal(38,12),
    discount_amount decimal(38,12)
);

create table reports.ignored_rows (
    feed varchar,
    batch_id varchar,
    file varchar,
    row_number bigint,
    event_id varchar,
    version decimal(38,0),
    reason varchar
);

create table reports.open_transfers (
    transaction_id varchar,
    currency varchar,
    transferred_out decimal(38,12),
    transferred_in decimal(38,12),
    difference decimal(38,12),
    from_service_account_ids varchar[],
    to_service_account_ids varchar[],
    event_ids varchar[],
    first_event_date date,
    last_event_date date
);

create table reports.partners (
    partner_id varchar,
    partner_name varchar
);

create table reports.rejected_rows (
    feed varchar,
    batch_id varchar,
    file varchar,
    row_number bigint,
    raw json,
    reasons varchar[]
);

create table reports.revenue_allocated (
    partner_id varchar,
    month date,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    service_code varchar,
    service_name varchar,
    currency varchar,
    list_amount decimal(38,12),
    discount_amount decimal(38,12),
    net_amount decimal(38,12),
    tax_amount decimal(38,12),
    partner_cost_amount decimal(38,12),
    partner_margin_amount decimal(38,12)
);

create table reports.revenue_by_account (
    partner_id varchar,
    event_date date,
    posted_date date,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    currency varchar,
    event_count bigint,
    list_amount decimal(38,12),
    discount_amount decimal(38,12),
    net_amount decimal(38,12),
    tax_amount decimal(38,12),
    partner_cost_amount decimal(38,12),
    partner_margin_amount decimal(38,12)
);

create table reports.revenue_by_service (
    partner_id varchar,
    event_date date,
    posted_date date,
    account_type varchar,
    service_code varchar,
    service_name varchar,
    currency varchar,
    event_count bigint,
    list_amount decimal(38,12),
    discount_amount decimal(38,12),
    net_amount decimal(38,12),
    tax_amount decimal(38,12),
    partner_cost_amount decimal(38,12),
    partner_margin_amount decimal(38,12)
);

create table reports.revenue_detail (
    partner_id varchar,
    event_date date,
    posted_date date,
    occurred_at timestamp,
    event_id varchar,
    entry_type varchar,
    order_id varchar,
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    service_code varchar,
    service_name varchar,
    charge_type varchar,
    quantity decimal(30,12),
    unit varchar,
    currency varchar,
    list_amount decimal(30,12),
    discount_amount decimal(30,12),
    net_amount decimal(30,12),
    tax_amount decimal(30,12),
    partner_discount_rate decimal(9,6),
    partner_cost_amount decimal(30,12),
    partner_margin_amount decimal(38,12),
    is_standing boolean,
    batch_id varchar,
    file varchar,
    row_number bigint,
    feed varchar,
    version decimal(38,0),
    made_by_version decimal(38,0),
    entry_count tinyint,
    deal_id varchar,
    discount_id varchar,
    partner_discount_id varchar,
    partner_discount_amount decimal(30,12),
    order_date date,
    recorded_date date,
    period_start date,
    period_end date,
    service_start date,
    service_end date
);

create table reports.service_accounts (
    service_account_id varchar,
    service_account_name varchar,
    account_id varchar,
    account_name varchar,
    account_type varchar,
    partner_id varchar,
    partner_name varchar,
    billing_mode varchar,
    status varchar,
    updated_at timestamp
);

create table reports.service_periods_ignored (
    event_id varchar,
    service_account_id varchar,
    period_start date,
    period_end date,
    why varchar
);

create table reports.services (
    service_code varchar,
    service_name varchar
);

create table reports.unattributed_events (
    feed varchar,
    event_id varchar,
    version decimal(38,0),
    service_account_id varchar,
    event_date date,
    posted_date date,
    movement_type varchar,
    charge_type varchar,
    currency varchar,
    amount decimal(30,12),
    batch_id varchar,
    file varchar,
    row_number bigint
);

create table reports.wallets_that_differ (
    service_account_id varchar,
    wallet varchar,
    currency varchar,
    occurred_at timestamp,
    difference decimal(38,12)
);

create table staging.focus_versions (
    provider_name varchar,
    billing_account_id varchar,
    billing_period_start timestamp,
    event_id varchar,
    version decimal(38,0),
    operation varchar,
    batch_id varchar,
    file varchar,
    row_number bigint
);
