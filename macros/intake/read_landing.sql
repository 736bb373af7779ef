{#- A query over the rows of the batches of a feed that are not processed yet: batch_id, file,
    row_number (data rows from 1), every known field as trimmed text, `<field>_native` for numbers and
    times (the value where Parquet carries it with its type, else null), file_reasons (why the row is
    refused as it stands in its file, or null), raw_names and raw_values (the row as delivered).
    The only place that knows file formats. -#}
{% macro read_landing(feed) %}
    {% set fields = feed_fields(feed) %}
    {% set known = fields['required'] + fields['optional'] %}
    {% set blanks = ' \t\r\n' %}
    {% set null_text = 'NULL' if feed == 'focus' else none %}
    {% set selects = [] %}
    {% set unknown = [] %}
    {% for layout in new_file_layouts(feed) %}
        {% do selects.append(read_layout(layout, fields, null_text)) %}
        {% for name in layout['names'] | map('trim', blanks) %}
            {% if name | lower not in known | map('lower') and name not in unknown %}
                {% do unknown.append(name) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if unknown and execute and flags.WHICH == 'build' %}
        {% do landing_warning(
            feed ~ ': unknown columns are ignored (' ~ unknown | length ~ '): ' ~ unknown | join(', ')
        ) %}
    {% endif %}
    {% if not selects %}
        {% set columns = ['cast(null as varchar) as batch_id', 'cast(null as varchar) as file',
            'cast(null as bigint) as row_number'] %}
        {% for field in known %}
            {% do columns.append('cast(null as varchar) as ' ~ field | lower) %}
        {% endfor %}
        {% for field in fields['numbers'] + fields['times'] %}
            {% do columns.append(
                'cast(null as ' ~ native_type(field, fields) ~ ') as ' ~ field | lower ~ '_native'
            ) %}
        {% endfor %}
        {% for list_column in ['file_reasons', 'raw_names', 'raw_values'] %}
            {% do columns.append('cast(null as varchar[]) as ' ~ list_column) %}
        {% endfor %}
        {% do selects.append('select ' ~ columns | join(', ') ~ ' where false') %}
    {% endif %}
    {{ return(selects | join('\nunion all\n')) }}
{% endmacro %}


{#- The unprocessed files of a feed, grouped by what one read can serve: format and header. A list of
    dicts: paths, is_csv, names, types, width (fields of the widest row). -#}
{% macro new_file_layouts(feed) %}
    {% set layouts = {} %}
    {% if execute and load_relation(ref('landing_files')) is not none %}
        {% set query %}
            select
                batch_id,
                file,
                cast(to_json(column_names) as varchar) as column_names,
                cast(to_json(column_types) as varchar) as column_types,
                field_count
            from {{ new_files() }} as files
            where feed = '{{ feed }}' and column_names is not null
            order by batch_id, file
        {% endset %}
        {% for row in run_query(query) %}
            {% set names = fromjson(row['column_names']) %}
            {% set types = fromjson(row['column_types']) if row['column_types'] else [] %}
            {% set key = tojson([names, types]) %}
            {% set layout = layouts.setdefault(
                key, {'paths': [], 'is_csv': not types, 'names': names, 'types': types, 'width': 0}
            ) %}
            {% do layout['paths'].append(plain_path(
                [landing_folder(), feed, 'batch=' ~ row['batch_id'], row['file']] | join('/')
            )) %}
            {% do layout.update({'width': [layout['width'], row['field_count']] | max}) %}
        {% endfor %}
    {% endif %}
    {{ return(layouts.values() | list) }}
{% endmacro %}


{#- The query for one layout. -#}
{% macro read_layout(layout, fields, null_text) %}
    {% set names = [] %}
    {% set reasons = [] %}
    {% for name in layout['names'] %}
        {% set name = name | trim(' \t\r\n') %}
        {% if name | lower in names %}
            {% do reasons.append('the column "' ~ name ~ '" stands twice in the header') %}
        {% endif %}
        {% do names.append(name | lower) %}
    {% endfor %}
    {% for field in fields['required'] if field | lower not in names %}
        {% do reasons.append('the required column ' ~ field ~ ' is missing from the file') %}
    {% endfor %}
    {% set missing = fields['required'] | map('lower') | reject('in', names) | list %}
    {% if missing and layout['is_csv'] %}
        {% for separator, called in [(';', 'semicolons'), ('\t', 'tabs')] %}
            {% set fitting = names | join(separator) | replace('"', '') %}
            {% set fitting = fitting.split(separator) | map('trim') | list %}
            {% if fields['required'] | map('lower') | reject('in', fitting) | list | length == 0 %}
                {% do reasons.append(
                    'the header would fit if its fields were separated by ' ~ called
                    ~ ': write the file with commas'
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% set texts = {} %}
    {% set natives = {} %}
    {% set numbers = fields['numbers'] | map('lower') | list %}
    {% set times = fields['times'] | map('lower') | list %}
    {% set raw_values = [] %}
    {% for name in names %}
        {% set column = 'column_' ~ loop.index0 %}
        {% if layout['is_csv'] %}
            {% do raw_values.append(column) %}
        {% else %}
            {% set kind = layout['types'][loop.index0] %}
            {% do raw_values.append(parquet_text(column, kind, is_number=name in numbers)) %}
            {% if name in numbers and is_exact_number(kind) %}
                {% do natives.setdefault(name, 'try_cast(' ~ column ~ ' as decimal(30, 12))') %}
            {% elif name in times and kind in ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP'] %}
                {% do natives.setdefault(name, parquet_time(column, kind)) %}
            {% endif %}
            {% if name in (fields['required'] + fields['optional']) | map('lower')
                and not is_text_like(kind) %}
                {% do reasons.append(
                    'the column ' ~ layout['names'][loop.index0] | trim(' \t\r\n') ~ ' has the type ' ~ kind
                    ~ ', which cannot carry exact values'
                ) %}
            {% endif %}
        {% endif %}
        {#- What was written by Parquet from a number or a time has no blanks around it. -#}
        {% set is_clean = not layout['is_csv'] and has_no_blanks(layout['types'][loop.index0]) %}
        {% do texts.setdefault(
            name, raw_values[-1] if is_clean else clean_text(raw_values[-1], null_text)
        ) %}
    {% endfor %}
    {% set surplus = range(names | length, layout['width']) | list %}
    {% for index in surplus %}
        {% do raw_values.append('column_' ~ index) %}
    {% endfor %}
    select
        regexp_extract(landing_path, '/batch=([^/]*)/[^/]*$', 1) as batch_id,
        regexp_extract(landing_path, '/([^/]*)$', 1) as file,
        row_number,
        {% for field in fields['required'] + fields['optional'] %}
            {% if field | lower in texts and not reasons %}
                {{ texts[field | lower] }} as {{ field | lower }},
            {% else %}
                cast(null as varchar) as {{ field | lower }},
            {% endif %}
        {% endfor %}
        {% for field in fields['numbers'] + fields['times'] %}
            {% if field | lower in natives and not reasons %}
                {{ natives[field | lower] }} as {{ field | lower }}_native,
            {% else %}
                cast(null as {{ native_type(field, fields) }}) as {{ field | lower }}_native,
            {% endif %}
        {% endfor %}
        {% if reasons %}
            {{ text_list(reasons) }} as file_reasons,
        {% elif layout['is_csv'] %}
            case
                when column_{{ names | length - 1 }} is null {{- " or column_" ~ names | length ~ " is not null" if surplus }}
                    then [
                        'the row has ' || len(list_filter({{ '[' ~ raw_values | join(', ') ~ ']' }}, lambda field: field is not null))
                        || ' field(s), the header has {{ names | length }}'
                    ]
            end as file_reasons,
        {% else %}
            cast(null as varchar[]) as file_reasons,
        {% endif %}
        {{ text_list(unique_names(layout['names'])) }} as raw_names,
        [{{ raw_values | join(', ') }}] as raw_values
    from {{ read_csv_rows(layout) if layout['is_csv'] else read_parquet_rows(layout) }}
{% endmacro %}


{#- Rows of CSV files by position. Without the header's names and with every field as text DuckDB keeps
    ragged rows whole: a field that is not there is null, an empty one is ''. The scan has made sure
    that quoting is as RFC 4180 says. -#}
{% macro read_csv_rows(layout) %}
    {% set width = [layout['width'], layout['names'] | length] | max %}
    (
        select
            rows_of_files.*,
            file_position - min(file_position) over (partition by landing_path) as row_number
        from (
            select
                *,
                row_number() over () as file_position
            from read_csv(
                {{ text_list(layout['paths']) }},
                auto_detect = false,
                header = false,
                strict_mode = false,
                null_padding = true,
                parallel = false,
                filename = 'landing_path',
                delim = ',',
                quote = '"',
                escape = '"',
                -- No text is null: a carriage return never stands without quotes.
                nullstr = chr(13),
                allow_quoted_nulls = false,
                max_line_size = 20000001,
                hive_partitioning = false,
                columns = {
                    {% for index in range(width) %}'column_{{ index }}': 'varchar', {% endfor %}
                }
            )
        ) as rows_of_files
        qualify row_number > 0
    )
{%- endmacro %}


{#- Rows of Parquet files by position. -#}
{% macro read_parquet_rows(layout) %}
    {%- set path_name = namespace(text='landing_path') -%}
    {%- for _ in layout['names'] -%}
        {%- if path_name.text in layout['names'] | map('lower') -%}
            {%- set path_name.text = path_name.text ~ '_' -%}
        {%- endif -%}
    {%- endfor %}
    (
        select
            *,
            file_row_number + 1 as row_number
        from read_parquet(
            {{ text_list(layout['paths']) }},
            filename = '{{ path_name.text }}',
            file_row_number = true,
            hive_partitioning = false
        ) as parquet_rows (
            {% for _ in layout['names'] %}column_{{ loop.index0 }}, {% endfor %}
            file_row_number,
            landing_path
        )
    )
{%- endmacro %}


{#- Text of a Parquet value, spelled as a CSV file would spell it. Only numbers keep the zeros of their
    type: taking these off costs more than all the rest, and an id with decimals is text. -#}
{% macro parquet_text(column, kind, is_number=false) %}
    {%- if kind == 'VARCHAR' -%}
        {{ column }}
    {%- elif kind in ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ_NS'] -%}
        cast(timezone('UTC', {{ column }}) as varchar) || 'Z'
    {%- elif kind == 'TIMESTAMP_NS' -%}
        cast(cast({{ column }} as timestamp) as varchar)
    {%- elif kind.startswith('DECIMAL') and not kind.endswith(',0)') and not is_number -%}
        rtrim(rtrim(cast({{ column }} as varchar), '0'), '.')
    {%- else -%}
        cast({{ column }} as varchar)
    {%- endif -%}
{% endmacro %}


{#- The type of a number or a time of a feed. -#}
{% macro native_type(field, fields) %}
    {{- 'decimal(30, 12)' if field in fields['numbers'] else 'timestamp' -}}
{% endmacro %}


{#- Whether a Parquet type is that of an exact number. -#}
{% macro is_exact_number(kind) %}
    {{ return(
        kind.startswith('DECIMAL') or kind.endswith('INT') or kind in ['INTEGER', 'UINTEGER']
    ) }}
{% endmacro %}


{#- UTC time of a Parquet value; null outside the years that text can spell. `timezone('UTC', ...)`
    takes four times as long. -#}
{% macro parquet_time(column, kind) -%}
    {%- set type = 'timestamptz' if kind == 'TIMESTAMP WITH TIME ZONE' else 'timestamp' -%}
    case
        when
            {{ column }} >= {{ type }} '0001-01-01 00:00:00Z'
            and {{ column }} <= {{ type }} '9999-12-31 23:59:59.999999Z'
            then make_timestamp(epoch_us({{ column }}))
    end
{%- endmacro %}


{#- Whether a Parquet type carries exact values. -#}
{% macro is_text_like(kind) %}
    {{ return(
        kind.startswith('DECIMAL') or kind.startswith('ENUM')
        or kind in [
            'VARCHAR', 'JSON', '"NULL"', 'UUID', 'DATE', 'TIME', 'TIME_NS', 'TIME WITH TIME ZONE',
            'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE',
            'TIMESTAMPTZ_NS', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT',
            'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT',
        ]
    ) }}
{% endmacro %}


{#- Whether values of a Parquet type are never spelled with blanks at their ends. -#}
{% macro has_no_blanks(kind) %}
    {{ return(
        is_exact_number(kind) or kind.startswith('TIMESTAMP') or kind in ['DATE', 'UUID']
    ) }}
{% endmacro %}


{#- Text without space, tab, CR and LF at its ends; an empty one (and null_text) is null. Looking at the
    ends first takes a third of the time of trimming. -#}
{% macro clean_text(value, null_text=none) %}
    {%- set trimmed =
        "case when " ~ value ~ " >= '!' and " ~ value ~ "[-1] > ' ' then " ~ value
        ~ " else nullif(trim(" ~ value ~ ", chr(32) || chr(9) || chr(13) || chr(10)), '') end"
    -%}
    {{ return("nullif(" ~ trimmed ~ ", '" ~ null_text ~ "')" if null_text else trimmed) }}
{% endmacro %}


{#- A literal list of texts. -#}
{% macro text_list(texts) %}
    {%- set literals = [] -%}
    {%- for text in texts -%}
        {%- do literals.append("'" ~ text | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {{ return('cast([' ~ literals | join(', ') ~ '] as varchar[])') }}
{% endmacro %}


{#- A path in which nothing acts as a wildcard. -#}
{% macro plain_path(path) %}
    {{ return(modules.re.sub('([*?[])', '[\\1]', path)) }}
{% endmacro %}


{#- Header names for the raw row: a name that stands again gets a number, so that no value is lost. -#}
{% macro unique_names(names) %}
    {%- set unique = [] -%}
    {%- for name in names -%}
        {%- set name = name | trim(' \t\r\n') -%}
        {%- do unique.append(name ~ ' (' ~ loop.index ~ ')' if name in unique else name) -%}
    {%- endfor -%}
    {{ return(unique) }}
{% endmacro %}
