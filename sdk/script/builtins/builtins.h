#pragma once
// The builtin functions of the script language, all of them, in one list.
//
// Each family is a file with a table of its own; this header is the only place that knows them all.
// Rows are constant data. State lives in extensions of the Vm; what reaches beyond the compartment
// goes through services.h. Source for meaning: the Zeek script reference, "Builtin functions".

#include "sdk/script/vm/native.h"

#include <span>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

struct Family {
  std::string_view name;  // "strings": a heading of the reference
  std::span<const vm::NativeRow> rows;
};

// In the order of the reference. No function name occurs twice.
std::vector<Family> families();

// The rows of all families, one after the other. Valid for the whole run.
std::span<const vm::NativeRow> allBuiltins();

}  // namespace bulkhead::builtins
