// What reaches beyond the Vm: the traffic, the analysis, files, commands, names, statistics.
//
// Answers to the analysis are sent and not awaited: the result is what the compartment can know.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/vm/host.h"

#include <algorithm>

namespace bulkhead::builtins {

namespace {

Services& servicesOf(NativeCall& call) { return call.vm().extension<Services>(); }

// The name of a native function as a template argument, so that one body serves many rows.
template <size_t size>
struct Name {
  constexpr Name(const char (&text)[size]) { std::copy_n(text, size, bytes); }
  constexpr std::string_view view() const { return {bytes, size - 1}; }
  char bytes[size];
};

std::vector<TypedSlot> argumentsOf(NativeCall& call) {
  std::vector<TypedSlot> out;
  for (size_t i = 0; i < call.argumentCount(); ++i) out.push_back(call.any(i));
  return out;
}

// A result that says nothing: what a compartment without the asked-for thing answers.
void returnNeutral(NativeCall& call) {
  const types::Type* type = call.functionType().result();
  switch (type->tag()) {
    case Tag::void_:
      return;
    case Tag::string:
      return call.returnText("");
    case Tag::addr:
      return call.returnAddr(IpAddr{});
    case Tag::set:
    case Tag::table:
      return call.returnRef(resultTable(call));
    case Tag::vector:
      return call.returnRef(resultVector(call));
    case Tag::record: {
      auto record = call.vm().makeRecord(&type->asRecord());
      if (!record) return call.fail(outOfMemory);
      return call.returnRef(std::move(record));
    }
    case Tag::boolean:
    case Tag::count:
    case Tag::integer:
    case Tag::real:
    case Tag::time:
    case Tag::interval:
    case Tag::enumeration:
      return call.returnSlot(Slot::ofCount(0));
    default:
      return call.fail("there is no value to answer with");
  }
}

template <Name name>
void steer(NativeCall& call) {
  servicesOf(call).answers().answer(call.vm(), name.view(), argumentsOf(call));
  if (call.functionType().result()->is(Tag::boolean)) return call.returnBool(true);
  returnNeutral(call);
}

template <Name name>
void reachOut(NativeCall& call) {
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), name.view(), arguments,
                                                  call.functionType().result());
  if (!reply.value.empty()) return call.returnValue(std::move(reply.value));
  if (!reply.refused.empty()) call.warn(reply.refused);
  if (call.functionType().result()->is(Tag::integer)) return call.returnInt(-1);
  returnNeutral(call);
}

template <Name name>
void lookUp(NativeCall& call) {
  if (!call.canDefer())
    return call.fail(std::string(name.view()) + "() can only be called inside a when-condition");
  auto arguments = argumentsOf(call);
  vm::AsyncToken token = call.defer();
  std::string refused = servicesOf(call).outside().requestLater(
      call.vm(), token, name.view(), arguments, call.functionType().result());
  if (refused.empty()) return;
  call.warn(refused);
  call.vm().abandonAsync(token);
}

template <Name record>
void statistics(NativeCall& call) {
  auto figures = servicesOf(call).traffic().statistics(record.view());
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  // Fields that nothing is known of are zero: the record has no optional ones.
  for (const types::Field& field : out.object().layout->type->fields()) {
    auto found = figures.find(field.name);
    uint64_t figure = found == figures.end() ? 0 : found->second;
    Tag tag = field.type->tag();
    if (tag == Tag::count || tag == Tag::integer) out.count(field.name, figure);
    if (tag == Tag::real || tag == Tag::interval || tag == Tag::time)
      out.real(field.name, static_cast<double>(figure));
  }
  call.returnRef(out.take());
}

// ---- Traffic

void lookupConnection(NativeCall& call) {
  Value connection = servicesOf(call).traffic().connection(call.vm(), call.record(0));
  if (connection.empty())
    return call.fail("connection ID not a known connection (" + call.vm().describe(call.any(0)) +
                     ")");
  call.returnValue(std::move(connection));
}
void connectionExists(NativeCall& call) {
  call.returnBool(!servicesOf(call).traffic().connection(call.vm(), call.record(0)).empty());
}
void fileExists(NativeCall& call) {
  call.returnBool(!servicesOf(call).traffic().file(call.vm(), call.text(0)).empty());
}
void lookupFile(NativeCall& call) {
  Value file = servicesOf(call).traffic().file(call.vm(), call.text(0));
  if (file.empty()) return call.fail("file ID " + std::string(call.text(0)) + " not a known file");
  call.returnValue(std::move(file));
}
void currentAnalyzer(NativeCall& call) {
  call.returnCount(servicesOf(call).traffic().currentAnalyzer());
}
void packetTime(NativeCall& call) {
  auto packet = servicesOf(call).traffic().currentPacket();
  call.returnReal(packet ? packet->time : call.vm().networkTime());
}
void analyzerId(NativeCall& call) {
  TypedSlot tag = call.any(1);
  call.returnCount(
      servicesOf(call).traffic().analyzerId(call.record(0), enumName(tag.type, tag.slot.integer)));
}

