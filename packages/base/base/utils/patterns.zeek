##! Patterns made at run time, and matches with their position.

module GLOBAL;

## A pattern of alternatives: each string of `words`, taken literally, put where `frame` has "~~".
function set_to_regex(words: set[string], frame: string): pattern {
    local literals: vector of string = vector();

    for (word in words)
        literals += convert_for_pattern(word);

    return string_to_pattern(sub(frame, /~~/, join_string_vec(literals, "|")), F);
}

type PatternMatchResult: record {
    matched: bool;
    ## What matched, or empty.
    str: string;
    ## Where it begins, from 1; 0 if nothing matched.
    off: count;
};

## The first match of `p` in `s`.
function match_pattern(s: string, p: pattern): PatternMatchResult {
    local around = split_string_n(s, p, T, 1);

    if (|around| < 2)
        return PatternMatchResult($matched=F, $str="", $off=0);

    return PatternMatchResult($matched=T, $str=around[1], $off=|around[0]| + 1);
}
