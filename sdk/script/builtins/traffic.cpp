// The traffic that raised an event, as far as the compartment was told of it; and figures.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/packet-headers.h"
#include "sdk/script/builtins/reach.h"
#include "sdk/script/vm/host.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

namespace bulkhead::builtins {

namespace {

constexpr uint32_t linkEthernet = 1;  // as libpcap numbers them

template <Name record>
void statistics(NativeCall& call) {
  auto figures = servicesOf(call).traffic().statistics(record.view());
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  // Fields that nothing is known of are zero, or not set if they may be.
  for (const types::Field& field : out.object().layout->type->fields()) {
    auto found = figures.find(field.name);
    if (found == figures.end() && field.optional) continue;
    uint64_t figure = found == figures.end() ? 0 : found->second;
    Tag tag = field.type->tag();
    if (tag == Tag::count || tag == Tag::integer) out.count(field.name, figure);
    if (tag == Tag::real || tag == Tag::interval || tag == Tag::time)
      out.real(field.name, static_cast<double>(figure));
  }
  call.returnRef(out.take());
}

void eventStatistics(NativeCall& call) {
  auto out = resultVector(call);
  const auto& events = call.vm().program().events;
  // By name, as a reader looks for them.
  std::map<std::string_view, uint64_t> called;
  for (vm::EventId id = 0; id < events.size(); ++id)
    if (uint64_t times = call.vm().eventCalls(id); times > 0) called[events[id].name] = times;
  for (auto [name, times] : called) {
    RecordBuilder counter(call, out->type->element());
    if (!counter) return;
    counter.text("name", name);
    counter.count("times_called", times);
    if (call.failed()) return;
    if (!out->append(counter.take().take())) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

// Whether all fields that tell connections apart are set; says so if not.
bool isWhole(NativeCall& call) {
  const vm::RecordObject& id = call.record(0);
  for (std::string_view field : {"orig_h", "orig_p", "resp_h", "resp_p", "proto"}) {
    auto offset = id.layout->type->offsetOf(field);
    // The default of proto stands for "not known".
    constexpr uint64_t unknownProtocol = 65535;
    if (!offset ||
        (id.has(*offset) && (field != "proto" || id.get(*offset).count != unknownProtocol)))
      continue;
    call.warn("invalid connection ID record encountered: " + std::string(field) + " is not set");
    return false;
  }
  return true;
}
Value connectionOf(NativeCall& call) {
  if (!isWhole(call)) return {};
  return servicesOf(call).traffic().connection(call.vm(), call.record(0));
}

// A connection record without a connection, with every field set that has to be.
void returnNoConnection(NativeCall& call) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  auto endpoint = [&](std::string_view name) {
    RecordBuilder side(call, out.typeOf(name));
    if (!side) return;
    side.count("size", 0);
    side.count("state", 0);
    side.count("flow_label", 0);
    side.text("l2_addr", "");
    out.set(name, side.take().take());
  };
  RecordBuilder id(call, out.typeOf("id"));
  if (!id) return;
  for (std::string_view host : {"orig_h", "resp_h"})
    id.set(host, call.heap().addr(IpAddr::v4(uint32_t{0})));
  for (std::string_view port : {"orig_p", "resp_p"})
    id.set(port, Slot::ofPort({0, Transport::udp}));
  out.set("id", id.take().take());
  endpoint("orig");
  endpoint("resp");
  out.real("start_time", 0);
  out.real("duration", 0);
  out.text("history", "");
  out.text("uid", "");
  out.set("service", Slot::ofObject(call.heap().table(&out.typeOf("service")->asTable())));
  if (!call.failed()) call.returnRef(out.take());
}

void lookupConnection(NativeCall& call) {
  Value connection = connectionOf(call);
  if (!connection.empty()) return call.returnValue(std::move(connection));
  complain(call, "connection ID not a known connection", call.any(0));
  returnNoConnection(call);
}
void connectionExists(NativeCall& call) { call.returnBool(!connectionOf(call).empty()); }

void connectionProtocol(NativeCall& call) {
  const types::EnumType& protocols = call.functionType().result()->asEnum();
  std::string_view name = "unknown_transport";
  if (connectionOf(call).empty()) {
    complain(call, "unknown connection id in get_conn_transport_proto()", call.any(0));
  } else {
    auto port = fieldOf(call.record(0), "orig_p");
    Transport transport = port ? port->slot.port().transport : Transport::unknown;
    if (transport == Transport::tcp) name = "tcp";
    if (transport == Transport::udp) name = "udp";
    if (transport == Transport::icmp) name = "icmp";
  }
  const auto* entry = protocols.findName(name);
  call.returnEnum(entry != nullptr ? entry->value : 0);
}

// The packet that the event was raised for; unset fields where it did not come with the event.
void currentPacket(NativeCall& call) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  auto packet = servicesOf(call).traffic().currentPacket();
  double seconds = packet ? std::floor(packet->time) : 0;
  out.count("ts_sec", static_cast<uint64_t>(seconds));
  out.count("ts_usec",
            packet ? static_cast<uint64_t>(std::llround((packet->time - seconds) * 1e6)) : 0);
  out.count("caplen", packet ? packet->captureLength : 0);
  out.count("len", packet ? packet->length : 0);
  out.text("data", packet ? packet->bytes : "");
  std::string_view link =
      packet && packet->linkType == linkEthernet ? "LINK_ETHERNET" : "LINK_UNKNOWN";
  const types::Type* links = out.typeOf("link_type");
  const auto* entry = links != nullptr ? links->asEnum().findName(link) : nullptr;
  out.set("link_type", Slot::ofInt(entry != nullptr ? entry->value : 0));
  if (!call.failed()) call.returnRef(out.take());
}

void currentHeaders(NativeCall& call) {
  auto packet = servicesOf(call).traffic().currentPacket();
  if (!packet) return returnNeutral(call);
  auto headers = packetHeaders(call, *packet, call.functionType().result());
  if (!call.failed()) call.returnRef(std::move(headers));
}

// Options one by one, as they stand (RFC 9293, section 3.2).
void rawOptions(NativeCall& call) {
  auto out = resultVector(call);
  auto packet = servicesOf(call).traffic().currentPacket();
  std::string_view rest = packet ? tcpOptions(*packet) : std::string_view();
  while (!rest.empty()) {
    auto kind = static_cast<uint8_t>(rest[0]);
    // The end of the list and padding have no length.
    size_t size = kind < 2 ? 1 : rest.size() < 2 ? 0 : static_cast<uint8_t>(rest[1]);
    if (size == 0 || size > rest.size()) break;
    RecordBuilder option(call, out->type->element());
    if (!option) return;
    option.count("kind", kind);
    option.text("data", size > 2 ? rest.substr(2, size - 2) : "");
    if (call.failed()) return;
    if (!out->append(option.take().take())) return call.fail(outOfMemory);
    rest.remove_prefix(size);
    if (kind == 0 && call.boolean(0)) break;
  }
  call.returnRef(std::move(out));
}

// ---- Packets written to a file, in libpcap's format

struct CapturePacket {
  uint32_t seconds, microseconds, captureLength, length;
  std::string_view bytes;
};

// The file that dump_current_packet() goes on with.
class PacketDump final : public vm::Extension {
 public:
  explicit PacketDump(vm::Vm& vm) : vm_(vm) {}

