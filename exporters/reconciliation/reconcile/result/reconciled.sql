-- The rows of all classes with both sides and, in words, the reason.

create or replace temp table reconciled as
with joined as (
    select
        placed.* exclude (ledger_id),
        case when entries.in_period then placed.ledger_id end as ledger_id,
        entries.event_id,
        entries.other_id,
        entries.entry_type,
        entries.account as service_account_id,
        entries.event_date,
        entries.posted_date,
        entries.utc_date,
        entries.{date_of_basis} as ledger_date,
        entries.{date_of_other_basis} as other_date,
        entries.currency as ledger_currency,
        entries.amount as entry_amount,
        case when entries.in_period then entries.amount end as ledger_amount,
        coalesce(entries.batch_id, remarks.batch_id) as batch_id,
        coalesce(entries.file, remarks.file) as file,
        coalesce(entries.row_number, remarks.row_number) as row_number,
        remarks.reasons,
        remarks.first_row,
        remarks.taken_back_by,
        unreadable_keys.row as unreadable_row
    from placed
    left join ledger_rows as entries on placed.ledger_id = entries.id
    left join remarks on placed.statement_id = remarks.statement_id
    left join unreadable_keys
        on
            case when placed.class = 'only in ledger' then entries.{ledger_key} end
            = unreadable_keys.key
),

reasoned as (
    select
        *,
        case
            when class = 'another period'
                then case
                    when
                        other_date between $from_date and $to_date and other_date <> ledger_date
                        then '{late}'
                    when utc_date between $from_date and $to_date then 'time zone'
                    else 'other period'
                end
            when
                class = 'date differs'
                or (class = 'matched' and starts_with(match, 'nearest'))
                then case
                    when statement_date = other_date
                        then replace('{date_of_other_basis}', '_', ' ')
                    when statement_date = utc_date then 'time zone'
                    when statement_date not between $from_date and $to_date then 'other period'
                    else 'other day'
                end
            when class = 'amount differs' and taken_back_by is not null then 'corrected'
            when
                class = 'another account'
                and ltrim(statement_account, '0') = ltrim(service_account_id, '0')
                then 'leading zeros'
            when class = 'only in ledger'
                then case
                    when unreadable_row is not null then 'unreadable'
                    when other_date not between $from_date and $to_date then '{late}'
                    when utc_date not between $from_date and $to_date then 'time zone'
                end
            when taken_back_by is not null then 'taken back'
        end as reason,
        case
            when statement_account <> service_account_id
                then printf(said('under service account %s'), service_account_id)
        end as elsewhere,
        case
            when stated_amount <> entry_amount
                then
                    printf(
                        said('with %s in place of %s'),
                        shown_amount(entry_amount),
                        shown_amount(stated_amount)
                    )
        end as other_amount,
        printf(
            said('the statement has %s, the ledger %s'),
            shown_day(statement_date),
            shown_day(ledger_date)
        ) as dates_of_sides,
        case
            when posted_date <> event_date
                then
                    printf(
                        said(
                            'it occurred on %s, was recorded with batch %s when its month was'
                            ' closed, and is posted on %s'
                        ),
                        shown_day(event_date),
                        batch_id,
                        shown_day(posted_date)
                    )
            when utc_date <> event_date
                then
                    printf(
                        said('it occurred on %s in the business time zone, on %s in UTC'),
                        shown_day(event_date),
                        shown_day(utc_date)
                    )
        end as dates
    from joined
)

select
    class,
    statement_id,
    ledger_id,
    statement_row,
    statement_key,
    statement_account,
    statement_date,
    event_id,
    other_id,
    entry_type,
    service_account_id,
    event_date,
    posted_date,
    case side
        when 'ledger' then ledger_currency
        when 'statement' then statement_currency
        when 'both' then coalesce(statement_currency, ledger_currency)
    end as currency,
    case when side <> 'ledger' then stated_amount end as statement_amount,
    case when side <> 'statement' then ledger_amount end as ledger_amount,
    case
        when class <> 'not a line'
            then
                coalesce(case when side <> 'ledger' then stated_amount end, 0)
                - coalesce(case when side <> 'statement' then ledger_amount end, 0)
    end as difference,
    match,
    case when ambiguous then 'yes' end as ambiguous,
    reason,
    nullif(
        concat_ws(
            '; ',
            problem,
            case class
                when 'date differs'
                    then dates_of_sides
                when 'amount differs'
                    then
                        concat_ws(' ', said('the ledger has it'), other_amount, elsewhere)
                        || coalesce(
                            '; '
                            || printf(
                                said('batch %s took %s back'),
                                taken_back_by,
                                shown_amount(stated_amount)
                            ),
                            ''
                        )
                when 'currency differs'
                    then case side
                        when 'statement'
                            then concat_ws(
                                ' ',
                                printf(said('the ledger has it in %s'), ledger_currency),
                                other_amount,
                                elsewhere
                            )
                        else
                            printf(
                                said('row %s of the statement has it in %s'),
                                cast(statement_row as varchar),
                                statement_currency
                            )
                    end
                when 'another account'
                    then concat_ws(' ', said('the ledger has it'), elsewhere)
                when 'another period'
                    then concat_ws(
                        ' ',
                        printf(
                            said('the ledger has it in %s, on %s'),
                            shown_month(ledger_date),
                            shown_day(ledger_date)
                        ),
                        other_amount,
                        elsewhere
                    )
                when 'rejected' then array_to_string(reasons, '; ')
                when 'duplicate in statement'
                    then coalesce(
                        case
                            when first_row < statement_row
                                then
                                    printf(
                                        said('its key stands in row %s already'),
                                        cast(first_row as varchar)
                                    )
                            when first_row is not null
                                then said('its key stands in another row that fits better')
                        end,
                        said('it repeats a row that was matched')
                    )
                when 'duplicate in ledger'
                    then said('another event is of the same transaction, account and amount')
                when 'only in ledger'
                    then
                        printf(
                            said('row %s of the statement has its key, but could not be read'),
                            cast(unreadable_row as varchar)
                        )
                when 'matched'
                    then case when reason is not null then dates_of_sides end
            end,
            case
                when taken_back_by is not null and class <> 'amount differs'
                    then
                        printf(
                            said('the ledger had it and took it back with batch %s'),
                            taken_back_by
                        )
            end,
            case
                when
                    reason not in (
                        'other period', 'other day', 'taken back', 'corrected',
                        'leading zeros', 'unreadable'
                    )
                    then dates
            end
        ),
        ''
    ) as explanation,
    batch_id,
    file,
    row_number
from reasoned;
