#include "sdk/script/prune/prune.h"

#include "sdk/script/prune/solver.h"

namespace bulkhead::prune {

Outcome prune(analysis::Program& program, const Options& options) {
  return Solver(program, collect(program), options).run();
}

}  // namespace bulkhead::prune
