#pragma once
// What this machine can enforce, as text for `bulkhead doctor` and for the start of a run.
//
// Works on a Machine that was probed; never probes or prints by itself, except examineMachine(),
// which opens a cgroup tree for the moment of the examination. Any thread.

#include "sandbox/launch/machine.h"
#include "sandbox/policy/layers.h"

#include <string>

namespace bulkhead::sandbox {

// Tries everything out, cgroups included, and leaves nothing behind.
// Errors: kj::Exception if not even a process can be made.
Machine examineMachine();

// A table, a line per layer: name, whether it is there, what it does or why it is missing; then
// what follows from it.
std::string doctorText(const Machine& machine);

// For the start of a run, what is not enforced: a line for each reason, with the layers that are
// missing for it; empty when nothing is missing.
std::string missingLayersText(const Machine& machine);

// For --require: what of it is missing, with the reasons, in one line; empty when the run may go
// on.
std::string unmetRequirement(const Machine& machine, LayerSet required);

}  // namespace bulkhead::sandbox
