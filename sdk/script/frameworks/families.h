#pragma once
// What each framework contributes to allNatives(). Private to the room.

#include "sdk/script/vm/native.h"

#include <span>

namespace bulkhead::frameworks {

std::span<const vm::NativeRow> logRows();
std::span<const vm::NativeRow> optionRows();
std::span<const vm::NativeRow> clusterRows();

}  // namespace bulkhead::frameworks
