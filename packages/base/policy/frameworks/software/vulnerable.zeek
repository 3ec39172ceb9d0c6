##! Notices about software of versions that are known to be vulnerable.
##!
##! The versions come from `vulnerable_versions`, and from TXT records under
##! `vulnerable_versions_update_endpoint`: "1.endpoint", "2.endpoint" and so on, each with a name, a
##! tab, and "max=VERSION" or "min=VERSION<tab>max=VERSION".

@load base/frameworks/control
@load base/frameworks/notice
@load base/frameworks/software

module Software;

export {
    redef enum Notice::Type += { Vulnerable_Version };

    ## Both ends included.
    type VulnerableVersionRange: record {
        min: Software::Version &optional;
        max: Software::Version;
    };

    ## Empty for no updates.
    option vulnerable_versions_update_endpoint = "";
    option vulnerable_versions_update_interval = 1hr;

    ## By name of the software.
    const vulnerable_versions: table[string] of set[VulnerableVersionRange] = table() &redef;
}

global known_ranges: table[string] of set[VulnerableVersionRange] = table();

function parse_range(text: string): VulnerableVersionRange {
    # Version 0 at most, until it is said: that matches nothing.
    local r = VulnerableVersionRange($max=Version($major=0));

    if (/max=/ !in text)
        Reporter::warning(fmt("The vulnerable software detection script encountered a version with no max value (which is required). %s", text));

    for (_, part in split_string1(text, /\x09/)) {
        local sides = split_string1(part, /=/);

        if (|sides| != 2)
            break;

        if (sides[0] == "min")
            r$min = parse(sides[1])$version;
        else if (sides[0] == "max")
            r$max = parse(sides[1])$version;
    }

    return r;
}

event Software::fetch_range(i: count) {
    if (vulnerable_versions_update_endpoint == "") {
        schedule vulnerable_versions_update_interval { Software::fetch_range(1) };
        return;
    }

    local name = fmt("%d.%s", i, vulnerable_versions_update_endpoint);

    when [i, name] (local answer = lookup_hostname_txt(name)) {
        local parts = split_string1(answer, /\x09/);

        if (|parts| != 2) {
            # The end of the list.
            schedule vulnerable_versions_update_interval { Software::fetch_range(1) };
            return;
        }

        if (parts[0] !in known_ranges)
            known_ranges[parts[0]] = set();

        add known_ranges[parts[0]][parse_range(parts[1])];
        event Software::fetch_range(i + 1);
    }
    timeout 5secs {
        schedule 1min { Software::fetch_range(1) };
    }
}

function begin_anew() {
    known_ranges = table();

    for (name, ranges in vulnerable_versions)
        known_ranges[name] = copy(ranges);

    event Software::fetch_range(1);
}

event zeek_init() &priority=3 {
    begin_anew();
}

event Control::configuration_update() &priority=3 {
    begin_anew();
}

event log_software(rec: Info) {
    if (rec$name !in known_ranges)
        return;

    for (r in known_ranges[rec$name])
        if (cmp_versions(rec$version, r$max) <= 0 && (! r?$min || cmp_versions(rec$version, r$min) >= 0))
            NOTICE(Notice::Info($note=Vulnerable_Version, $src=rec$host, $sub=software_fmt(rec),
                $msg=fmt("%s is running %s which is vulnerable.", rec$host, software_fmt(rec))));
}
