// Functions that ask something of the host.

#include "sdk/script/analysis/name-table.h"
#include "sdk/script/overview/overview.h"

namespace bulkhead::overview {

namespace {

using Doors = analysis::NameTable<Reach>;

// Builtins, and those functions of the base library that are the documented way to them.
constexpr Doors::Row rows[] = {
    {Reach::files,
     "open open_for_append mkdir rmdir unlink rename file_size rotate_file rotate_file_by_name "
     "dump_packet dump_current_packet"},
    {Reach::commands, "system system_env piped_exec"},
    {Reach::environment, "getenv setenv is_local_interface"},
    {Reach::lookups, "lookup_addr lookup_hostname lookup_hostname_txt"},
    // Readers of the Input framework, and what is made of them.
    {Reach::absent,
     "Input::add_table Input::add_event Input::add_analysis Exec::run ActiveHTTP::request "
     "Dir::monitor"},
    {Reach::packets, "get_current_packet get_current_packet_header TCP::raw_options"},
    {Reach::analysis,
     "Files::add_analyzer Files::remove_analyzer Files::stop Files::enable_reassembly "
     "Files::disable_reassembly Files::set_reassembly_buffer_size Files::set_timeout_interval "
     "Files::register_for_mime_type Files::register_for_mime_types Files::enable_analyzer "
     "Files::disable_analyzer FileExtract::set_limit Analyzer::enable_analyzer "
     "Analyzer::disable_analyzer Analyzer::register_for_port Analyzer::register_for_ports "
     "Analyzer::schedule_analyzer PacketAnalyzer::enable_analyzer "
     "PacketAnalyzer::disable_analyzer PacketAnalyzer::register_packet_analyzer "
     "PacketAnalyzer::try_register_packet_analyzer_by_name disable_analyzer set_contents_file "
     "set_current_conn_bytes_threshold set_current_conn_duration_threshold "
     "set_current_conn_packets_threshold set_file_handle set_inactivity_timeout "
     "set_record_packets skip_further_processing ConnThreshold::set_bytes_threshold "
     "ConnThreshold::set_packets_threshold ConnThreshold::set_duration_threshold "
     "ConnThreshold::delete_bytes_threshold ConnThreshold::delete_packets_threshold "
     "ConnThreshold::delete_duration_threshold "
     "NetControl::drop_address NetControl::drop_connection NetControl::shunt_flow terminate exit "
     "suspend_processing continue_processing"},
    {Reach::messages,
     "Broker::publish Broker::subscribe Broker::unsubscribe Broker::auto_publish Broker::peer "
     "Broker::listen "
     "Cluster::publish Cluster::publish_hrw Cluster::publish_rr Cluster::subscribe "
     "Cluster::unsubscribe Cluster::create_store"},
};

}  // namespace

std::optional<Reach> reachOf(std::string_view function) {
  static const Doors table(rows);
  return table.find(function);
}

std::string_view reachName(Reach reach) {
  switch (reach) {
    case Reach::files:
      return "files";
    case Reach::commands:
      return "commands";
    case Reach::environment:
      return "environment";
    case Reach::lookups:
      return "lookups";
    case Reach::absent:
      return "absent";
    case Reach::packets:
      return "packets";
    case Reach::analysis:
      return "analysis";
    case Reach::messages:
      return "messages";
  }
  return "?";
}

}  // namespace bulkhead::overview
