// A frame that says it has 2^32 segments.
#include "hostile.h"

int main(void) {
  const uint32_t header[2] = {0xffffffffu, 1};
  sendAll(header, sizeof(header));
  static const char zeros[4096];
  for (int i = 0; i < 16; ++i) sendAll(zeros, sizeof(zeros));
  readToEnd();
  return 0;
}
