##! What could be loaded.

module GLOBAL;

## Whether `@load p` would find something.
function can_load(p: string): bool {
    return find_in_zeekpath(p) != "";
}
