#include "host/analyzers/dns/dns-analyzer.h"

#include "host/analyzers/dns/dns-message-parser.h"
#include "host/analyzers/options.h"

#include <algorithm>
#include <string>

namespace bulkhead::analyzers::dns {
namespace {

constexpr uint16_t netbiosPort = 137;
constexpr size_t lengthPrefix = 2;

bool isMulticast(const IpAddr& address) {
  return address.isV4() ? (address.bytes[12] & 0xf0) == 0xe0 : address.bytes[0] == 0xff;
}

Header readHeader(flow::Bytes data) {
  Reader reader(data);
  Header header{};
  for (auto* field : {&header.id, &header.flags, &header.questions, &header.answers,
                      &header.authorities, &header.additionals})
    *field = reader.u16();
  return header;
}

}  // namespace

DnsAnalyzer::DnsAnalyzer(flow::ConnectionContext& context)
    : context_(context), timers_(context.timers(), *this) {
  const auto& id = context.state().id;
  isNetbios_ = id.origPort.number == netbiosPort || id.respPort.number == netbiosPort;
  // At the end of a trace these connections go first, in the order of their timers.
  if (context.isUdp())
    timers_.add(context.networkTime() + options().dnsSessionTimeout, 0, flow::AtEnd::fire);
}

void DnsAnalyzer::timerDue(uint32_t kind, double now) {
  // A second less than it says, as in Zeek: a request and its reply need no second timer.
  const double idle = now - context_.state().lastTime;
  if (context_.isEnding() || idle >= options().dnsSessionTimeout - 1)
    context_.expire();
  else
    timers_.add(now + options().dnsSessionTimeout, kind, flow::AtEnd::fire);
}

void DnsAnalyzer::deliverPacket(bool isOrig, flow::Bytes payload, uint64_t) {
  message(payload, isOrig ? From::originator : From::responder);
}

void DnsAnalyzer::deliverStream(bool isOrig, flow::Bytes data) {
  auto& pending = streams_[isOrig].pending;
  auto from = isOrig ? From::originator : From::responder;
  auto wholeSize = [](flow::Bytes bytes) -> size_t {
    return bytes.size() < lengthPrefix ? lengthPrefix
                                       : lengthPrefix + (size_t{bytes[0]} << 8 | bytes[1]);
  };
  while (!data.empty()) {
    if (pending.empty() && data.size() >= lengthPrefix && data.size() >= wholeSize(data)) {
      size_t whole = wholeSize(data);
      message(data.subspan(lengthPrefix, whole - lengthPrefix), from);
      data = data.subspan(whole);
      continue;
    }
    size_t missing = wholeSize(pending) - pending.size();
    size_t take = std::min(missing, data.size());
    pending.insert(pending.end(), data.begin(), data.begin() + static_cast<ptrdiff_t>(take));
    data = data.subspan(take);
    if (pending.size() < lengthPrefix || pending.size() < wholeSize(pending)) continue;
    // Out of the way first: a message may turn the connection round.
    std::vector<uint8_t> complete;
    complete.swap(pending);
    message(flow::Bytes(complete).subspan(lengthPrefix), from);
  }
}

void DnsAnalyzer::message(flow::Bytes data, From from) {
  if (data.size() < Header::wireSize) {
    context_.weird("DNS_truncated_len_lt_hdr_len", {}, "DNS");
    return;
  }
  Header header = readHeader(data);
  header.isQuery = from != From::responder;
  header.isNetbios = isNetbios_;
  uint8_t opcode = header.opcode();
  if (opcode != opQuery && opcode != opUpdate && opcode != opNotify && !isNetbios_) {
    context_.weird("DNS_unknown_opcode", std::to_string(opcode), "DNS");
    context_.noteLimitReached();
    return;
  }
  if (first_ && header.isReply() && from == From::originator) {
    header.isQuery = false;
    if (!isMulticast(context_.state().id.respHost)) context_.flipRoles();
  }
  first_ = false;
  raiseMessage(context_, header, data.size());
  MessageParser(context_, header, data).run();
}

void DnsAnalyzer::finished(bool half) {
  if (!half) flush();
}

void DnsAnalyzer::done() {
  timers_.cancelAll();
  if (!context_.isUdp()) return;
  if (context_.sink().wants(events::EventId::udp_session_done))
    context_.sink().raise(events::EventId::udp_session_done, {events::Value::of(context_.state())});
}

// What came of a last message is parsed as far as it goes.
void DnsAnalyzer::flush() {
  for (int side : {1, 0}) {
    Stream& stream = streams_[side];
    if (stream.flushed || stream.pending.size() <= lengthPrefix) continue;
    stream.flushed = true;
    message(flow::Bytes(stream.pending).subspan(lengthPrefix), From::unknown);
  }
}

std::unique_ptr<flow::ProtocolAnalyzer> makeDns(flow::ConnectionContext& context) {
  return std::make_unique<DnsAnalyzer>(context);
}

}  // namespace bulkhead::analyzers::dns
