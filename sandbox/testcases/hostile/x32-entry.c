// Calls open by its x32 number: the filter sees it before the kernel looks whether it has that ABI.
#include "hostile.h"

int main(void) {
#ifdef __x86_64__
  return syscall(0x40000000 | SYS_open, "/", 0) < 0 ? 1 : notStopped;
#else
  return syscall(SYS_openat, -100, "/", 0) < 0 ? 1 : notStopped;
#endif
}
