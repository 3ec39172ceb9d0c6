#include "sdk/script/prune/natives.h"

#include "sdk/script/analysis/name-table.h"

namespace bulkhead::prune {

namespace {

using Natives = analysis::NameTable<NativeKind>;

// What is missing here on purpose: functions that look at globals or handlers by name, or at the
// program as a whole (lookup_ID, global_ids, is_event_handled, has_event_group,
// has_module_events, generate_all_events, backtrace, val_footprint, ...).
constexpr Natives::Row rows[] = {
    {NativeKind::pure,
     // strings
     "string_cat join_string_vec join_string_set edit sub_bytes levenshtein_distance strcmp strstr "
     "subst_string count_substr find_str rfind_str reverse to_lower to_upper swap_case to_title "
     "strip lstrip rstrip remove_prefix remove_suffix string_fill str_split_indices ljust rjust "
     "str_smith_waterman zfill is_ascii is_num is_alpha is_alnum starts_with ends_with "
     // addresses
     "is_v4_addr is_v6_addr is_v4_subnet is_v6_subnet to_addr is_valid_ip to_subnet "
     "is_valid_subnet addr_to_subnet subnet_to_addr subnet_width mask_addr remask_addr "
     "addr_to_counts counts_to_addr count_to_v4_addr raw_bytes_to_v4_addr raw_bytes_to_v6_addr "
     "addr_to_ptr_name get_port_transport_proto is_tcp_port is_udp_port is_icmp_port "
     "port_to_count count_to_port to_port ptr_name_to_addr "
     // conversion
     "to_count to_int to_double double_to_count double_to_int double_to_time time_to_double "
     "double_to_interval interval_to_double count_to_double int_to_double int_to_count "
     "enum_to_int bytestring_to_count bytestring_to_double bytestring_to_float floor ceil round "
     "sqrt exp ln log2 log10 pow modulo haversine_distance network_time current_time strftime "
     "strptime calc_next_rotate "
     // encoding
     "clean to_string_literal escape_string string_to_ascii_hex bytestring_to_hexstr "
     "hexstr_to_bytestring hexdump encode_base64 decode_base64 decode_base64_conn "
     "is_valid_base64 uuid_to_string safe_shell_quote unescape_URI compress_path file_mode "
     "decode_netbios_name decode_netbios_name_type community_id_v1 to_json from_json "
     // format and patterns
     "cat cat_sep fmt split_string split_string1 split_string_all split_string_n sub gsub "
     "find_all find_all_ordered find_first find_last convert_for_pattern string_to_pattern "
     // digests of what is given at once, and beginnings of those step by step
     "md5_hash sha1_hash sha224_hash sha256_hash sha384_hash sha512_hash md5_hash_init "
     "sha1_hash_init sha256_hash_init fnv1a32 fnv1a64 hrw_weight find_entropy "
     // containers
     "table_keys matching_subnets check_subnet order any_set all_set "
     // sketches
     "topk_init topk_count topk_epsilon topk_size topk_sum hll_cardinality_init "
     "hll_cardinality_estimate hll_cardinality_copy bloomfilter_basic_init "
     "bloomfilter_counting_init bloomfilter_lookup bloomfilter_merge paraglob_init "
     "paraglob_match paraglob_equals "
     // what is the same in every compartment
     "reading_live_traffic reading_traces bare_mode zeek_version zeek_is_terminating getpid "
     "gethostname type_name enum_names record_fields same_object global_options do_profiling "
     "Analyzer::__name Analyzer::__tag Analyzer::__has_tag Files::__analyzer_name "
     "is_protocol_analyzer is_packet_analyzer is_file_analyzer "
     "current_analyzer get_current_packet_ts current_event_time EventMetadata::current "
     "EventMetadata::current_all get_max_recursion_depth set_max_recursion_depth "
     "find_in_zeekpath getenv lookup_addr lookup_hostname lookup_hostname_txt lookup_location "
     "lookup_autonomous_system mmdb_open_location_db mmdb_open_asn_db get_net_stats "
     "get_conn_stats get_proc_stats get_event_stats get_reassembler_stats get_dns_stats "
     "get_timer_stats get_file_analysis_stats get_gap_stats "
     // certificates
     "x509_from_der x509_parse x509_get_certificate_string "
     // messages: base code's own come from the site
     "Reporter::info Reporter::warning Reporter::error Reporter::fatal "
     "Reporter::fatal_error_with_core "
     // answers to the analysis: from base code they count from the site alone
     "set_inactivity_timeout skip_further_processing set_record_packets set_contents_file "
     "disable_analyzer set_file_handle set_current_conn_bytes_threshold "
     "set_current_conn_packets_threshold set_current_conn_duration_threshold "
     "get_current_conn_bytes_threshold get_current_conn_packets_threshold "
     "get_current_conn_duration_threshold Files::__enable_reassembly Files::__disable_reassembly "
     "Files::__set_reassembly_buffer Files::__set_timeout_interval Files::__add_analyzer "
     "Files::__remove_analyzer Files::__stop Files::__enable_analyzer Files::__disable_analyzer "
     "Files::__analyzer_enabled FileExtract::__set_limit Analyzer::__enable_analyzer "
     "Analyzer::__disable_analyzer Analyzer::__disable_all_analyzers "
     "Analyzer::__register_for_port Analyzer::__schedule_analyzer Files::__register_for_mime_type "
     "PacketAnalyzer::__enable_analyzer PacketAnalyzer::__disable_analyzer"},
    {NativeKind::passing,
     "table_values filter_subnet_table topk_get_top Option::any_set_to_any_vec"},
    {NativeKind::mutating,
     "clear_table sort resize topk_add topk_merge topk_merge_prune hll_cardinality_add "
     "hll_cardinality_merge_into bloomfilter_add bloomfilter_clear md5_hash_update "
     "sha1_hash_update sha256_hash_update md5_hash_finish sha1_hash_finish sha256_hash_finish"},
    {NativeKind::connections, "lookup_connection connection_exists lookup_connection_analyzer_id"},
    {NativeKind::files, "Files::__file_exists Files::__lookup_file"},
    {NativeKind::random, "rand srand unique_id unique_id_from"},
    {NativeKind::outside,
     "system system_env piped_exec mkdir rmdir unlink rename file_size open open_for_append close "
     "write_file set_buf enable_raw_output get_file_name active_file flush_all"},
    {NativeKind::telling,
     "print_raw terminate exit suspend_processing continue_processing "
     "Cluster::publish Cluster::publish_hrw Cluster::publish_rr Cluster::__subscribe "
     "Cluster::__unsubscribe Input::__create_table_stream Input::__create_event_stream "
     "Input::__create_analysis_stream Input::__remove_stream Input::__force_update"},
    {NativeKind::weird,
     "Reporter::net_weird Reporter::flow_weird Reporter::conn_weird Reporter::file_weird "
     "Reporter::limit_reached_weird Reporter::set_weird_sampling_whitelist "
     "Reporter::get_weird_sampling_whitelist Reporter::set_weird_sampling_global_list "
     "Reporter::get_weird_sampling_global_list Reporter::set_weird_sampling_threshold "
     "Reporter::get_weird_sampling_threshold Reporter::set_weird_sampling_rate "
     "Reporter::get_weird_sampling_rate Reporter::set_weird_sampling_duration "
     "Reporter::get_weird_sampling_duration get_reporter_stats"},
    {NativeKind::groups,
     "enable_event_group disable_event_group enable_module_events disable_module_events"},
    {NativeKind::options, "Option::set Option::set_change_handler"},
};

const Natives& natives() {
  static const Natives table(rows);
  return table;
}

}  // namespace

std::vector<std::string_view> knownNatives() {
  std::vector<std::string_view> out;
  for (const auto& [name, kind] : natives().all()) out.push_back(name);
  return out;
}

NativeKind kindOf(std::string_view native) {
  return natives().find(native).value_or(NativeKind::unknown);
}

}  // namespace bulkhead::prune
