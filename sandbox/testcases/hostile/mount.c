// Mounts the machine's processes.
#include "hostile.h"

#include <sys/mount.h>

int main(void) { return mount("proc", "/", "proc", 0, 0) != 0 ? 1 : notStopped; }
