##! What every script may rely on without loading anything: container aliases, the records that
##! describe traffic, the tunable limits of the engine, and a few helpers.
##!
##! The event catalog is read before this file; it already declares conn_id, transport_proto and the
##! records that only events carry.

@load ./bare/containers
@load ./bare/traffic
@load ./bare/packet-headers
@load ./bare/statistics
@load ./bare/reflection
@load ./bare/engine-types
@load ./bare/limits
@load ./bare/module-limits
@load ./bare/protocol-names
@load ./bare/certificates
@load ./bare/helpers
