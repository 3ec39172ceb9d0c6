##! Limits that belong to a module. Those of a protocol stand with the protocol.

module Tunnel;

export {
    ## `tunnel_changed` is raised at most this often per connection.
    const max_changes_per_connection: count = 5 &redef;
    ## Tunnels inside tunnels: deeper ones are not opened.
    const max_depth: count = 4 &redef;
    const delay_teredo_confirmation = T &redef;
    const delay_gtp_confirmation = F &redef;
    const ip_tunnel_timeout = 24hrs &redef;
    const validate_vxlan_checksums = T &redef;
}

module HTTP;

export {
    ## After a 101 reply: value of the Upgrade header (lower case) to the analyzer that takes over.
    const upgrade_analyzers: table[string] of Analyzer::Tag &redef;
}

module MIME;

export {
    const max_depth = 100 &redef;
    const max_header_bytes = 65536 &redef;
}

module Log;

export {
    const flush_interval = 1.0sec &redef;
    const write_buffer_size = 1000 &redef;
    ## Rows beyond this many bytes are dropped.
    const max_log_record_size = 1024 * 1024 * 64 &redef;

    # Longer strings and containers are cut, per field and per row; 0 for no limit.
    const default_max_field_string_bytes = 4096 &redef;
    const default_max_field_container_elements = 100 &redef;
    const default_max_total_string_bytes = 256000 &redef;
    const default_max_total_container_elements = 500 &redef;
}

module Threading;

export {
    const heartbeat_interval = 1.0secs &redef;
}

module Pcap;

export {
    const snaplen = 9216 &redef;
    ## Kernel buffer, in MiB.
    const bufsize = 128 &redef;
    const bufsize_offline_bytes = 128 * 1024 &redef;
    const non_fd_timeout = 20usec &redef;
}

module Weird;

export {
    ## Names that are never sampled.
    option sampling_whitelist: set[string] = {};
    ## Names that are counted for the whole run instead of per host or connection.
    option sampling_global_list: set[string] = {};
    ## Report all up to the threshold, then one in `sampling_rate` until the duration is over.
    option sampling_threshold: count = 25;
    option sampling_rate: count = 1000;
    option sampling_duration = 10min;
}

module UnknownProtocol;

export {
    const sampling_threshold: count = 3 &redef;
    const sampling_rate: count = 100000 &redef;
    const sampling_duration = 1hr &redef;
    const first_bytes_count = 10 &redef;
}

module ConnThreshold;

export {
    ## Packet counts, both sides together, at which every connection raises
    ## `conn_generic_packet_threshold_crossed`.
    const generic_packet_thresholds: set[count] = {} &redef;
}

module Telemetry;

export {
    type MetricType: enum { COUNTER, GAUGE, HISTOGRAM };

    type MetricOpts: record {
        prefix: string;
        name: string;
        unit: string &optional;
        help_text: string &optional;
        label_names: vector of string &default=vector();
        is_total: bool &optional;
        bounds: vector of double &optional;
        metric_type: MetricType &optional;
    };

    type Metric: record {
        opts: MetricOpts;
        label_names: vector of string &default=vector();
        label_values: vector of string &optional;
        value: double &optional;
    };

    type HistogramMetric: record {
        opts: MetricOpts;
        label_names: vector of string &default=vector();
        label_values: vector of string &optional;
        values: vector of double;
        observations: double;
        sum: double;
    };

    type MetricVector: vector of Metric;
    type HistogramMetricVector: vector of HistogramMetric;

    ## Called before metrics are collected, so that scripts can bring theirs up to date.
    global sync: hook();

    const callback_timeout: interval = 5sec &redef;
}

module GLOBAL;
