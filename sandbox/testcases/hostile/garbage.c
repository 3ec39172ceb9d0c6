// Answers with bytes that mean nothing.
#include "hostile.h"

int main(void) {
  static unsigned char block[65536];
  uint32_t state = 2463534242u;
  for (size_t i = 0; i < sizeof(block); ++i) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    block[i] = (unsigned char)state;
  }
  sendAll(block, sizeof(block));
  readToEnd();
  return 0;
}
