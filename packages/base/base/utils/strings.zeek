##! Little things to do with strings.

module GLOBAL;

## Whether a quarter or more of the bytes are beyond ASCII.
function is_string_binary(s: string): bool {
    return |s| > 0 && |gsub(s, /[\x00-\x7f]/, "")| * 100 / |s| >= 25;
}

## Puts a backslash before each backslash and each of `chars`.
function string_escape(s: string, chars: string): string {
    local escaped = subst_string(s, "\\", "\\\\");

    for (c in chars)
        escaped = subst_string(escaped, c, string_cat("\\", c));

    return escaped;
}

## `s` without its last `tail_len` bytes.
function cut_tail(s: string, tail_len: count): string {
    return tail_len >= |s| ? "" : s[:|s| - tail_len];
}
