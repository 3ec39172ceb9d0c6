// Attaches to another process.
#include "hostile.h"

#include <sys/ptrace.h>

int main(void) { return ptrace(PTRACE_ATTACH, 1, 0, 0) != 0 ? 1 : notStopped; }
