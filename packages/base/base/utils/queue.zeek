##! A queue: first in, first out, with an optional bound beyond which the oldest entry goes.

module Queue;

export {
    type Settings: record {
        max_len: count &optional;
    };

    ## Opaque to users; made by `init`.
    type Queue: record {
        entries: table[count] of any;
        ## Position of the oldest entry, and of the next one to come.
        first: count &default=0;
        next_free: count &default=0;
        settings: Settings;
    };

    global init: function(s: Settings &default=Settings()): Queue;
    global put: function(q: Queue, val: any);
    ## Takes the oldest entry out. The queue must not be empty.
    global get: function(q: Queue): any;
    ## The oldest entry, left in.
    global peek: function(q: Queue): any;
    ## A new queue with the entries of both, taken in turns.
    global merge: function(q1: Queue, q2: Queue): Queue;
    global len: function(q: Queue): count;
    ## Puts all entries into `ret`, oldest first.
    global get_vector: function(q: Queue, ret: vector of any);
}

function init(s: Settings &default=Settings()): Queue {
    return Queue($entries=table(), $settings=copy(s));
}

function len(q: Queue): count {
    return q$next_free - q$first;
}

function peek(q: Queue): any {
    return q$entries[q$first];
}

function get(q: Queue): any {
    local oldest = q$entries[q$first];
    delete q$entries[q$first];
    ++q$first;
    return oldest;
}

function put(q: Queue, val: any) {
    if (q$settings?$max_len && len(q) >= q$settings$max_len)
        get(q);

    q$entries[q$next_free] = val;
    ++q$next_free;
}

function merge(q1: Queue, q2: Queue): Queue {
    local both = init(q1$settings);
    local step = 0;

    while (step < len(q1) || step < len(q2)) {
        if (step < len(q1))
            put(both, q1$entries[q1$first + step]);

        if (step < len(q2))
            put(both, q2$entries[q2$first + step]);

        ++step;
    }

    return both;
}

function get_vector(q: Queue, ret: vector of any) {
    local at = q$first;

    while (at < q$next_free) {
        ret[at - q$first] = q$entries[at];
        ++at;
    }
}
