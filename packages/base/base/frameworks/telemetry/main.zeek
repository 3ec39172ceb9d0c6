##! Numbers about what a script does: counters that grow, gauges that move, histograms.
##!
##! A family is a metric's name with the names of its labels; each combination of label values is a
##! metric. They live in the script; `collect_metrics` hands them out.

@load ./options

module Telemetry;

export {
    type labels_vector: vector of string;

    ## One metric of a counter or gauge family.
    type Cell: record {
        labels: labels_vector;
        value: double &default=0.0;
    };

    type Family: record {
        opts: MetricOpts;
        cells: table[string] of Cell;
    };

    # Counters and gauges differ in what may be done to them.
    type CounterFamily: record {
        family: Family;
    };
    type Counter: record {
        cell: Cell;
    };
    type GaugeFamily: record {
        family: Family;
    };
    type Gauge: record {
        cell: Cell;
    };

    type Histogram: record {
        labels: labels_vector;
        ## Upper bounds of the buckets, and how many observations fell into each; one more bucket
        ## takes what is beyond.
        bounds: vector of double;
        buckets: vector of double;
        observations: double &default=0.0;
        sum: double &default=0.0;
    };

    type HistogramFamily: record {
        opts: MetricOpts;
        cells: table[string] of Histogram;
    };

    global register_counter_family: function(opts: MetricOpts): CounterFamily;
    global counter_with: function(cf: CounterFamily, label_values: labels_vector &default=vector()): Counter;
    global counter_inc: function(c: Counter, amount: double &default=1.0): bool;
    ## F for a value below the present one.
    global counter_set: function(c: Counter, value: double): bool;
    global counter_family_inc: function(cf: CounterFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool;
    global counter_family_set: function(cf: CounterFamily, label_values: labels_vector, value: double): bool;

    global register_gauge_family: function(opts: MetricOpts): GaugeFamily;
    global gauge_with: function(gf: GaugeFamily, label_values: labels_vector &default=vector()): Gauge;
    global gauge_inc: function(g: Gauge, amount: double &default=1.0): bool;
    global gauge_dec: function(g: Gauge, amount: double &default=1.0): bool;
    global gauge_set: function(g: Gauge, value: double): bool;
    global gauge_family_inc: function(gf: GaugeFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool;
    global gauge_family_dec: function(gf: GaugeFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool;
    global gauge_family_set: function(gf: GaugeFamily, label_values: labels_vector, value: double): bool;

    ## The options must have bounds.
    global register_histogram_family: function(opts: MetricOpts): HistogramFamily;
    global histogram_with: function(hf: HistogramFamily, label_values: labels_vector &default=vector()): Histogram;
    global histogram_observe: function(h: Histogram, measurement: double): bool;
    global histogram_family_observe: function(hf: HistogramFamily, label_values: labels_vector,
        measurement: double): bool;

    # Those of which prefix and name match; "*" stands for anything.
    global collect_metrics: function(prefix: string &default="*", name: string &default="*"): vector of Metric;
    global collect_histogram_metrics: function(prefix: string &default="*",
        name: string &default="*"): vector of HistogramMetric;
}

# By kind, prefix and name; registering twice gives the same family.
global families: table[MetricType, string, string] of Family;
global histogram_families: table[string, string] of HistogramFamily;

# A metric for whoever gives the wrong labels: counted, so that nothing breaks, but nobody's.
global misuse: Cell = Cell($labels=vector());

function check_labels(opts: MetricOpts, values: labels_vector): bool {
    if (|opts$label_names| == |values|)
        return T;

    Reporter::error(fmt("Invalid label values expected %s, have %s", |opts$label_names|, |values|));
    return F;
}

function family_of(kind: MetricType, opts: MetricOpts): Family {
    if ([kind, opts$prefix, opts$name] !in families) {
        local own = copy(opts);
        own$metric_type = kind;
        families[kind, opts$prefix, opts$name] = Family($opts=own, $cells=table());
    }

    return families[kind, opts$prefix, opts$name];
}

function cell_of(family: Family, values: labels_vector): Cell {
    if (! check_labels(family$opts, values))
        return misuse;

    local key = join_string_vec(values, "\x00");

    if (key !in family$cells)
        family$cells[key] = Cell($labels=copy(values));

    return family$cells[key];
}

function register_counter_family(opts: MetricOpts): CounterFamily {
    return CounterFamily($family=family_of(COUNTER, opts));
}

function counter_with(cf: CounterFamily, label_values: labels_vector &default=vector()): Counter {
    return Counter($cell=cell_of(cf$family, label_values));
}

function counter_inc(c: Counter, amount: double &default=1.0): bool {
    if (amount < 0.0)
        return F;

    c$cell$value += amount;
    return T;
}

function counter_set(c: Counter, value: double): bool {
    if (value < c$cell$value) {
        Reporter::error(fmt("Attempted to set lower counter value=%s cur_value=%s", value, c$cell$value));
        return F;
    }

    c$cell$value = value;
    return T;
}

function counter_family_inc(cf: CounterFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool {
    return counter_inc(counter_with(cf, label_values), amount);
}

function counter_family_set(cf: CounterFamily, label_values: labels_vector, value: double): bool {
    return counter_set(counter_with(cf, label_values), value);
}

function register_gauge_family(opts: MetricOpts): GaugeFamily {
    return GaugeFamily($family=family_of(GAUGE, opts));
}

function gauge_with(gf: GaugeFamily, label_values: labels_vector &default=vector()): Gauge {
    return Gauge($cell=cell_of(gf$family, label_values));
}

function gauge_set(g: Gauge, value: double): bool {
    g$cell$value = value;
    return T;
}

function gauge_inc(g: Gauge, amount: double &default=1.0): bool {
    return gauge_set(g, g$cell$value + amount);
}

function gauge_dec(g: Gauge, amount: double &default=1.0): bool {
    return gauge_set(g, g$cell$value - amount);
}

function gauge_family_inc(gf: GaugeFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool {
    return gauge_inc(gauge_with(gf, label_values), amount);
}

function gauge_family_dec(gf: GaugeFamily, label_values: labels_vector &default=vector(),
        amount: double &default=1.0): bool {
    return gauge_dec(gauge_with(gf, label_values), amount);
}

function gauge_family_set(gf: GaugeFamily, label_values: labels_vector, value: double): bool {
    return gauge_set(gauge_with(gf, label_values), value);
}

function register_histogram_family(opts: MetricOpts): HistogramFamily {
    if ([opts$prefix, opts$name] !in histogram_families) {
        local own = copy(opts);
        own$metric_type = HISTOGRAM;

        if (! own?$bounds)
            own$bounds = vector();

        histogram_families[opts$prefix, opts$name] = HistogramFamily($opts=own, $cells=table());
    }

    return histogram_families[opts$prefix, opts$name];
}

function new_histogram(values: labels_vector, bounds: vector of double): Histogram {
    local buckets: vector of double = vector();

    for (_, bound in bounds)
        buckets += 0.0;

    buckets += 0.0;
    return Histogram($labels=copy(values), $bounds=bounds, $buckets=buckets);
}

function histogram_with(hf: HistogramFamily, label_values: labels_vector &default=vector()): Histogram {
    if (! check_labels(hf$opts, label_values))
        return new_histogram(vector(), hf$opts$bounds);

    local key = join_string_vec(label_values, "\x00");

    if (key !in hf$cells)
        hf$cells[key] = new_histogram(label_values, hf$opts$bounds);

    return hf$cells[key];
}

function histogram_observe(h: Histogram, measurement: double): bool {
    local at = 0;

    while (at < |h$bounds| && measurement > h$bounds[at])
        ++at;

    h$buckets[at] += 1.0;
    h$observations += 1.0;
    h$sum += measurement;
    return T;
}

function histogram_family_observe(hf: HistogramFamily, label_values: labels_vector, measurement: double): bool {
    return histogram_observe(histogram_with(hf, label_values), measurement);
}

# A pattern of the shell's, of which "*" is all that is needed.
function glob_matches(glob: string, text: string): bool {
    # Names of metrics have no letters that mean something in a pattern.
    return string_to_pattern(gsub(glob, /\*/, ".*"), F) == text;
}

function matches(opts: MetricOpts, prefix: string, name: string): bool {
    return glob_matches(prefix, opts$prefix) && glob_matches(name, opts$name);
}

function collect_metrics(prefix: string &default="*", name: string &default="*"): vector of Metric {
    local found: vector of Metric = vector();
    hook Telemetry::sync();

    for ([_, _, _], family in families)
        if (matches(family$opts, prefix, name))
            for (_, cell in family$cells)
                found += Metric($opts=family$opts, $label_names=family$opts$label_names,
                    $label_values=cell$labels, $value=cell$value);

    return found;
}

function collect_histogram_metrics(prefix: string &default="*",
        name: string &default="*"): vector of HistogramMetric {
    local found: vector of HistogramMetric = vector();
    hook Telemetry::sync();

    for ([_, _], family in histogram_families)
        if (matches(family$opts, prefix, name))
            for (_, h in family$cells)
                found += HistogramMetric($opts=family$opts, $label_names=family$opts$label_names,
                    $label_values=h$labels, $values=h$buckets, $observations=h$observations,
                    $sum=h$sum);

    return found;
}
