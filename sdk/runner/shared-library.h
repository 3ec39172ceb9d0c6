#pragma once
// The base library, read and analysed once by the zygote, before it forks compartments.
//
// Zygote only, before it serves; no event loop. Trusts the text: it is the host's own. Memory that
// is written here is shared by all forks as long as they do not write to it.

#include "sdk/script/driver/engine.h"

#include <memory>

namespace bulkhead::runner {

// `descriptor` holds a schemas::ScriptLibrary, from its current position. The engine has begun
// (Engine::begin) with natives, catalog and base library; resume() it. Null if the scripts have
// errors: then each compartment reads and reports them by itself. Throws kj::Exception for a
// descriptor that does not hold what it must.
std::unique_ptr<driver::Engine> analyseLibrary(int descriptor);

}  // namespace bulkhead::runner
