##! Version numbers of the script interface, for scripts that ask what they can rely on.

module Version;

export {
    type VersionDescription: record {
        ## 80102 for 8.1.2, to compare.
        version_number: count;
        major: count;
        minor: count;
        patch: count;
        ## Commits since the release.
        commit: count;
        beta: bool;
        debug: bool;
        localversion: string;
        version_string: string;
    };

    ## All zeros for text that is no version.
    global parse: function(version_string: string): VersionDescription;
    global at_least: function(version_string: string): bool;
}

# "8.1.2-rc1.5-local-debug": all but the first two numbers may be missing.
const version_pattern = /[0-9]+\.[0-9]+(\.[0-9]+)?(-(beta|rc|dev)[0-9]*)?(\.[0-9]+)?(-[a-zA-Z0-9_\.]+)?(-debug)?/;

function leading_number(s: string): string {
    return sub(s, /[^0-9].*$/, "");
}

function parse(version_string: string): VersionDescription {
    local v = VersionDescription($version_number=0, $major=0, $minor=0, $patch=0, $commit=0, $beta=F,
        $debug=F, $localversion="", $version_string=version_string);

    if (version_string != version_pattern) {
        Reporter::error(fmt("Version string %s cannot be parsed", version_string));
        return v;
    }

    v$beta = /-(beta|rc)/ in version_string;
    v$debug = /-debug/ in version_string;

    # From the left, part by part.
    local rest = version_string;
    local digits = leading_number(rest);
    v$major = to_count(digits);
    rest = rest[|digits| + 1:];

    digits = leading_number(rest);
    v$minor = to_count(digits);
    rest = rest[|digits|:];

    if (/^\.[0-9]/ in rest) {
        digits = leading_number(rest[1:]);
        v$patch = to_count(digits);
        rest = rest[|digits| + 1:];
    }

    # What is no number goes: these two, then the local version at the end.
    rest = sub(rest, /-debug$/, "");
    rest = sub(rest, /^-(beta|rc|dev)[0-9]*/, "");

    local suffix = find_last(rest, /-[a-zA-Z0-9_\.]+$/);

    if (suffix != "") {
        v$localversion = suffix[1:];
        rest = rest[:|rest| - |suffix|];
    }

    digits = leading_number(lstrip(rest, "."));

    if (digits != "")
        v$commit = to_count(digits);

    v$version_number = v$major * 10000 + v$minor * 100 + v$patch;
    return v;
}

export {
    ## The version that we are compatible with.
    const info = Version::parse(zeek_version());
    const number = info$version_number;
}

function at_least(version_string: string): bool {
    return number >= parse(version_string)$version_number;
}
