#pragma once
// Script values as schemas Values: arguments of answers, requests and messages.
//
// On the VM's thread. Values are read, never kept. What the wire has no kind for, or what is nested
// deeper than the schema allows, goes as `absent`.

#include "schemas/value.capnp.h"
#include "sdk/script/vm/vm.h"

#include <span>

namespace bulkhead::runner {

// Enum values by name, records by position, functions and files by name. A Files::AnalyzerArgs
// record goes as a table from field name to value, of the fields that are set: its fields differ
// from site to site.
void writeValue(schemas::Value::Builder to, vm::TypedSlot from, const vm::Program& program);
void writeValues(capnp::List<schemas::Value>::Builder to, std::span<const vm::TypedSlot> from,
                 const vm::Program& program);

}  // namespace bulkhead::runner
