##! stats.log: how the process and the capture are doing.

@load base/frameworks/notice
@load base/utils/time

module Stats;

export {
    redef enum Log::ID += { LOG };

    option report_interval = 5min;

    ## Where nothing else is said, numbers are those since the last row.
    type Info: record {
        ts: time &log;
        peer: string &log;
        ## In MiB, now.
        mem: count &log;
        pkts_proc: count &log;
        bytes_recv: count &log;
        # Only for live traffic.
        pkts_dropped: count &log &optional;
        pkts_link: count &log &optional;
        pkt_lag: interval &log &optional;
        pkts_filtered: count &log &optional;
        events_proc: count &log;
        events_queued: count &log;
        # Now, and begun.
        active_tcp_conns: count &log;
        active_udp_conns: count &log;
        active_icmp_conns: count &log;
        tcp_conns: count &log;
        udp_conns: count &log;
        icmp_conns: count &log;
        timers: count &log;
        active_timers: count &log;
        files: count &log;
        active_files: count &log;
        dns_requests: count &log;
        active_dns_requests: count &log;
        # Bytes that wait for a gap to fill, now.
        reassem_tcp_size: count &log;
        reassem_file_size: count &log;
        reassem_frag_size: count &log;
        reassem_unknown_size: count &log;
    };

    global log_stats: event(rec: Info);
    global log_policy: Log::PolicyHook;
}

# All counters at one time.
type Reading: record {
    net: NetStats;
    conns: ConnStats;
    events: EventStats;
    timers: TimerStats;
    files: FileAnalysisStats;
    dns: DNSStats;
};

function take_reading(): Reading {
    return Reading($net=get_net_stats(), $conns=get_conn_stats(), $events=get_event_stats(),
        $timers=get_timer_stats(), $files=get_file_analysis_stats(), $dns=get_dns_stats());
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_stats, $path="stats", $policy=log_policy));
}

event Stats::report(last: Reading) {
    local now = take_reading();
    local waiting = get_reassembler_stats();

    local info = Info($ts=network_time(), $peer=peer_description,
        $mem=get_proc_stats()$mem / 1048576,
        $pkts_proc=now$net$pkts_recvd - last$net$pkts_recvd,
        $bytes_recv=now$net$bytes_recvd - last$net$bytes_recvd,
        $events_proc=now$events$dispatched - last$events$dispatched,
        $events_queued=now$events$queued - last$events$queued,
        $active_tcp_conns=now$conns$num_tcp_conns,
        $active_udp_conns=now$conns$num_udp_conns,
        $active_icmp_conns=now$conns$num_icmp_conns,
        $tcp_conns=now$conns$cumulative_tcp_conns - last$conns$cumulative_tcp_conns,
        $udp_conns=now$conns$cumulative_udp_conns - last$conns$cumulative_udp_conns,
        $icmp_conns=now$conns$cumulative_icmp_conns - last$conns$cumulative_icmp_conns,
        $timers=now$timers$cumulative - last$timers$cumulative,
        $active_timers=now$timers$current,
        $files=now$files$cumulative - last$files$cumulative,
        $active_files=now$files$current,
        $dns_requests=now$dns$requests - last$dns$requests,
        $active_dns_requests=now$dns$pending,
        $reassem_tcp_size=waiting$tcp_size,
        $reassem_file_size=waiting$file_size,
        $reassem_frag_size=waiting$frag_size,
        $reassem_unknown_size=waiting$unknown_size);

    if (reading_live_traffic()) {
        info$pkt_lag = get_packet_lag();
        info$pkts_dropped = now$net$pkts_dropped - last$net$pkts_dropped;
        info$pkts_link = now$net$pkts_link - last$net$pkts_link;

        if (now$net?$pkts_filtered && last$net?$pkts_filtered)
            info$pkts_filtered = now$net$pkts_filtered - last$net$pkts_filtered;
    }

    Log::write(LOG, info);

    if (! zeek_is_terminating())
        schedule report_interval { Stats::report(now) };
}

event zeek_init() {
    schedule report_interval { Stats::report(take_reading()) };
}
