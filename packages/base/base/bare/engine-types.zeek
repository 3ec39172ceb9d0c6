##! Types in which the builtin functions and the frameworks speak to scripts.

module GLOBAL;

## Why a table changed, for `&on_change` functions.
type TableChange: enum {
    TABLE_ELEMENT_NEW,
    TABLE_ELEMENT_CHANGED,
    TABLE_ELEMENT_REMOVED,
    TABLE_ELEMENT_EXPIRED,
};

## What a DNS look-up by a script found.
type dns_mapping: record {
    creation_time: time;
    ## The name that was asked for, or empty.
    req_host: string;
    ## The address that was asked for, or 0.0.0.0.
    req_addr: addr;
    valid: bool;
    hostname: string;
    addrs: addr_set;
};

## Answer of `parse_ftp_port` and its kind.
type ftp_port: record {
    h: addr;
    p: port;
    ## Whether the text was well-formed.
    valid: bool;
};

## Answer of `rotate_file`.
type rotate_info: record {
    old_name: string;
    new_name: string;
    open: time;
    close: time;
};

# Arguments and answers of `str_smith_waterman`.
type sw_params: record {
    min_strlen: count &default=3;
    sw_variant: count &default=0;
};

type sw_align: record {
    str: string;
    index: count;
};

type sw_align_vec: vector of sw_align;

type sw_substring: record {
    str: string;
    aligns: sw_align_vec;
    new: bool;
};

type sw_substring_vec: vector of sw_substring;

# Answers of the MaxMind look-ups; a field that the database does not know stays unset.
type geo_location: record {
    country_code: string &optional;
    region: string &optional;
    city: string &optional;
    latitude: double &optional;
    longitude: double &optional;
} &log;

type geo_autonomous_system: record {
    number: count &optional;
    organization: string &optional;
} &log;

## Where the databases are. Empty: the directories of `mmdb_dir_fallbacks`, first hit.
const mmdb_dir: string = "" &redef;
const mmdb_city_db: string = "GeoLite2-City.mmdb" &redef;
const mmdb_country_db: string = "GeoLite2-Country.mmdb" &redef;
const mmdb_asn_db: string = "GeoLite2-ASN.mmdb" &redef;
const mmdb_dir_fallbacks: vector of string = vector(
    "/usr/share/GeoIP", "/var/lib/GeoIP", "/usr/local/share/GeoIP", "/usr/local/var/GeoIP",
) &redef;
const mmdb_stale_check_interval: interval = 5min &redef;

## Answer of `from_json`: `v` if `valid`, else `err` says what is wrong.
type from_json_result: record {
    v: any &optional;
    valid: bool;
    err: string &optional;
};

## Keys of a JSON object are field names as they stand.
function from_json_default_key_mapper(s: string): string {
    return s;
}

type PcapFilterID: enum { None };

type IPAddrAnonymization: enum {
    KEEP_ORIG_ADDR,
    SEQUENTIALLY_NUMBERED,
    PREFIX_PRESERVING_A50,
    RANDOM_MD5 &deprecated="MD5 tells addresses apart no better: use RANDOM_SHA256",
    PREFIX_PRESERVING_MD5 &deprecated="use PREFIX_PRESERVING_SHA256 or PREFIX_PRESERVING_A50",
    RANDOM_SHA256,
    PREFIX_PRESERVING_SHA256,
};

type IPAddrAnonymizationClass: enum { ORIG_ADDR, RESP_ADDR, OTHER_ADDR };

type pkt_profile_modes: enum {
    PKT_PROFILE_MODE_NONE,
    PKT_PROFILE_MODE_SECS,
    PKT_PROFILE_MODE_PKTS,
    PKT_PROFILE_MODE_BYTES,
};

module JSON;

export {
    ## How a `time` becomes JSON: seconds with fraction, milliseconds (the second without a sign),
    ## or text with microseconds in UTC.
    type TimestampFormat: enum { TS_EPOCH, TS_MILLIS, TS_MILLIS_UNSIGNED, TS_ISO8601 };

    ## What becomes of bytes that are not UTF-8: `\\xff`, a private-use code point, or the escapes
    ## of the tab-separated format.
    type StringEscapePolicy: enum {
        STRING_ESCAPE_POLICY_HEX,
        STRING_ESCAPE_POLICY_PUA,
        STRING_ESCAPE_POLICY_TSV,
    };
}

module Reporter;

export {
    type Level: enum { INFO = 0, WARNING = 1, ERROR = 2 };

    # Whether messages go to standard error as well as to reporter.log.
    const info_to_stderr = T &redef;
    const warnings_to_stderr = T &redef;
    const errors_to_stderr = T &redef;
}

module EventMetadata;

export {
    type ID: enum { NETWORK_TIMESTAMP = 1 };

    type Entry: record {
        id: EventMetadata::ID;
        val: any;
    };

    const add_network_timestamp: bool = F &redef;
    const add_missing_remote_network_timestamp: bool = F &redef;
}

module GLOBAL;

type event_metadata_vec: vector of EventMetadata::Entry;

module Log;

export {
    ## Back ends of the Logging framework.
    type Writer: enum { WRITER_ASCII, WRITER_NONE, WRITER_SQLITE };
}

module Input;

export {
    ## Back ends of the Input framework.
    type Reader: enum {
        READER_ASCII, READER_BENCHMARK, READER_BINARY, READER_CONFIG, READER_RAW, READER_SQLITE,
    };
}

module Pcap;

export {
    type Interface: record {
        name: string;
        description: string &optional;
        addrs: set[addr];
        is_loopback: bool;
        is_up: bool &optional;
        is_running: bool &optional;
    };

    type Interfaces: set[Pcap::Interface];

    type filter_state: enum { ok, fatal, warning };
}

module Analyzer;

export {
    ## Called before `disable_analyzer` acts; `break` keeps the analyzer.
    global disabling_analyzer: hook(c: connection, atype: AllAnalyzers::Tag, aid: count);
}

module GLOBAL;
