##! How far apart two addresses are.

module GLOBAL;

## In miles; -1 if the place of either is not known.
function haversine_distance_ip(a1: addr, a2: addr): double {
    local from = lookup_location(a1);
    local to = lookup_location(a2);

    if (! from?$latitude || ! from?$longitude || ! to?$latitude || ! to?$longitude)
        return -1.0;

    return haversine_distance(from$latitude, from$longitude, to$latitude, to$longitude);
}
