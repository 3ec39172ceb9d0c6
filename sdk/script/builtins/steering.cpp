// What steers the analysis of traffic.
//
// Answers to the analysis are sent and not awaited: the result is what the compartment can know.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/reach.h"

namespace bulkhead::builtins {

namespace {

template <Name name>
void steer(NativeCall& call) {
  servicesOf(call).answers().answer(call.vm(), name.view(), argumentsOf(call));
  if (call.functionType().result()->is(Tag::boolean)) return call.returnBool(true);
  returnNeutral(call);
}

void fileExists(NativeCall& call) {
  call.returnBool(!servicesOf(call).traffic().file(call.vm(), call.text(0)).empty());
}
void lookupFile(NativeCall& call) {
  Value file = servicesOf(call).traffic().file(call.vm(), call.text(0));
  if (file.empty()) return call.fail("file ID " + std::string(call.text(0)) + " not a known file");
  call.returnValue(std::move(file));
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
  const auto name = call.vm().describe(tag);
  call.returnBool(tag.type->is(Tag::enumeration) &&
                  (name.starts_with(prefix.view()) || name.starts_with(amongAll.view())));
}

constexpr vm::NativeRow steering[] = {
    {"set_inactivity_timeout", "function(cid: conn_id, t: interval): interval",
     "After how long without a packet a connection is given up.", steer<"set_inactivity_timeout">},
    {"skip_further_processing", "function(cid: conn_id): bool",
     "Ends the analysis of a connection's contents.", steer<"skip_further_processing">},
    {"install_src_addr_filter", "function(ip: addr, tcp_flags: count, prob: double): bool",
     "Drops packets from an address before they are looked at, with that probability.",
     steer<"install_src_addr_filter">},
    {"install_dst_addr_filter", "function(ip: addr, tcp_flags: count, prob: double): bool",
     "As install_src_addr_filter, by where packets go.", steer<"install_dst_addr_filter">},
    {"install_src_net_filter", "function(snet: subnet, tcp_flags: count, prob: double): bool",
     "As install_src_addr_filter, for a subnet.", steer<"install_src_net_filter">},
    {"install_dst_net_filter", "function(snet: subnet, tcp_flags: count, prob: double): bool",
     "As install_dst_addr_filter, for a subnet.", steer<"install_dst_net_filter">},
    {"uninstall_src_addr_filter", "function(ip: addr): bool", "Takes such a filter back.",
     steer<"uninstall_src_addr_filter">},
    {"uninstall_dst_addr_filter", "function(ip: addr): bool", "Takes such a filter back.",
     steer<"uninstall_dst_addr_filter">},
    {"uninstall_src_net_filter", "function(snet: subnet): bool", "Takes such a filter back.",
     steer<"uninstall_src_net_filter">},
    {"uninstall_dst_net_filter", "function(snet: subnet): bool", "Takes such a filter back.",
     steer<"uninstall_dst_net_filter">},
    {"set_record_packets", "function(cid: conn_id, do_record: bool): bool",
     "Whether packets of a connection are recorded.", steer<"set_record_packets">},
    {"set_contents_file", "function(cid: conn_id, direction: count, f: file): bool",
     "Writes a connection's contents to a file.", steer<"set_contents_file">},
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
    {"Files::__register_for_mime_type", "function(tag: Files::Tag, mt: string): bool",
     "Tells the analysis that files of the type will be answered to. Not of Zeek.",
     steer<"Files::__register_for_mime_type">},
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
};

}  // namespace

Rows steeringRows() { return steering; }

}  // namespace bulkhead::builtins
