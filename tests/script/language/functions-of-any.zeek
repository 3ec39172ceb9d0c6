# A function value whose type says `any` where the wanted one does not, and the other way round.
type R: record { n: string; };
type H: hook(x: any);
global e: event(x: any);

function use(g: function(x: any): string) { print g(R($n="in")); }
function answer(g: function(x: R): any) { print g(R($n="out")); }
function both(g: function(x: string): string): string { return g("both"); }
function run(h: H) { hook h(R($n="hook")); }
function vectors(g: function(v: vector of any): count) { print g(vector("a", "b")); }

global h: hook(x: R);
hook h(x: R) { print x$n; }

event zeek_init() &priority=2 {
    use(function(x: R): string { return x$n; }); # expect: in
    answer(function(x: R): string { return x$n; }); # expect: out
    answer(function(x: R): any { return |x$n|; }); # expect: 3
    print both(function(x: any): string { return cat(x, "!"); }); # expect: both!
    print both(function(x: any): any { return cat(x, "?"); }); # expect: both?
    vectors(function(v: vector of any): count { return |v|; }); # expect: 2
    vectors(function(v: vector of string): count { return |v[0] + v[1]|; }); # expect: 2
    run(h); # expect: hook
    print sort(vector(3, 1, 2), function(a: any, b: any): int { return (a as count) < (b as count) ? -1 : 1; }); # expect: [1, 2, 3]
    local by: function(a: count, b: count): int = function(a: any, b: any): int { return (b as count) < (a as count) ? -1 : 1; };
    print sort(vector(3, 1, 2), by); # expect: [3, 2, 1]
    local t: table[string] of count &default=function(k: any): count { return |(k as string)|; };
    print t["four"]; # expect: 4
}

# error: type mismatch
event zeek_init() {
    use(function(x: count): string { return "never"; });
}

event zeek_init() &priority=-1 {
    # A wrong value in the result ends the handler, too.
    print both(function(x: any): any { return 7; });
}

event zeek_done() { print "done"; } # expect: done
