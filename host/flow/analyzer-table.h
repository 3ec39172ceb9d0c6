#pragma once
// Which analyzers a new connection gets: by responder port at once, by content later.
//
// Built once from the registry and what is demanded; same thread as the Engine. The rows must
// outlive it. A row that nobody demands an event of is left out, unless somebody wants
// confirmations (the service column).

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace bulkhead::flow {

class AnalyzerTable {
 public:
  AnalyzerTable(std::span<const AnalyzerRow> rows, const events::EventSink& sink);

  // By tag, ascending. Empty for a port that no analyzer knows.
  std::span<const AnalyzerRow* const> byPort(Port responder) const;
  // Those that look at contents.
  std::span<const AnalyzerRow* const> byContent(Transport transport) const;
  // The ports of all rows given, demanded or not.
  bool isServerPort(Port port) const { return serverPorts_.contains(port); }
  // The value in AllAnalyzers::Tag that names the same analyzer as a value of Analyzer::Tag.
  uint32_t allTag(uint32_t tag) const;

 private:
  std::map<Port, std::vector<const AnalyzerRow*>> ports_;
  std::map<Port, bool> serverPorts_;
  std::vector<const AnalyzerRow*> content_[4];  // by Transport
  std::vector<uint32_t> allTags_;               // by Analyzer::Tag
};

}  // namespace bulkhead::flow
