#pragma once
// Every protocol that this build knows, in one table that flow attaches analyzers from.

#include "host/flow/protocol-analyzer.h"

#include <span>

namespace bulkhead::analyzers {

// One row for each protocol and transport. Static storage.
std::span<const flow::AnalyzerRow> registry();

}  // namespace bulkhead::analyzers
