#pragma once
// One run of the main job: starts logger, worker, zygote and a compartment for the site and for
// each package, lets the worker read, and says in the end what became of everyone.
//
// Call from the main thread, once per process, with SIGPIPE ignored. Answers an ExitStatus; what
// the user should know is on standard error. docs/architecture.md has the picture.

#include "host/supervisor/compartment.h"
#include "host/supervisor/run-options.h"
#include "schemas/overview.capnp.h"

#include <functional>

namespace bulkhead::supervisor {

int run(const RunOptions& options);

// What became of a package that was compiled and not run. References hold during the call.
struct Checked {
  const Compartment& compartment;
  schemas::Overview::Reader overview;  // foreign; empty if the compartment ended before it answered
  const std::vector<std::string>& absent;  // dependencies that are nowhere
};

// Compiles the packages of the options, each in its compartment as for a run, and runs nothing.
// `take` is called once for each. A package may be a script, or a folder with __load__.zeek. What
// it depends on is looked for in `beside` and compiled with it. Answers statusOk when every package
// was taken, whatever is wrong with it.
int check(const RunOptions& options, const std::function<void(const Checked&)>& take);

}  // namespace bulkhead::supervisor
