#pragma once
// The text of a program, as a script without a base library reads it. Sets Stmt::line.
#include "tests/fuzz/programs/program.h"

namespace bulkhead::programs {

std::string write(Program& program);

}  // namespace bulkhead::programs
