#pragma once
// The script-level options that live in the worker because analyzers obey them while parsing.
//
// Set once, before the first packet; read-only afterwards. Names and defaults are those that Zeek
// documents for init-bare.zeek (https://docs.zeek.org/en/master/scripts/base/init-bare.zeek.html).

#include "common/net-types.h"

#include <cstdint>
#include <set>

namespace bulkhead::analyzers {

struct Options {
  // dns_skip_all_auth, dns_skip_all_addl: sections that are not even parsed.
  bool dnsSkipAllAuth = true;
  bool dnsSkipAllAddl = true;
  std::set<IpAddr> dnsSkipAuth, dnsSkipAddl;  // by responder
  uint32_t dnsMaxQueries = 25;                // 0: no limit
  uint32_t dnsMaxCompressionChainDepth = 20;
  double dnsSessionTimeout = 10;  // seconds

  uint32_t httpEntityDataDeliverySize = 1500;
  int64_t truncateHttpUri = -1;           // -1: never
  uint32_t httpMaxPendingRequests = 100;  // 0: as many as are counted at most
  uint32_t mimeMaxDepth = 100;            // 0: no limit
  uint32_t mimeMaxHeaderBytes = 65536;    // 0: no limit

  // Files::enable_reassembler and reassembly_buffer_size: what the base library would answer to
  // every file_new stands without asking.
  bool filesReassemble = true;
  uint64_t filesReassemblyBuffer = 524288;
  double filesTimeout = 120;           // default_file_timeout_interval, seconds
  uint64_t filesBeginningSize = 4096;  // default_file_bof_buffer_size
};

// The process's one set of options.
inline Options& options() {
  static Options theOptions;
  return theOptions;
}

}  // namespace bulkhead::analyzers
