##! VARIANCE: of a sample, in one pass (Welford's method).

@load ../main
@load ./average

module SumStats;

export {
    redef enum Calculation += { VARIANCE };

    redef record ResultVal += {
        variance: double &optional;
    };
}

redef record ResultVal += {
    ## The average before the last value.
    prev_avg: double &optional;
    ## Sum of squared distances from the average.
    var_s: double &default=0.0;
};

function update_variance(rv: ResultVal) {
    rv$variance = rv$num > 1 ? rv$var_s / (rv$num - 1) : 0.0;
}

# After AVERAGE, which it builds on.
hook register_observe_plugins() &priority=-5 {
    register_observe_plugin(VARIANCE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal) {
        if (rv$num > 1)
            rv$var_s += (val - rv$prev_avg) * (val - rv$average);

        update_variance(rv);
        rv$prev_avg = rv$average;
    });

    add_observe_plugin_dependency(VARIANCE, AVERAGE);
}

# What a part contributes once distances are taken from the common average.
function spread_around(rv: ResultVal, average: double): double {
    local shift = rv$average - average;
    return rv$var_s + rv$num * shift * shift;
}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal) &priority=-5 {
    if (rv1?$average && rv2?$average)
        result$var_s = spread_around(rv1, result$average) + spread_around(rv2, result$average);
    else
        result$var_s = rv1?$average ? rv1$var_s : rv2$var_s;

    if (rv1?$prev_avg && rv2?$prev_avg)
        result$prev_avg = (rv1$prev_avg * rv1$num + rv2$prev_avg * rv2$num) / (rv1$num + rv2$num);
    else if (rv1?$prev_avg)
        result$prev_avg = rv1$prev_avg;
    else if (rv2?$prev_avg)
        result$prev_avg = rv2$prev_avg;

    update_variance(result);
}
