// Takes memory and uses it, until there is no more.
#include "hostile.h"

int main(void) {
  for (;;) {
    char* block = malloc(1 << 20);
    // 120 is how a program of ours says that it got no memory.
    if (block == 0) return 120;
    memset(block, 1, 1 << 20);
  }
}
