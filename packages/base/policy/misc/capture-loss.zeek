##! capture_loss.log: how much TCP payload was acknowledged that we never saw.

@load base/frameworks/notice

module CaptureLoss;

export {
    redef enum Log::ID += { LOG };

    redef enum Notice::Type += {
        Too_Much_Loss,
        ## Less to measure by than there should be.
        Too_Little_Traffic,
    };

    type Info: record {
        ts: time &log;
        ## Time since the last measurement.
        ts_delta: interval &log;
        peer: string &log;
        gaps: count &log;
        acks: count &log;
        percent_lost: double &log;
    };

    global log_policy: Log::PolicyHook;

    option watch_interval = 15mins;
    ## The first measurement comes sooner.
    option initial_watch_interval = 1mins;
    ## As a part of one.
    option too_much_loss: double = 0.1;
    option minimum_acks: count = 1;
}

event CaptureLoss::take_measurement(last_ts: time, last_acks: count, last_gaps: count) {
    local now = network_time();

    if (last_ts == double_to_time(0.0)) {
        # Scheduled before the first packet: there was no time yet.
        schedule initial_watch_interval { CaptureLoss::take_measurement(now, 0, 0) };
        return;
    }

    local stats = get_gap_stats();
    local acks = stats$ack_events - last_acks;
    local gaps = stats$gap_events - last_gaps;
    local lost = acks == 0 ? 0.0 : 100.0 * gaps / acks;

    if (lost >= too_much_loss * 100)
        NOTICE(Notice::Info($note=Too_Much_Loss,
            $msg=fmt("The capture loss script detected an estimated loss rate above %.3f%%", lost)));

    if (acks < minimum_acks)
        NOTICE(Notice::Info($note=Too_Little_Traffic,
            $msg=fmt("Only observed %d TCP ACKs and was expecting at least %d.", acks, minimum_acks)));

    Log::write(LOG, Info($ts=now, $ts_delta=now - last_ts, $peer=peer_description, $gaps=gaps,
        $acks=acks, $percent_lost=lost));

    schedule watch_interval { CaptureLoss::take_measurement(now, stats$ack_events, stats$gap_events) };
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="capture_loss", $policy=log_policy));

    if (reading_live_traffic() || reading_traces())
        schedule initial_watch_interval { CaptureLoss::take_measurement(network_time(), 0, 0) };
}
