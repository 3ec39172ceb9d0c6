##! Durations as text, and how far behind we are.

module GLOBAL;

## "3m25s"
function duration_to_mins_secs(dur: interval): string {
    local seconds = double_to_count(interval_to_double(dur));
    return fmt("%dm%ds", seconds / 60, seconds % 60);
}

const null_ts: time = double_to_time(0.0);

## How long ago the packet in hand was captured; 0 if there is none in hand.
function get_packet_lag(): interval {
    # Not network_time(): that goes on for a while after the last packet.
    local captured = get_current_packet_ts();
    return captured == null_ts ? 0sec : current_time() - captured;
}
