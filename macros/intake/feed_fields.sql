{#- The fields of a feed that the warehouse knows, in the order of docs/feeds.md, and which of them a
    row must have. `numbers` and `times` may come from Parquet with their types; all types and rules
    stand in the feed's stg_ model. -#}
{% macro feed_fields(feed) %}
    {% set fields = {
        'accounts': {
            'required': ['service_account_id', 'account_id', 'account_type', 'partner_id', 'updated_at'],
            'optional': [
                'service_account_name', 'account_name', 'partner_name', 'billing_mode', 'status',
            ],
            'numbers': [],
            'times': ['updated_at'],
        },
        'credits': {
            'required': [
                'event_id', 'service_account_id', 'movement_type', 'amount', 'currency', 'occurred_at',
            ],
            'optional': [
                'version', 'operation', 'wallet', 'transaction_id',
                'counterparty_service_account_id', 'payment_method', 'service_code', 'description',
                'balance_after',
            ],
            'numbers': ['amount'],
            'times': ['occurred_at'],
        },
        'discounts': {
            'required': [
                'discount_id', 'subject', 'partner_id', 'service_code', 'rate_percent',
                'requested_on', 'effective_from', 'updated_at',
            ],
            'optional': [
                'service_account_id', 'deal_id', 'approved_on', 'rejected_on', 'revoked_on',
                'effective_to',
            ],
            'numbers': [],
            'times': ['updated_at'],
        },
        'revenue': {
            'required': [
                'event_id', 'service_account_id', 'service_code', 'charge_type', 'currency',
                'list_amount', 'net_amount', 'occurred_at',
            ],
            'optional': [
                'version', 'operation', 'order_id', 'deal_id', 'discount_id', 'quantity', 'unit',
                'discount_amount', 'tax_amount', 'ordered_at', 'period_start', 'period_end',
            ],
            'numbers': ['quantity', 'list_amount', 'discount_amount', 'net_amount', 'tax_amount'],
            'times': ['occurred_at', 'ordered_at'],
        },
        'focus': {
            'required': [
                'ProviderName', 'BillingAccountId', 'BillingPeriodStart', 'BillingCurrency',
                'ChargeCategory', 'ChargePeriodStart', 'ServiceName', 'ListCost', 'BilledCost',
            ],
            'optional': [
                'BillingAccountName', 'SubAccountId', 'SubAccountName', 'ChargeFrequency',
                'ChargePeriodEnd', 'ConsumedQuantity', 'ConsumedUnit', 'PricingQuantity', 'PricingUnit',
            ],
            'numbers': ['ListCost', 'BilledCost', 'ConsumedQuantity', 'PricingQuantity'],
            'times': ['BillingPeriodStart', 'ChargePeriodStart', 'ChargePeriodEnd'],
        },
    } %}
    {{ return(fields[feed]) }}
{% endmacro %}
