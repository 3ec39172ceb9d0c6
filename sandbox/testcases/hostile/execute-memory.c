// Makes memory that can be written and executed.
#include "hostile.h"

#include <sys/mman.h>

int main(void) {
  void* code =
      mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return code == MAP_FAILED ? 1 : notStopped;
}
