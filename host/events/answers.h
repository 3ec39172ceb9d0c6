#pragma once
// What a compartment's scripts ask of the analysis in return for an event: attach a file analyzer,
// skip a connection, name a file handle. The worker checks who may ask and hands each answer on, in
// package-name order, at the drain points; flow and analyzers implement the target.
//
// Worker thread only. The arguments come from a compartment, so their kinds and contents are
// foreign: the target checks them against the function's parameters and refuses what does not fit.

#include "host/events/value.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bulkhead::events {

struct Answer {
  uint32_t subscriber = 0;      // 0 is the site
  uint64_t seq = 0;             // the item that was being handled
  std::string_view function;    // "Files::__add_analyzer"
  std::span<const Value> args;  // in an arena, valid during the call. Enum values are names
                                // (text) and connections are conn_id records.
};

class AnswerTarget {
 public:
  virtual ~AnswerTarget() = default;
  // Empty, or why the answer does not fit (unknown function, wrong argument): reported as a
  // run-time error of the package. A connection or file that is gone is no error.
  virtual std::string apply(const Answer& answer) = 0;
};

}  // namespace bulkhead::events
