#pragma once
// A run in numbers: packages.log and the table on the terminal. Pure text and rows; any thread.

#include "common/log-value.h"
#include "host/supervisor/service.h"

#include <string>
#include <vector>

namespace bulkhead::supervisor {

// A row of packages.log: something that happened to a compartment, or at the end of the run its
// summary, in which alone the counts of worker and logger are known.
struct PackagesRow {
  enum class Kind { summary, end, restart, quarantine, gap };
  Kind kind = Kind::summary;
  const Compartment& compartment;
  const Gap* gap = nullptr;
};

// packages.log: its columns, and a row's values. `now`: seconds since 1970.
LogDescriptor packagesLog(bool json);
std::vector<LogValue> packagesRow(const PackagesRow& row, double now);

// A table for people: one line per compartment, the causes of ends below it.
std::string summaryTable(const Compartments& compartments);

}  // namespace bulkhead::supervisor
