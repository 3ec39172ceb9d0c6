#pragma once
// Warnings about what is written and does nothing: functions that nothing calls, handlers of events
// that nothing raises, assignments that nothing reads.
//
// Looks at a whole analysed program without errors, and speaks only of scripts outside the base
// library: an author can do nothing about that.

#include "sdk/script/analysis/program.h"
#include "sdk/script/source/diagnostics.h"

namespace bulkhead::analysis {

// Functions of a module that are not exported and that nothing reachable names, and handlers of
// events and hooks of a module that nothing raises. &is_used and &deprecated keep one quiet.
void warnOfUncalled(const Program& program, source::Diagnostics& diagnostics);

// Locals that are never read, and values given to locals that are never read. &is_used keeps one
// quiet.
void warnOfUnused(const Program& program, source::Diagnostics& diagnostics);

}  // namespace bulkhead::analysis
