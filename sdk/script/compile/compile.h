#pragma once
// Lowers an analysed program to the bytecode that a Vm runs.
//
// Call it only for an analysis without errors. The result refers to types of the analysis'
// TypeTable and to the native rows, which outlive it; trees and symbols are of no use to it
// afterwards. What cannot be lowered (a function with too many registers, a pattern that RE2
// refuses) is reported to Diagnostics as an error, and the program must then not be run. One
// thread.

#include "sdk/script/analysis/program.h"
#include "sdk/script/source/diagnostics.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/vm/program.h"

#include <memory>
#include <span>

namespace bulkhead::compile {

// What the automata of all patterns that the scripts of a run write may take together.
constexpr size_t maxPatternInstructions = 4'000'000;

// `natives` in the order that analysis::Callable::native counts in.
std::unique_ptr<vm::Program> compile(const analysis::Program& program,
                                     const source::SourceManager& sources,
                                     std::span<const vm::NativeRow* const> natives,
                                     source::Diagnostics& diagnostics);

}  // namespace bulkhead::compile
