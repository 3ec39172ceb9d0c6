global first: event(a: string, b: count);
global first: event(c: string, d: count);
global first: event(a: string, b: count);
event first(b: count) { }
global plain: function();
global plain: function();
# error: prototype-errors.zeek:2: error: this prototype of "first" has a parameter that the first one lacks
# error: prototype-errors.zeek:3: error: "first" is already declared
# error: prototype-errors.zeek:4: error: these are not the parameters of "first"
# error: prototype-errors.zeek:6: error: "plain" is already declared
