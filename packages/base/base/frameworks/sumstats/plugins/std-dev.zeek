##! STD_DEV: the square root of the variance.

@load ../main
@load ./variance

module SumStats;

export {
    redef enum Calculation += { STD_DEV };

    redef record ResultVal += {
        std_dev: double &default=0.0;
    };
}

function update_std_dev(rv: ResultVal) {
    if (rv?$variance)
        rv$std_dev = sqrt(rv$variance);
}

hook register_observe_plugins() &priority=-10 {
    register_observe_plugin(STD_DEV, function(r: Reducer, val: double, obs: Observation, rv: ResultVal) {
        update_std_dev(rv);
    });

    add_observe_plugin_dependency(STD_DEV, VARIANCE);
}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal) &priority=-10 {
    update_std_dev(result);
}
