#pragma once
// The native functions of all frameworks, in one list. Rows are constant and valid for the whole
// run.

#include "sdk/script/vm/native.h"

#include <span>

namespace bulkhead::frameworks {

std::span<const vm::NativeRow> allNatives();

}  // namespace bulkhead::frameworks