  // False, with the reason, if it cannot be written.
  bool write(std::string_view name, uint32_t linkType, const CapturePacket& packet,
             std::string& error) {
    if (!handle_ || name != name_) {
      if (handle_) vm_.host().closeFile(*handle_);
      handle_ = vm_.host().openFile(name, vm::Host::FileMode::truncate, error);
      if (!handle_) return false;
      name_ = name;
      if (!vm_.host().writeFile(*handle_, fileHeader(linkType))) return false;
    }
    std::string bytes =
        words({packet.seconds, packet.microseconds, packet.captureLength, packet.length});
    bytes += packet.bytes;
    return vm_.host().writeFile(*handle_, bytes);
  }

 private:
  static std::string words(std::initializer_list<uint32_t> numbers) {
    std::string out;
    for (uint32_t number : numbers)
      out.append(reinterpret_cast<const char*>(&number), sizeof number);
    return out;
  }
  static std::string fileHeader(uint32_t linkType) {
    constexpr uint32_t magic = 0xa1b2c3d4, version = 4 << 16 | 2, snapLength = 9216;
    return words({magic, version, 0, 0, snapLength, linkType});
  }
  vm::Vm& vm_;
  std::optional<uint64_t> handle_;
  std::string name_;
};

void dump(NativeCall& call, std::string_view name, uint32_t linkType, const CapturePacket& packet) {
  std::string error;
  bool written = call.vm().extension<PacketDump>().write(name, linkType, packet, error);
  if (!error.empty()) call.warn("can't open " + std::string(name) + ": " + error);
  call.returnBool(written);
}
void dumpCurrentPacket(NativeCall& call) {
  auto packet = servicesOf(call).traffic().currentPacket();
  if (!packet) return call.returnBool(false);
  double seconds = std::floor(packet->time);
  dump(call, call.text(0), packet->linkType,
       {static_cast<uint32_t>(seconds),
        static_cast<uint32_t>(std::llround((packet->time - seconds) * 1e6)), packet->captureLength,
        packet->length, packet->bytes});
}
void dumpPacket(NativeCall& call) {
  const vm::RecordObject& packet = call.record(0);
  auto number = [&](std::string_view field) {
    auto value = fieldOf(packet, field);
    return value ? static_cast<uint32_t>(value->slot.count) : 0;
  };
  auto data = fieldOf(packet, "data");
  std::string_view bytes = data ? vm::textOf(data->slot) : std::string_view();
  dump(call, call.text(1), linkEthernet,
       {number("ts_sec"), number("ts_usec"), static_cast<uint32_t>(bytes.size()),
        std::max(number("len"), static_cast<uint32_t>(bytes.size())), bytes});
}

void packetSource(NativeCall& call) {
  constexpr uint64_t unknownNetmask = 0xffffffff;
  const RunFacts& facts = servicesOf(call).facts;
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  if (facts.readingLive || facts.readingTraces) {
    out.boolean("live", facts.readingLive);
    out.text("path", facts.packetSource);
    out.set("link_type", Slot::ofInt(facts.linkType));
    out.count("netmask", unknownNetmask);
  }
  if (!call.failed()) call.returnRef(out.take());
}

void currentAnalyzer(NativeCall& call) {
  call.returnCount(servicesOf(call).traffic().currentAnalyzer(call.vm()));
}
void packetTime(NativeCall& call) {
  auto packet = servicesOf(call).traffic().currentPacket();
  call.returnReal(packet ? packet->time : call.vm().networkTime());
}
void analyzerId(NativeCall& call) {
  if (connectionOf(call).empty()) {
    complain(call, "connection ID not a known connection", call.any(0));
    return call.returnCount(0);
  }
  // A tag has the same number in its own enum and among those of all kinds.
  const int64_t tag = call.any(1).slot.integer;
  uint64_t id = 0;
  for (const auto& analyzer : servicesOf(call).traffic().analyzers(call.record(0)))
    if (id == 0 && analyzer.tag == tag) id = analyzer.id;
  call.returnCount(id);
}

// Whether the scripts' hook lets the analyzer go.
bool mayDisable(NativeCall& call, const Value& connection, TypedSlot tag) {
  const vm::Program& program = call.vm().program();
  const vm::Function* hook = program.findFunction("Analyzer::disabling_analyzer");
  if (hook == nullptr) return true;
  auto function = call.vm().functionValue(static_cast<uint32_t>(hook - program.functions.data()));
  const TypedSlot arguments[] = {
      connection.view(), tag, {call.functionType().parameters()[1].type, call.slot(1)}};
  Value ran = call.invoke(*function, arguments);
  return ran.empty() || ran.slot().boolean();
}

void disableAnalyzer(NativeCall& call) {
  auto& traffic = servicesOf(call).traffic();
  Value connection = connectionOf(call);
  if (connection.empty()) {
    if (call.boolean(2)) complain(call, "connection ID not a known connection", call.any(0));
    return call.returnBool(false);
  }
  const auto analyzers = traffic.analyzers(call.record(0));
  auto found = std::find_if(analyzers.begin(), analyzers.end(),
                            [&](const auto& one) { return one.id == call.count(1); });
  if (found == analyzers.end()) {
    if (call.boolean(2)) call.warn("connection does not have analyzer specified to disable");
    return call.returnBool(false);
  }
  const types::Type* tags = call.vm().program().findType("AllAnalyzers::Tag");
  if (tags == nullptr) return call.returnBool(false);
  if (found == analyzers.begin()) {
    std::string name = call.vm().describe({tags, Slot::ofInt(found->tag)});
    call.warn("root analyzer " + name.substr(name.rfind('_') + 1) + " cannot be removed");
    return call.returnBool(false);
  }
  const bool may = mayDisable(call, connection, {tags, Slot::ofInt(found->tag)});
  if (call.failed()) return;
  if (may) {
    traffic.takeOff(call.record(0), found->id);
    servicesOf(call).answers().answer(call.vm(), "disable_analyzer", argumentsOf(call));
  }
  call.returnBool(may);
}

constexpr vm::NativeRow rows[] = {
    {"get_event_handler_stats", "function(): EventNameStats",
     "How often the handlers of each event ran in this compartment, of those that did.",
     eventStatistics},
    {"get_matcher_stats", "function(): MatcherStats", "Figures of signature matching.",
     statistics<"MatcherStats">},
    {"get_conn_transport_proto", "function(cid: conn_id): transport_proto",
     "The transport protocol of a connection that exists now.", connectionProtocol},
    {"get_current_packet", "function(): pcap_packet",
     "The packet that raised the event; empty outside of packets' events.", currentPacket},
    {"get_current_packet_header", "function(): raw_pkt_hdr",
     "The headers of that packet, as far as they are there.", currentHeaders},
    {"TCP::raw_options", "function(stop_at_eol: bool &default=T): TCP::RawOptionList",
     "The options in the TCP header of that packet, as they stand; with `stop_at_eol` up to the "
     "end "
     "of the list.",
     rawOptions},
    {"dump_current_packet", "function(file_name: string): bool",
     "Writes that packet to a capture file, which is begun with the first packet for its name. "
     "Needs the grant \"files\".",
     dumpCurrentPacket},
    {"dump_packet", "function(pkt: pcap_packet, file_name: string): bool",
     "As dump_current_packet, with a packet that get_current_packet gave.", dumpPacket},
    {"packet_source", "function(): PacketSource",
     "Where packets come from; fields are unset without packets.", packetSource},
    {"lookup_connection", "function(cid: conn_id): connection",
     "The record of a connection that exists now; of none, with an error, if there is no such one.",
     lookupConnection},
    {"connection_exists", "function(c: conn_id): bool", "Whether a connection exists now.",
     connectionExists},
    {"lookup_connection_analyzer_id", "function(cid: conn_id, atype: any): count",
     "The id of a connection's analyzer; 0: none.", analyzerId},
    {"disable_analyzer",
     "function(cid: conn_id, aid: count, err_if_no_conn: bool &default=T, prevent: bool "
     "&default=F): bool",
     "Takes an analyzer off a connection: no event of it comes any more, from the next packet on. "
     "A `break` in the hook Analyzer::disabling_analyzer keeps it. With `prevent` none of its kind "
     "is attached again. Whether it was taken off; without `err_if_no_conn` an unknown analyzer is "
     "no error. Other packages go on seeing what it finds.",
     disableAnalyzer},
    {"current_analyzer", "function(): count", "The analyzer that raised the event.",
     currentAnalyzer},
    {"get_current_packet_ts", "function(): time", "The time of the packet that raised the event.",
     packetTime},
    {"get_net_stats", "function(): NetStats",
     "How many packets and bytes have come in, up to the one that raised the event.",
     statistics<"NetStats">},
    {"get_conn_stats", "function(): ConnStats", "Figures of connections.", statistics<"ConnStats">},
    {"get_proc_stats", "function(): ProcStats", "Figures of the process.", statistics<"ProcStats">},
    {"get_event_stats", "function(): EventStats", "Figures of events.", statistics<"EventStats">},
    {"get_reassembler_stats", "function(): ReassemblerStats", "Figures of reassembly.",
     statistics<"ReassemblerStats">},
    {"get_dns_stats", "function(): DNSStats", "Figures of name look-ups.", statistics<"DNSStats">},
    {"get_timer_stats", "function(): TimerStats", "Figures of timers.", statistics<"TimerStats">},
    {"get_file_analysis_stats", "function(): FileAnalysisStats", "Figures of files.",
     statistics<"FileAnalysisStats">},
    {"get_gap_stats", "function(): GapStats", "Figures of gaps in streams.",
     statistics<"GapStats">},
};

}  // namespace

Rows trafficRows() { return rows; }

}  // namespace bulkhead::builtins
