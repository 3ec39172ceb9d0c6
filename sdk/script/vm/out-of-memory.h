#pragma once
// What operator new does when there is no memory, for what is mapped instead: the process may have
// a new-handler that ends it with a cause of its own (a compartment's does).

#include <new>

namespace bulkhead::vm {

[[noreturn]] inline void outOfMemory() {
  if (std::new_handler handler = std::get_new_handler()) handler();
  throw std::bad_alloc();
}

}  // namespace bulkhead::vm
