// Writes to stderr more than anyone wants to keep, with control bytes in it, then leaves.
#include "hostile.h"

int main(void) {
  static char block[4096];
  memset(block, 'x', sizeof(block));
  memcpy(block, "\033[31mred\n", 9);
  for (int i = 0; i < 512; ++i) {
    if (write(2, block, sizeof(block)) < 0) return 1;
  }
  return 0;
}
