#pragma once
// Holds what the script engine does with a program's text against what its tree says.
#include "tests/fuzz/programs/program.h"

#include <string>
#include <string_view>

namespace bulkhead::programs {

// What the engine prints of `text`, with a line "! N" for each handler that a runtime error of line
// N abandoned. What it says of a text that it does not take begins with "not taken: ".
std::string runEngine(const std::string& text);

struct Outcome {
  enum class Is : uint8_t { same, different, unknown };  // unknown: the tree goes beyond limits
  Is is = Is::same;
  std::string text;
  std::string expected;
  std::string printed;
};

Outcome compare(Program program);

}  // namespace bulkhead::programs
