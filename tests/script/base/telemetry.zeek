# Counters, gauges and histograms.
event zeek_init() {
    local cf = Telemetry::register_counter_family([$prefix="harbour", $name="ships", $unit="1",
        $help_text="Ships seen", $label_names=vector("flag")]);
    Telemetry::counter_family_inc(cf, vector("green"));
    Telemetry::counter_family_inc(cf, vector("green"), 2.0);
    Telemetry::counter_family_inc(cf, vector("red"));
    print Telemetry::counter_set(Telemetry::counter_with(cf, vector("green")), 1.0); # expect: F
    # error: Attempted to set lower counter value
    print |Telemetry::collect_metrics("harbour", "sh*")|, |Telemetry::collect_metrics("quay")|; # expect: 2, 0

    local gf = Telemetry::register_gauge_family([$prefix="harbour", $name="depth", $unit="m"]);
    Telemetry::gauge_family_set(gf, vector(), 7.5);
    Telemetry::gauge_dec(Telemetry::gauge_with(gf), 2.0);
    print Telemetry::collect_metrics("harbour", "depth")[0]$value; # expect: 5.5

    local hf = Telemetry::register_histogram_family([$prefix="harbour", $name="stay", $unit="h",
        $bounds=vector(1.0, 10.0)]);
    Telemetry::histogram_family_observe(hf, vector(), 0.5);
    Telemetry::histogram_family_observe(hf, vector(), 10.0);
    Telemetry::histogram_family_observe(hf, vector(), 99.0);
    local h = Telemetry::collect_histogram_metrics("harbour")[0];
    print h$values, h$observations, h$sum; # expect: [1.0, 1.0, 1.0], 3.0, 109.5
}
