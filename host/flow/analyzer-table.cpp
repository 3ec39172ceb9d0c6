#include "host/flow/analyzer-table.h"

#include <algorithm>
#include <string>

namespace bulkhead::flow {

using events::EventId;

AnalyzerTable::AnalyzerTable(std::span<const AnalyzerRow> rows, const events::EventSink& sink) {
  // "Analyzer::ANALYZER_HTTP" is called "AllAnalyzers::ANALYZER_ANALYZER_HTTP" among all kinds.
  auto bare = [](std::string_view name) { return name.substr(name.rfind(':') + 1); };
  for (const auto& one : events::enumerators("Analyzer::Tag")) {
    if (allTags_.size() <= one.value) allTags_.resize(one.value + 1);
    std::string wanted = "ANALYZER_" + std::string(bare(one.name));
    for (const auto& all : events::enumerators("AllAnalyzers::Tag"))
      if (bare(all.name) == wanted) allTags_[one.value] = all.value;
  }
  const bool services = sink.wants(EventId::analyzer_confirmation_info) ||
                        sink.wants(EventId::connection_state_remove);
  for (const AnalyzerRow& row : rows) {
    for (uint16_t port : row.ports) serverPorts_[{port, row.transport}] = true;
    bool demanded = services || std::any_of(row.events.begin(), row.events.end(),
                                            [&](EventId event) { return sink.wants(event); });
    if (!demanded) continue;
    for (uint16_t port : row.ports) ports_[{port, row.transport}].push_back(&row);
    if (row.match) content_[static_cast<size_t>(row.transport)].push_back(&row);
  }
  for (auto& [port, list] : ports_)
    std::stable_sort(list.begin(), list.end(),
                     [](const AnalyzerRow* a, const AnalyzerRow* b) { return a->tag < b->tag; });
}

std::span<const AnalyzerRow* const> AnalyzerTable::byPort(Port responder) const {
  auto found = ports_.find(responder);
  if (found == ports_.end()) return {};
  return found->second;
}

std::span<const AnalyzerRow* const> AnalyzerTable::byContent(Transport transport) const {
  return content_[static_cast<size_t>(transport)];
}

uint32_t AnalyzerTable::allTag(uint32_t tag) const {
  return tag < allTags_.size() ? allTags_[tag] : tag;
}

}  // namespace bulkhead::flow
