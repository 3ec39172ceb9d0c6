# Globals get their values in order; a broken declaration's name is known all the same.
global later: port;
const early = [$p=later];
global odd [4, 6];
global v: vector of count;
v -= { 3, 5 };
print odd, early;
type color: enum { Red, Green };
type number: enum { One, Two };
global mixed = vector(Red, Two);
# error: initial-value-errors.zeek:3: error: "later" has no value here
# error: initial-value-errors.zeek:2: note: declared here
# error: initial-value-errors.zeek:4: error: syntax error
# error: initial-value-errors.zeek:6: error: a list cannot be taken from a vector
# error: initial-value-errors.zeek:10: error: an element of this vector must be of type color
# error: initial-value-errors.zeek:8: note: the enum is declared here
# error: initial-value-errors.zeek:9: note: the enum is declared here
