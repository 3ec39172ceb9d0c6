#pragma once
// The headers of a packet as the records that scripts know. Private to builtins.
//
// Packet bytes are foreign: what is cut short or contradicts itself leaves the fields behind it
// unset. Ethernet with VLAN tags, and raw IP. Sources: IEEE 802.1Q, RFC 791, 8200, 9293, 768.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"

#include <string_view>

namespace bulkhead::builtins {

// A raw_pkt_hdr. Empty if the call failed.
Ref<vm::RecordObject> packetHeaders(NativeCall& call, const TrafficView::RawPacket& packet,
                                    const types::Type* type);

// The bytes of the options in the packet's TCP header; empty without one.
std::string_view tcpOptions(const TrafficView::RawPacket& packet);

}  // namespace bulkhead::builtins