// ---- Tags

std::string_view withoutPrefix(std::string_view name) {
  size_t at = name.rfind("ANALYZER_");
  return at == std::string_view::npos ? name : name.substr(at + 9);
}
void tagName(NativeCall& call) {
  TypedSlot tag = call.any(0);
  call.returnText(
      tag.type->is(Tag::enumeration) ? withoutPrefix(enumName(tag.type, tag.slot.integer)) : "");
}
const types::EnumType::Entry* entryNamed(const types::EnumType& type, std::string_view name) {
  for (const auto& entry : type.entries())
    if (withoutPrefix(entry.name) == name) return &entry;
  return nullptr;
}
const types::EnumType* analyzerTags(NativeCall& call) {
  const types::Type* type = call.vm().program().findType("AllAnalyzers::Tag");
  if (type == nullptr) type = call.vm().program().findType("Analyzer::Tag");
  return type != nullptr ? &type->asEnum() : nullptr;
}
void tagOf(NativeCall& call) {
  const auto* entry = entryNamed(call.functionType().result()->asEnum(), call.text(0));
  call.returnEnum(entry ? entry->value : 0);
}
void hasTag(NativeCall& call) {
  const auto* type = analyzerTags(call);
  call.returnBool(type != nullptr && entryNamed(*type, call.text(0)) != nullptr);
}
// A tag of the kind's own enum, or the same among those of all kinds (AllAnalyzers::Tag).
template <Name prefix, Name amongAll>
void isOfKind(NativeCall& call) {
  TypedSlot tag = call.any(0);
  if (!tag.type->is(Tag::enumeration)) return call.returnBool(false);
  const auto name = enumName(tag.type, tag.slot.integer);
  call.returnBool(name.starts_with(prefix.view()) || name.starts_with(amongAll.view()));
}

// ---- Files that a script writes

void openAs(NativeCall& call, vm::Host::FileMode mode) {
  std::string error;
  auto handle = call.vm().host().openFile(call.text(0), mode, error);
  if (!handle) call.warn("can't open " + std::string(call.text(0)) + ": " + error);
  vm::FileObject* file = call.heap().file(call.text(0), handle.value_or(0));
  if (file != nullptr) file->open = handle.has_value();
  call.returnObject(file);
}
void openFile(NativeCall& call) { openAs(call, vm::Host::FileMode::truncate); }
void openAppending(NativeCall& call) { openAs(call, vm::Host::FileMode::append); }
void closeFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  if (!file.open) return call.returnBool(false);
  file.open = false;
  call.returnBool(call.vm().host().closeFile(std::exchange(file.handle, 0)));
}
void writeFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  call.returnBool(file.open && call.vm().host().writeFile(file.handle, call.text(1)));
}
void flushFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  if (file.open) call.vm().host().flushFile(file.handle);
}
void rawOutput(NativeCall& call) { call.file(0).raw = true; }
void fileName(NativeCall& call) { call.returnText(call.file(0).name->view()); }
void activeFile(NativeCall& call) { call.returnBool(call.file(0).open); }
// What is written goes to the host at once: nothing is kept back that could be flushed.
void flushAll(NativeCall& call) { call.returnBool(true); }
void never(NativeCall& call) { call.returnBool(false); }

// A script that asks for a variable is ready to get nothing: a refusal is not worth a word.
void environment(NativeCall& call) {
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), "getenv", arguments,
                                                  call.functionType().result());
  if (reply.value.empty()) return call.returnText("");
  call.returnValue(std::move(reply.value));
}

