// Makes a file in memory, to run something from it.
#include "hostile.h"

int main(void) { return syscall(SYS_memfd_create, "x", 0) < 0 ? 1 : notStopped; }
