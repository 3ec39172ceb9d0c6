#pragma once
// What a compiled program needs of the worker: events, answers, packets.
//
// A pure function of the program. The worker cuts the result down to the grant, so nothing here is
// trusted; what is missed makes the package slower or sees fewer answers in time, never more.

#include "sdk/script/prune/prune.h"
#include "sdk/script/vm/program.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::runner {

struct Demand {
  std::vector<uint16_t> events;           // catalog numbers, ascending
  std::vector<std::string> answers;       // native functions that steer the analysis and are called
  std::vector<uint16_t> answeringEvents;  // of `events`: those from which one is reached in a drain
  std::vector<uint16_t> laterAnsweringEvents;       // the same for answers that may come later
  std::vector<uint16_t> registeredAnsweringEvents;  // of answeringEvents, see package.capnp
  bool rawPackets = false;
  bool captureFigures = false;
  bool analyzers = false;  // which a connection has, and which raised an event
  bool timers = true;
};

// `site`: the base library's own answers count. In a package's compartment they are dropped, so
// that only those matter that have a function of the package on their path. `pruned`: what was left
// out of the program.
Demand demandOf(const vm::Program& program, bool site, const prune::Outcome& pruned = {});

// The native functions that are answers to the analysis.
std::span<const std::string_view> answeringFunctions();

}  // namespace bulkhead::runner
