#include "sdk/script/driver/natives.h"

#include "sdk/script/builtins/builtins.h"
#include "sdk/script/frameworks/natives.h"

namespace bulkhead::driver {

std::vector<const vm::NativeRow*> standardNatives() {
  std::vector<const vm::NativeRow*> rows;
  for (const builtins::Family& family : builtins::families()) {
    for (const vm::NativeRow& row : family.rows) rows.push_back(&row);
  }
  for (const vm::NativeRow& row : frameworks::allNatives()) rows.push_back(&row);
  return rows;
}

}  // namespace bulkhead::driver
