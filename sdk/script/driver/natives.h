#pragma once
// The native functions that a program may call, all families together.

#include "sdk/script/vm/native.h"

#include <string_view>
#include <vector>

namespace bulkhead::driver {

std::vector<const vm::NativeRow*> standardNatives();

// Declarations for scripts that run without a base library: the events of a run's life.
constexpr std::string_view minimalEvents =
    "global zeek_init: event();\n"
    "global zeek_done: event();\n"
    "type TableChange: enum { TABLE_ELEMENT_NEW, TABLE_ELEMENT_CHANGED, TABLE_ELEMENT_REMOVED,\n"
    "                         TABLE_ELEMENT_EXPIRED };\n";

}  // namespace bulkhead::driver
