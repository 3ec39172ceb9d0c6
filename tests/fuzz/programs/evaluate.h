#pragma once
// Runs a program's tree and says what it prints. A runtime error that abandons a handler is the
// line
// "! N" there, N being the line of write()'s text of the statement at fault.
#include "tests/fuzz/programs/program.h"

#include <optional>

namespace bulkhead::programs {

constexpr size_t maxSteps = 20'000;     // expressions and statements
constexpr size_t maxCallDepth = 60;     // calls within calls
constexpr size_t maxText = 4'000;       // of one string, and elements of one container
constexpr size_t maxPrinted = 100'000;  // of one program
constexpr size_t maxEvents = 100;

// Empty if the program goes beyond one of the limits above: then it says nothing.
std::optional<std::string> evaluate(const Program& program);

}  // namespace bulkhead::programs
