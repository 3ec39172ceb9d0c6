#pragma once
// A run in numbers: packages.log and the table on the terminal. Pure text and rows; any thread.

#include "common/log-value.h"
#include "host/supervisor/service.h"

#include <string>
#include <vector>

namespace bulkhead::supervisor {

// packages.log: its columns, and one row per compartment. `now`: seconds since 1970.
LogDescriptor packagesLog(bool json);
std::vector<LogValue> packagesRow(const Compartment& compartment, double now);

// A table for people: one line per compartment, the causes of ends below it.
std::string summaryTable(const Compartments& compartments);

}  // namespace bulkhead::supervisor
