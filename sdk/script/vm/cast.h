#pragma once
// `x as T` where T is no wider or narrower form of x's type but another way to write the value: a
// number from text, a set from a vector. What pairs there are is types::castable().

#include "sdk/script/vm/heap.h"

namespace bulkhead::vm {

// Empty if this value has no such form, or the heap refuses; `error` says which.
Value castValue(Heap& heap, TypedSlot value, const Type* to, std::string& error);

}  // namespace bulkhead::vm
