# An &expire_func takes the container and the parts of a key, or the whole key as any.
function good(t: table[string, addr] of count, s: string, a: addr): interval { return 0sec; }
function goodAny(t: table[string, addr] of count, key: any): interval { return 0sec; }
function none(): interval { return 0sec; }
function noResult(t: table[string] of count, s: string) { }
function otherKey(t: table[string] of count, n: count): interval { return 0sec; }
event anEvent(t: table[string] of count, s: string) { }

global a: table[string, addr] of count &expire_func=good;
global b: table[string, addr] of count &expire_func=goodAny;
global c: table[string] of count &expire_func=none;
global d: table[string] of count &expire_func=noResult;
global e: table[string] of count &expire_func=otherKey;
global f: table[string] of count &expire_func=anEvent;
global g: table[string] of count &expire_func=3;
# error: expire-func-errors.zeek:4: warning: this takes 0 arguments
# error: expire-func-errors.zeek:11: error: the &expire_func of a table[string] of count takes the container
# error: expire-func-errors.zeek:12: error: an &expire_func returns an interval
# error: expire-func-errors.zeek:13: error: the &expire_func of a table[string] of count takes the container
# error: expire-func-errors.zeek:14: error: an &expire_func is a function
# error: expire-func-errors.zeek:15: error: an &expire_func is a function
