@pragma
@pragma pop
@pragma push
@pragma push ignore-deprecations
@pragma pop something
# error: pragma-errors.zeek:1: error: @pragma needs a word: push or pop
# error: pragma-errors.zeek:2: error: @pragma pop without a @pragma push in this file
# error: pragma-errors.zeek:3: error: @pragma push needs a value
# error: pragma-errors.zeek:5: error: @pragma pop of "something" where "ignore-deprecations" was pushed last
