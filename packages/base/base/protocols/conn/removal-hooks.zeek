##! Hooks to be called once for a connection when its state is removed: how protocols finish what is
##! pending, for those connections only that had any.

module Conn;

export {
    type RemovalHook: hook(c: connection);

    ## F if it is registered already.
    global register_removal_hook: function(c: connection, hk: RemovalHook): bool;
    ## F if it was not registered.
    global unregister_removal_hook: function(c: connection, hk: RemovalHook): bool;
}

redef record connection += {
    removal_hooks: set[RemovalHook] &optional;
};

function register_removal_hook(c: connection, hk: RemovalHook): bool {
    if (! c?$removal_hooks)
        c$removal_hooks = set();
    else if (hk in c$removal_hooks)
        return F;

    add c$removal_hooks[hk];
    return T;
}

function unregister_removal_hook(c: connection, hk: RemovalHook): bool {
    if (! c?$removal_hooks || hk !in c$removal_hooks)
        return F;

    delete c$removal_hooks[hk];
    return T;
}

# After the fields of conn.log are filled in, before the row is written.
event connection_state_remove(c: connection) &priority=-3 {
    if (! c?$removal_hooks)
        return;

    for (hk in c$removal_hooks)
        hook hk(c);
}
