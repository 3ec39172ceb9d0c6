# First in, first out, bounded or not.
event zeek_init() {
    local q = Queue::init();
    Queue::put(q, "a");
    Queue::put(q, "b");
    Queue::put(q, "c");
    print Queue::len(q), Queue::peek(q) as string; # expect: 3, a
    print Queue::get(q) as string, Queue::len(q); # expect: a, 2

    local all: vector of any = vector();
    Queue::get_vector(q, all);
    print all; # expect: [b, c]

    local small = Queue::init(Queue::Settings($max_len=2));
    Queue::put(small, 1);
    Queue::put(small, 2);
    Queue::put(small, 3);
    print Queue::get(small) as count, Queue::len(small); # expect: 2, 1

    local both = Queue::merge(q, small);
    print Queue::len(both), Queue::get(both) as string, Queue::get(both) as count; # expect: 3, b, 3
}
