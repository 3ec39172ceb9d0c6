// Signals its parent, or everybody.
#include "hostile.h"

#include <signal.h>

int main(void) { return kill(-1, SIGTERM) != 0 ? 1 : notStopped; }
