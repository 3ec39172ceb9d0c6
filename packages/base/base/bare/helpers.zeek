##! Small functions that scripts expect to find in the global scope.

module GLOBAL;

function min_count(a: count, b: count): count { return a < b ? a : b; }
function max_count(a: count, b: count): count { return a < b ? b : a; }
function min_double(a: double, b: double): double { return a < b ? a : b; }
function max_double(a: double, b: double): double { return a < b ? b : a; }
function min_interval(a: interval, b: interval): interval { return a < b ? a : b; }
function max_interval(a: interval, b: interval): interval { return a < b ? b : a; }

# Both of these globals are lists in one string: `redef x += "y"` appends with a blank.
function add_interface(list: string, name: string): string {
    return |list| == 0 ? name : string_cat(list, " ", name);
}
function add_signature_file(list: string, name: string): string {
    return add_interface(list, name);
}

## Interfaces to read from.
global interfaces = "" &add_func=add_interface;

## Files with signatures.
global signature_files = "" &add_func=add_signature_file;

## Set once no more packets will come.
global done_with_network = F;

event net_done(t: time) {
    done_with_network = T;
}
