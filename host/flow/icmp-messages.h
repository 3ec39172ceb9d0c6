#pragma once
// The events of ICMP and ICMPv6 messages: echoes, errors with the packet that they quote, neighbor
// and multicast listener discovery.
//
// RFC 792, RFC 4443, RFC 4861, RFC 2710, RFC 3810; which event carries what is as Zeek documents it
// (https://docs.zeek.org/en/master/scripts/base/bif/plugins/Zeek_ICMP.events.bif.zeek.html).
// Worker thread; everything is borrowed for the call. Input is hostile: what is cut short is
// reported and the rest of the message left alone.

#include "host/events/sink.h"
#include "host/flow/ip-header.h"

#include <functional>
#include <string>
#include <string_view>

namespace bulkhead::flow {

// Options or records of one message that are told of; an IPv6 packet of 64 KiB holds 8191 options
// of the shortest kind.
inline constexpr size_t maxIcmpElements = 1024;

struct IcmpOddity {
  std::string_view name;
  std::string addl;
  bool ofConnection;  // or of the network
};

// `message` is what was captured from the ICMP header on, at least eight bytes; `length` is that of
// the message on the wire. Builds only what the sink wants.
void raiseIcmpEvents(events::EventSink& sink, events::ConnectionState& connection,
                     const IpHeader& ip, Bytes message, uint32_t length,
                     const std::function<void(const IcmpOddity&)>& report);

}  // namespace bulkhead::flow
