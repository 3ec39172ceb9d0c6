#include "sdk/script/driver/natives.h"

#if __has_include("sdk/script/builtins/builtins.h")
#include "sdk/script/builtins/builtins.h"
#endif

#if __has_include("sdk/script/frameworks/natives.h")
#include "sdk/script/frameworks/natives.h"
#endif

namespace bulkhead::driver {

std::vector<const vm::NativeRow*> standardNatives() {
  std::vector<const vm::NativeRow*> rows;
#if __has_include("sdk/script/builtins/builtins.h")
  for (const builtins::Family& family : builtins::families()) {
    for (const vm::NativeRow& row : family.rows) rows.push_back(&row);
  }
#endif
#if __has_include("sdk/script/frameworks/natives.h")
  for (const vm::NativeRow& row : frameworks::allNatives()) rows.push_back(&row);
#endif
  return rows;
}

}  // namespace bulkhead::driver
