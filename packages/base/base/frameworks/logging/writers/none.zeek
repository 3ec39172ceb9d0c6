##! A writer that writes nothing; for filters that exist for their postprocessor or policy alone.

@load ../main

module LogNone;

export {
    ## Say on standard output what would have been written.
    const debug = F &redef;
}

function nothing_to_do(info: Log::RotationInfo): bool {
    return T;
}

redef Log::default_rotation_postprocessors += { [Log::WRITER_NONE] = nothing_to_do };
