# Patterns made at run time, and matches with their place.
event zeek_init() {
    local zones = set_to_regex(set("example.org", "test"), "(^|\\.)(~~)$");
    print zones in "www.example.org", zones in "example.org", zones in "exampleXorg"; # expect: T, T, F

    local hit = match_pattern("the tide is high", /t[a-z]de/);
    print hit$matched, hit$str, hit$off; # expect: T, tide, 5
    print match_pattern("the tide", /moon/)$matched; # expect: F
}
