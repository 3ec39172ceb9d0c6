#pragma once
// Makes a valid program of any bytes: each choice takes what it needs of them, and where they end,
// every choice is the simplest one.
#include "tests/fuzz/programs/program.h"

#include <span>

namespace bulkhead::programs {

Program generate(std::span<const uint8_t> bytes);

}  // namespace bulkhead::programs
