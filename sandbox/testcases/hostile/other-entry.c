// Enters the kernel by the 32-bit door, where numbers mean other calls: 5 is open there.
#include "hostile.h"

int main(void) {
#ifdef __x86_64__
  long result = 5;
  __asm__ volatile("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "memory");
  return result < 0 ? 1 : notStopped;
#else
  return syscall(SYS_openat, -100, "/", 0) < 0 ? 1 : notStopped;
#endif
}
