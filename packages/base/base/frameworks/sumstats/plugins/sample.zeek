##! SAMPLE: some observations, each as likely to be among them as any other (reservoir sampling).

@load ../main

module SumStats;

export {
    redef enum Calculation += { SAMPLE };

    redef record Reducer += {
        num_samples: count &default=0;
    };

    redef record ResultVal += {
        samples: vector of Observation &default=vector();
        ## How many the samples were drawn from.
        sample_elements: count &default=0;
    };
}

redef record ResultVal += {
    # For merging, where there is no reducer.
    num_samples: count &default=0;
};

hook init_resultval_hook(r: Reducer, rv: ResultVal) {
    if (SAMPLE in r$apply)
        rv$num_samples = r$num_samples;
}

function consider(obs: Observation, rv: ResultVal) {
    ++rv$sample_elements;

    if (|rv$samples| < rv$num_samples) {
        rv$samples += obs;
        return;
    }

    local at = rand(rv$sample_elements);

    if (at < rv$num_samples)
        rv$samples[at] = obs;
}

hook register_observe_plugins() {
    register_observe_plugin(SAMPLE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal) {
        consider(obs, rv);
    });
}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal) {
    if (rv1$num_samples != rv2$num_samples) {
        Reporter::error("Merging sample sets with differing sizes is not supported");
        return;
    }

    result$num_samples = rv1$num_samples;

    # Whichever of the two saw more is the one to put the others into.
    local more = rv1$sample_elements > rv2$sample_elements ? rv1 : rv2;
    local less = rv1$sample_elements > rv2$sample_elements ? rv2 : rv1;

    if (more$sample_elements <= result$num_samples) {
        # Both have all that they saw.
        for (_, obs in rv1$samples)
            consider(obs, result);

        for (_, obs in rv2$samples)
            consider(obs, result);

        return;
    }

    result$samples = copy(more$samples);
    result$sample_elements = rv1$sample_elements + rv2$sample_elements;

    for (i, obs in less$samples)
        if (rand(result$sample_elements) <= less$sample_elements)
            result$samples[i] = obs;
}
