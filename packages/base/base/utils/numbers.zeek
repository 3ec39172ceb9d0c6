##! Numbers inside text.

module GLOBAL;

## The first run of digits in `s`, or the last one; 0 if there is none.
function extract_count(s: string, get_first: bool &default=T): count {
    local pieces = split_string_all(s, /[0-9]+/);

    # Text and digits alternate, beginning and ending with text.
    if (|pieces| < 3)
        return 0;

    return to_count(pieces[get_first ? 1 : |pieces| - 2]);
}
