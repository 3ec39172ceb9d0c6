# Indicators in and out, and what is seen of them.
event Intel::match(s: Intel::Seen, items: set[Intel::Item]) &priority=-10 {
    for (item in items)
        print s$indicator, item$indicator, item$indicator_type, item$meta$source;
}

hook Intel::indicator_inserted(indicator: string, indicator_type: Intel::Type) {
    print "inserted", indicator;
}

hook Intel::indicator_removed(indicator: string, indicator_type: Intel::Type) {
    print "removed", indicator;
}

event second_round() {
    print "second round";
    Intel::seen([$host=10.0.0.1, $where=Intel::IN_ANYWHERE]);
}

event zeek_init() &priority=-10 {
    Intel::insert([$indicator="10.0.0.1", $indicator_type=Intel::ADDR, $meta=[$source="a"]]); # expect: inserted, 10.0.0.1
    Intel::insert([$indicator="10.0.0.1", $indicator_type=Intel::ADDR, $meta=[$source="b"]]);
    Intel::insert([$indicator="192.0.2.0/24", $indicator_type=Intel::SUBNET, $meta=[$source="a"]]); # expect: inserted, 192.0.2.0/24
    Intel::insert([$indicator="Bad.Example", $indicator_type=Intel::DOMAIN, $meta=[$source="a"]]); # expect: inserted, bad.example

    Intel::seen([$host=192.0.2.7, $where=Intel::IN_ANYWHERE]);
    Intel::seen([$indicator="BAD.example", $indicator_type=Intel::DOMAIN, $where=Intel::IN_ANYWHERE]);
    Intel::seen([$indicator="good.example", $indicator_type=Intel::DOMAIN, $where=Intel::IN_ANYWHERE]);
    Intel::remove([$indicator="10.0.0.1", $indicator_type=Intel::ADDR, $meta=[$source="a"]]);
    event second_round();
    # expect: 192.0.2.7, 192.0.2.0/24, Intel::SUBNET, a
    # expect: BAD.example, BAD.example, Intel::DOMAIN, a
    # expect: second round
    # expect: 10.0.0.1, 10.0.0.1, Intel::ADDR, b
}
