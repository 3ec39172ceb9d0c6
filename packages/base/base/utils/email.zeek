##! Mail addresses in header lines.

module GLOBAL;

# An address with what stands around it: a bracket, a comma, a colon or a blank.
const mail_address_in_line = /(^|[<,:[:blank:]])[^<,:[:blank:]@]+"@"[^>,;[:blank:]]+([>,;[:blank:]]|$)/;

function strip_mail_brackets(s: string): string {
    return gsub(s, /[<>,:;[:blank:]]/, "");
}

## All addresses in `str`, in their order.
function extract_email_addrs_vec(str: string): string_vec {
    local found: string_vec = vector();

    for (_, match in find_all_ordered(str, mail_address_in_line))
        found += strip_mail_brackets(match);

    return found;
}

## All addresses in `str`, each once.
function extract_email_addrs_set(str: string): set[string] {
    local found: set[string] = set();

    for (match in find_all(str, mail_address_in_line))
        add found[strip_mail_brackets(match)];

    return found;
}

## The first address in `str`, or empty.
function extract_first_email_addr(str: string): string {
    local found = extract_email_addrs_vec(str);
    return |found| > 0 ? found[0] : "";
}

## The entries of a list such as `"Last, First" <a@example.org>, b@example.org`, names included.
function split_mime_email_addresses(line: string): set[string] {
    local entries: set[string] = set();

    for (match in find_all(line, /(\"[^"]*\")?[^,]+@[^,]+/))
        add entries[strip(match)];

    return entries;
}
