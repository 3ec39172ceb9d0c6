#pragma once
// Which request a reply belongs to, and the file handle that follows from it.
//
// Zeek's base library counts HTTP transactions in script and names files by them; fuids must be
// equal, so the worker counts along, from the same events in the same order, and nobody needs to be
// asked for a handle. Bounded: at most HTTP::max_pending_requests transactions await their reply,
// or mostPending. Source:
// https://docs.zeek.org/en/master/scripts/base/protocols/http/main.zeek.html (pending, trans_depth)
// and .../entities.zeek.html (mime depths).

#include "host/events/state.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::http {

class Transactions {
 public:
  static constexpr size_t mostPending = 10000;

  // To be called for each event of that name, whether anybody receives it or not.
  void request(std::string_view unescapedUri);
  void reply(uint32_t code);
  void header(bool isOrig, std::string_view upperName, std::string_view value);
  void beginEntity(bool isOrig);
  void messageDone(bool isOrig);

  // The handle of the file that the message at hand carries; empty before the first message.
  std::string fileHandle(const events::ConnectionState& connection, bool isOrig) const;
  // The handle names the resource, not the connection: the file may be another connection's.
  bool handleIsShared(bool isOrig) const { return current_ && current_->ranges && !isOrig; }

 private:
  struct Transaction {
    uint64_t depth = 0;
    uint64_t mimeDepth[2] = {0, 0};  // reply, request
    bool ranges = false;
    bool hasUri = false, hasHost = false;
    std::string uri, host;
    uint32_t status = 0;  // 0: none yet
  };
  void select(bool isOrig);
  static bool interim(uint32_t code) { return code >= 100 && code <= 199; }

  uint64_t requests_ = 0, replies_ = 0, depth_ = 0;
  std::map<uint64_t, std::shared_ptr<Transaction>> pending_;
  // The one that the last event was about; it may have been answered meanwhile.
  std::shared_ptr<Transaction> current_;
};

// Zeek's text of a time in cat(): six decimals at most, no trailing zeros.
std::string timeText(double seconds);

}  // namespace bulkhead::analyzers::http
