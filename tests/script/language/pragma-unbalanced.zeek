@pragma push ignore-deprecations
# error: error: the file ends before the @pragma pop of a @pragma push
