##! The frameworks that are there even with `-b`, since builtin functions and command line options
##! refer to them.

@load base/frameworks/logging
@load base/frameworks/cluster
@load base/frameworks/broker
@load base/frameworks/input
@load base/frameworks/config
@load base/frameworks/analyzer
@load base/frameworks/files
@load base/frameworks/telemetry/options