constexpr vm::NativeRow steering[] = {
    {"set_inactivity_timeout", "function(cid: conn_id, t: interval): interval",
     "After how long without a packet a connection is given up.", steer<"set_inactivity_timeout">},
    {"skip_further_processing", "function(cid: conn_id): bool",
     "Ends the analysis of a connection's contents.", steer<"skip_further_processing">},
    {"set_record_packets", "function(cid: conn_id, do_record: bool): bool",
     "Whether packets of a connection are recorded.", steer<"set_record_packets">},
    {"set_contents_file", "function(cid: conn_id, direction: count, f: file): bool",
     "Writes a connection's contents to a file.", steer<"set_contents_file">},
    {"disable_analyzer",
     "function(cid: conn_id, aid: count, err_if_no_conn: bool &default=T, prevent: bool "
     "&default=F): bool",
     "Takes an analyzer off a connection.", steer<"disable_analyzer">},
    {"set_file_handle", "function(handle: string)", "Names the file that is being looked for.",
     steer<"set_file_handle">},
    {"set_current_conn_bytes_threshold",
     "function(cid: conn_id, threshold: count, is_orig: bool): bool",
     "The next number of bytes to raise an event at.", steer<"set_current_conn_bytes_threshold">},
    {"set_current_conn_packets_threshold",
     "function(cid: conn_id, threshold: count, is_orig: bool): bool",
     "The next number of packets to raise an event at.",
     steer<"set_current_conn_packets_threshold">},
    {"set_current_conn_duration_threshold", "function(cid: conn_id, threshold: interval): bool",
     "The next duration to raise an event at.", steer<"set_current_conn_duration_threshold">},
    {"get_current_conn_bytes_threshold", "function(cid: conn_id, is_orig: bool): count",
     "That threshold; 0 if none is known.", returnNeutral},
    {"get_current_conn_packets_threshold", "function(cid: conn_id, is_orig: bool): count",
     "That threshold; 0 if none is known.", returnNeutral},
    {"get_current_conn_duration_threshold", "function(cid: conn_id): interval",
     "That threshold; 0 if none is known.", returnNeutral},
    {"Files::__enable_reassembly", "function(file_id: string): bool",
     "See Files::enable_reassembly.", steer<"Files::__enable_reassembly">},
    {"Files::__disable_reassembly", "function(file_id: string): bool",
     "See Files::disable_reassembly.", steer<"Files::__disable_reassembly">},
    {"Files::__set_reassembly_buffer", "function(file_id: string, max: count): bool",
     "See Files::set_reassembly_buffer_size.", steer<"Files::__set_reassembly_buffer">},
    {"Files::__set_timeout_interval", "function(file_id: string, t: interval): bool",
     "See Files::set_timeout_interval.", steer<"Files::__set_timeout_interval">},
    {"Files::__add_analyzer", "function(file_id: string, tag: Files::Tag, args: any): bool",
     "See Files::add_analyzer.", steer<"Files::__add_analyzer">},
    {"Files::__remove_analyzer", "function(file_id: string, tag: Files::Tag, args: any): bool",
     "See Files::remove_analyzer.", steer<"Files::__remove_analyzer">},
    {"Files::__stop", "function(file_id: string): bool", "See Files::stop.",
     steer<"Files::__stop">},
    {"Files::__enable_analyzer", "function(tag: Files::Tag): bool", "See Files::enable_analyzer.",
     steer<"Files::__enable_analyzer">},
    {"Files::__disable_analyzer", "function(tag: Files::Tag): bool", "See Files::disable_analyzer.",
     steer<"Files::__disable_analyzer">},
    {"Files::__analyzer_enabled", "function(tag: Files::Tag): bool", "See Files::analyzer_enabled.",
     [](NativeCall& call) { call.returnBool(true); }},
    {"Files::__analyzer_name", "function(tag: Files::Tag): string", "The name behind a tag.",
     tagName},
    {"Files::__file_exists", "function(fuid: string): bool", "Whether a file is being analysed.",
     fileExists},
    {"Files::__lookup_file", "function(fuid: string): fa_file", "The record of such a file.",
     lookupFile},
    {"FileExtract::__set_limit", "function(file_id: string, args: any, n: count): bool",
     "How much of a file is extracted at most.", steer<"FileExtract::__set_limit">},
    {"Analyzer::__enable_analyzer", "function(id: Analyzer::Tag): bool",
     "See Analyzer::enable_analyzer.", steer<"Analyzer::__enable_analyzer">},
    {"Analyzer::__disable_analyzer", "function(id: Analyzer::Tag): bool",
     "See Analyzer::disable_analyzer.", steer<"Analyzer::__disable_analyzer">},
    {"Analyzer::__disable_all_analyzers", "function()", "Disables all analyzers.",
     steer<"Analyzer::__disable_all_analyzers">},
    {"Analyzer::__register_for_port", "function(id: Analyzer::Tag, p: port): bool",
     "See Analyzer::register_for_port.", steer<"Analyzer::__register_for_port">},
    {"Analyzer::__schedule_analyzer",
     "function(orig: addr, resp: addr, resp_p: port, analyzer: Analyzer::Tag, tout: interval): "
     "bool",
     "See Analyzer::schedule_analyzer.", steer<"Analyzer::__schedule_analyzer">},
    {"Analyzer::__name", "function(atype: any): string", "The name behind a tag.", tagName},
    {"Analyzer::__tag", "function(name: string): Analyzer::Tag", "The tag of a name.", tagOf},
    {"Analyzer::__has_tag", "function(name: string): bool", "Whether there is a tag of that name.",
     hasTag},
    {"PacketAnalyzer::__enable_analyzer", "function(id: any): bool", "See PacketAnalyzer.",
     steer<"PacketAnalyzer::__enable_analyzer">},
    {"PacketAnalyzer::__disable_analyzer", "function(id: any): bool", "See PacketAnalyzer.",
     steer<"PacketAnalyzer::__disable_analyzer">},
    {"is_protocol_analyzer", "function(atype: any): bool", "Whether a tag is one of Analyzer.",
     isOfKind<"Analyzer::", "AllAnalyzers::ANALYZER_">},
    {"is_packet_analyzer", "function(atype: any): bool", "Whether a tag is one of PacketAnalyzer.",
     isOfKind<"PacketAnalyzer::", "AllAnalyzers::PACKETANALYZER_">},
    {"is_file_analyzer", "function(atype: any): bool", "Whether a tag is one of Files.",
     isOfKind<"Files::", "AllAnalyzers::FILES_">},
    {"lookup_connection", "function(cid: conn_id): connection",
     "The record of a connection that exists now.", lookupConnection},
    {"connection_exists", "function(c: conn_id): bool", "Whether a connection exists now.",
     connectionExists},
    {"lookup_connection_analyzer_id", "function(cid: conn_id, atype: any): count",
     "The id of a connection's analyzer; 0: none.", analyzerId},
    {"current_analyzer", "function(): count", "The analyzer that raised the event.",
     currentAnalyzer},
    {"get_current_packet_ts", "function(): time", "The time of the packet that raised the event.",
     packetTime},
};

