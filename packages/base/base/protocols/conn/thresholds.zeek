##! Being told when a connection has grown or aged past a threshold; any number of thresholds each.
##!
##! The engine watches one threshold per connection, side and kind: here is always the lowest of
##! those that are wanted.

module ConnThreshold;

export {
    type Thresholds: record {
        orig_byte: set[count] &default=count_set();
        resp_byte: set[count] &default=count_set();
        orig_packet: set[count] &default=count_set();
        resp_packet: set[count] &default=count_set();
        duration: set[interval] &default=interval_set();
    };

    # Each fires once. They answer whether the threshold was taken: 0 is not.
    global set_bytes_threshold: function(c: connection, threshold: count, is_orig: bool): bool;
    global set_packets_threshold: function(c: connection, threshold: count, is_orig: bool): bool;
    global set_duration_threshold: function(c: connection, threshold: interval): bool;

    # Answer whether there was such a threshold.
    global delete_bytes_threshold: function(c: connection, threshold: count, is_orig: bool): bool;
    global delete_packets_threshold: function(c: connection, threshold: count, is_orig: bool): bool;
    global delete_duration_threshold: function(c: connection, threshold: interval): bool;

    global bytes_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);
    global packets_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);
    global duration_threshold_crossed: event(c: connection, threshold: interval, is_orig: bool);
}

redef record connection += {
    thresholds: ConnThreshold::Thresholds &optional;
};

# 0 stands for none, here and for the engine.
function lowest_count(wanted: set[count]): count {
    local lowest = 0;

    for (t in wanted)
        if (lowest == 0 || t < lowest)
            lowest = t;

    return lowest;
}

function lowest_interval(wanted: set[interval]): interval {
    local lowest = 0secs;

    for (t in wanted)
        if (lowest == 0secs || t < lowest)
            lowest = t;

    return lowest;
}

function thresholds_of(c: connection): Thresholds {
    if (! c?$thresholds)
        c$thresholds = Thresholds();

    return c$thresholds;
}

# These two are the same set that the record holds, not copies.
function byte_thresholds(c: connection, is_orig: bool): set[count] {
    local t = thresholds_of(c);
    return is_orig ? t$orig_byte : t$resp_byte;
}

function packet_thresholds(c: connection, is_orig: bool): set[count] {
    local t = thresholds_of(c);
    return is_orig ? t$orig_packet : t$resp_packet;
}

function arm_bytes(c: connection, is_orig: bool): bool {
    local next_one = lowest_count(byte_thresholds(c, is_orig));

    if (next_one == get_current_conn_bytes_threshold(c$id, is_orig))
        return T;

    return set_current_conn_bytes_threshold(c$id, next_one, is_orig);
}

function arm_packets(c: connection, is_orig: bool): bool {
    local next_one = lowest_count(packet_thresholds(c, is_orig));

    if (next_one == get_current_conn_packets_threshold(c$id, is_orig))
        return T;

    return set_current_conn_packets_threshold(c$id, next_one, is_orig);
}

function arm_duration(c: connection): bool {
    local next_one = lowest_interval(thresholds_of(c)$duration);

    if (next_one == get_current_conn_duration_threshold(c$id))
        return T;

    return set_current_conn_duration_threshold(c$id, next_one);
}

function set_bytes_threshold(c: connection, threshold: count, is_orig: bool): bool {
    if (threshold == 0)
        return F;

    local wanted = byte_thresholds(c, is_orig);
    add wanted[threshold];
    return arm_bytes(c, is_orig);
}

function set_packets_threshold(c: connection, threshold: count, is_orig: bool): bool {
    if (threshold == 0)
        return F;

    local wanted = packet_thresholds(c, is_orig);
    add wanted[threshold];
    return arm_packets(c, is_orig);
}

function set_duration_threshold(c: connection, threshold: interval): bool {
    if (threshold == 0secs)
        return F;

    local wanted = thresholds_of(c)$duration;
    add wanted[threshold];
    return arm_duration(c);
}

function delete_bytes_threshold(c: connection, threshold: count, is_orig: bool): bool {
    local wanted = byte_thresholds(c, is_orig);

    if (threshold !in wanted)
        return F;

    delete wanted[threshold];
    arm_bytes(c, is_orig);
    return T;
}

function delete_packets_threshold(c: connection, threshold: count, is_orig: bool): bool {
    local wanted = packet_thresholds(c, is_orig);

    if (threshold !in wanted)
        return F;

    delete wanted[threshold];
    arm_packets(c, is_orig);
    return T;
}

function delete_duration_threshold(c: connection, threshold: interval): bool {
    local wanted = thresholds_of(c)$duration;

    if (threshold !in wanted)
        return F;

    delete wanted[threshold];
    arm_duration(c);
    return T;
}

event conn_bytes_threshold_crossed(c: connection, threshold: count, is_orig: bool) &priority=5 {
    # Without thresholds of ours somebody armed the engine directly.
    if (! c?$thresholds)
        return;

    local wanted = byte_thresholds(c, is_orig);

    if (threshold in wanted) {
        delete wanted[threshold];
        event ConnThreshold::bytes_threshold_crossed(c, threshold, is_orig);
    }

    arm_bytes(c, is_orig);
}

event conn_packets_threshold_crossed(c: connection, threshold: count, is_orig: bool) &priority=5 {
    if (! c?$thresholds)
        return;

    local wanted = packet_thresholds(c, is_orig);

    if (threshold in wanted) {
        delete wanted[threshold];
        event ConnThreshold::packets_threshold_crossed(c, threshold, is_orig);
    }

    arm_packets(c, is_orig);
}

event conn_duration_threshold_crossed(c: connection, threshold: interval, is_orig: bool) &priority=5 {
    if (! c?$thresholds)
        return;

    local wanted = c$thresholds$duration;

    if (threshold in wanted) {
        delete wanted[threshold];
        event ConnThreshold::duration_threshold_crossed(c, threshold, is_orig);
    }

    arm_duration(c);
}
