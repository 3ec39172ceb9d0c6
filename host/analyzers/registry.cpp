#include "host/analyzers/registry.h"

#include "host/analyzers/dns/dns-analyzer.h"
#include "host/analyzers/http/http-analyzer.h"

namespace bulkhead::analyzers {
namespace {

using events::EventId;

constexpr EventId dnsEvents[] = {
    EventId::dns_message,
    EventId::dns_request,
    EventId::dns_rejected,
    EventId::dns_query_reply,
    EventId::dns_A_reply,
    EventId::dns_AAAA_reply,
    EventId::dns_A6_reply,
    EventId::dns_NS_reply,
    EventId::dns_CNAME_reply,
    EventId::dns_PTR_reply,
    EventId::dns_SOA_reply,
    EventId::dns_WKS_reply,
    EventId::dns_HINFO_reply,
    EventId::dns_MX_reply,
    EventId::dns_TXT_reply,
    EventId::dns_SPF_reply,
    EventId::dns_CAA_reply,
    EventId::dns_SRV_reply,
    EventId::dns_NAPTR_reply,
    EventId::dns_unknown_reply,
    EventId::dns_EDNS_addl,
    EventId::dns_EDNS_ecs,
    EventId::dns_EDNS_tcp_keepalive,
    EventId::dns_EDNS_cookie,
    EventId::dns_TKEY,
    EventId::dns_TSIG_addl,
    EventId::dns_RRSIG,
    EventId::dns_DNSKEY,
    EventId::dns_NSEC,
    EventId::dns_NSEC3,
    EventId::dns_NSEC3PARAM,
    EventId::dns_DS,
    EventId::dns_BINDS,
    EventId::dns_SSHFP,
    EventId::dns_LOC,
    EventId::dns_SVCB,
    EventId::dns_HTTPS,
    EventId::dns_end,
    EventId::dns_dynamic_update,
    EventId::dns_dynamic_update_pre,
    EventId::dns_dynamic_update_del,
    EventId::udp_session_done,
};

constexpr EventId httpEvents[] = {
    EventId::http_request,      EventId::http_reply,
    EventId::http_header,       EventId::http_all_headers,
    EventId::http_begin_entity, EventId::http_end_entity,
    EventId::http_entity_data,  EventId::http_content_type,
    EventId::http_message_done, EventId::http_event,
    EventId::http_stats,        EventId::http_connection_upgrade,
    EventId::file_new,          EventId::file_over_new_connection,
    EventId::file_sniff,        EventId::file_state_remove,
};

}  // namespace

std::span<const flow::AnalyzerRow> registry() {
  static const flow::AnalyzerRow rows[] = {
      {dns::analyzerTag,
       "DNS",
       Transport::udp,
       {53, 137, 5353, 5355},
       nullptr,
       dns::makeDns,
       dnsEvents},
      {dns::analyzerTag, "DNS", Transport::tcp, {53}, nullptr, dns::makeDns, dnsEvents},
      {http::analyzerTag,
       "HTTP",
       Transport::tcp,
       {80, 81, 631, 1080, 3128, 8000, 8080, 8888},
       http::matchHttp,
       http::makeHttp,
       httpEvents},
  };
  return rows;
}

}  // namespace bulkhead::analyzers
