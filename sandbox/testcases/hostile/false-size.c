// A frame whose one segment says it has 32 GiB, of which a little comes.
#include "hostile.h"

int main(void) {
  const uint32_t header[2] = {0, 0xfffffff0u};
  sendAll(header, sizeof(header));
  static const char zeros[4096];
  sendAll(zeros, sizeof(zeros));
  readToEnd();
  return 0;
}