constexpr vm::NativeRow outside[] = {
    {"system", "function(str: string): int", "Runs a shell command. Needs a grant.",
     reachOut<"system">},
    {"system_env", "function(str: string, env: table_string_of_string): int",
     "As system, with more environment.", reachOut<"system_env">},
    {"piped_exec", "function(program: string, to_write: string): bool",
     "Runs a command with input. Needs a grant.", reachOut<"piped_exec">},
    {"mkdir", "function(f: string): bool", "Makes a directory. Needs a grant.", reachOut<"mkdir">},
    {"rmdir", "function(d: string): bool", "Removes a directory. Needs a grant.",
     reachOut<"rmdir">},
    {"unlink", "function(f: string): bool", "Removes a file. Needs a grant.", reachOut<"unlink">},
    {"rename", "function(src_f: string, dst_f: string): bool", "Renames a file. Needs a grant.",
     reachOut<"rename">},
    {"file_size", "function(f: string): double", "The size of a file; needs a grant.",
     reachOut<"file_size">},
    {"find_in_zeekpath", "function(p: string): string", "Where a script lies; empty if nowhere.",
     returnNeutral},
    {"getenv", "function(var: string): string",
     "A variable of the environment; empty without a grant.", environment},
    {"lookup_addr", "function(host: addr): string",
     "The name of an address. Inside `when`; needs a grant.", lookUp<"lookup_addr">},
    {"lookup_hostname", "function(host: string): addr_set",
     "The addresses of a name. Inside `when`; needs a grant.", lookUp<"lookup_hostname">},
    {"lookup_hostname_txt", "function(host: string): string",
     "The TXT record of a name. Inside `when`; needs a grant.", lookUp<"lookup_hostname_txt">},
    {"lookup_location", "function(a: addr): geo_location",
     "Where an address is; without a database nothing is known.", returnNeutral},
    {"lookup_autonomous_system", "function(a: addr): geo_autonomous_system",
     "Whose an address is; without a database nothing is known.", returnNeutral},
    {"mmdb_open_location_db", "function(f: string): bool",
     "Opens a database of places; there is none in a compartment.", never},
    {"mmdb_open_asn_db", "function(f: string): bool",
     "Opens a database of networks; there is none in a compartment.", never},
    {"open", "function(f: string): file", "Opens a file for writing, emptied.", openFile},
    {"open_for_append", "function(f: string): file", "Opens a file for writing behind its end.",
     openAppending},
    {"close", "function(f: file): bool", "Closes a file.", closeFile},
    {"write_file", "function(f: file, data: string): bool", "Writes bytes as they are.", writeFile},
    {"set_buf", "function(f: file, buffered: bool)", "Flushes; the host decides on buffering.",
     flushFile},
    {"enable_raw_output", "function(f: file)",
     "Prints to the file come without line ends and escapes.", rawOutput},
    {"get_file_name", "function(f: file): string", "The name it was opened under.", fileName},
    {"active_file", "function(f: file): bool", "Whether the file is open.", activeFile},
    {"flush_all", "function(): bool", "Flushes all files.", flushAll},
    {"get_net_stats", "function(): NetStats", "Figures of the capture.", statistics<"NetStats">},
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

Rows steeringRows() { return steering; }
Rows outsideRows() { return outside; }

}  // namespace bulkhead::builtins
