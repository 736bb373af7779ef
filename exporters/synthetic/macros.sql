-- Functions that the queries of all feeds share.

-- A whole number below `choices`, always the same for a purpose and a number. Only the hash
-- of a single value scatters: the hash of two is that of one, turned by that of the other.
create macro draw(purpose, number, choices) as
cast(
    hash(
        cast(number as bigint)
        + cast(hash(purpose || ' {seed}') >> 2 as bigint)
    )
    % cast(choices as ubigint) as bigint
);

-- One of some texts.
create macro pick(texts, purpose, number) as
texts[draw(purpose, number, length(texts)) + 1];

-- A power law in whole numbers, alike on every machine: each octave is as likely as another.
create macro in_octave(purpose, number, everyone, octave) as
octave - 1 + draw(purpose, number, least(octave, everyone - octave + 1));

create macro power_law(purpose, number, everyone) as
in_octave(
    purpose,
    number,
    everyone,
    cast(1 as bigint) << draw(purpose || ' octave', number, length(bin(everyone)))
);

create macro some_customer(purpose, number) as
power_law(purpose, number, {customers});

create macro some_partner(purpose, number) as
power_law(purpose, number, {partners});

-- Ids begin with zeros, as account numbers do.
create macro partner_id(partner) as
substr(cast(1000001 + partner as varchar), 2);

create macro wallet_id(partner) as
partner_id(partner) || '-00';

create macro customer_id(customer) as
substr(cast(100000001 + customer as varchar), 2);

create macro event_id(prefix, number) as
prefix || substr(cast(10000000000 + number as varchar), 2);

-- Every fourth service account is the second one of its account.
create macro account_of(customer) as
customer - case when customer % 4 = 3 then 1 else 0 end;

-- The first accounts see to it that every partner has one.
create macro first_partner(account) as
case
    when account < 2 * {partners} then account // 2
    else some_partner('first partner', account)
end;

create macro is_mover(account) as
account % 40 = 14;

create macro move_day(account) as
draw('move day', account, {days});

create macro next_partner(account) as
(
    first_partner(account)
    + 1
    + draw('next partner', account, greatest({partners} - 1, 1))
)
% {partners};

create macro partner_on(account, day) as
case
    when is_mover(account) and day >= move_day(account) then next_partner(account)
    else first_partner(account)
end;

-- A holder is a customer's account or, as a negative number, a partner.
create macro partner_holder(partner) as
-1 - partner;

create macro currency_of(holder) as
case when draw('currency', holder, 33) = 0 then 'USD' else 'VND' end;

create macro favourite_service(holder) as
draw('favourite service', holder, {known_service_count});

create macro service_code(service) as
{service_codes}[service + 1];

create macro has_discount(customer) as
customer % 3 = 0;

create macro discount_rate(customer, rates) as
rates[draw('customer rate', customer, length({customer_rates})) + 1];

create macro discount_of(customer) as
'CD-' || customer_id(customer);

create macro deal_of(partner) as
'DL-' || partner_id(partner);

create macro partner_name(partner) as
'Đại lý ' || pick({names}, 'partner name', partner) || ' ' || partner;

create macro account_name(account) as
pick({businesses}, 'business', account)
|| ' ' || pick({names}, 'name', account) || ' ' || account;

-- Business time: `day` counts from the first one, `second` from midnight.
create macro local_time(day, second) as
make_timestamp(({midnight} + cast(day as bigint) * 86400 + second) * 1000000);

create macro local_text(day, second) as
cast(local_time(day, second) as varchar) || '+07:00';

create macro instant(day, second) as
cast(local_time(day, second - 7 * 3600) as timestamptz);

create macro local_date(day) as
date '{first_day}' + cast(day as integer);
