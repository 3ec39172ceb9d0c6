#pragma once
// One run of the main job: starts logger, worker, zygote and a compartment for the site and for
// each package, lets the worker read, and says in the end what became of everyone.
//
// Call from the main thread, once per process, with SIGPIPE ignored. Answers an ExitStatus; what
// the user should know is on standard error. docs/architecture.md has the picture.

#include "host/supervisor/run-options.h"

namespace bulkhead::supervisor {

int run(const RunOptions& options);

}  // namespace bulkhead::supervisor
