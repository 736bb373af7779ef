-- The rows of the statement as they were written to a file of texts.
create or replace temp table statement_text as
select *
from
    read_csv(
        $path, columns = {columns}, auto_detect = false, header = true, delim = ',', quote = '"',
        escape = '"', nullstr = '', parallel = false, strict_mode = true, max_line_size = {longest}
    );
