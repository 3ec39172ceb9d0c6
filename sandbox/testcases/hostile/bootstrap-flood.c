// 200,000 Cap'n Proto bootstrap calls, 8 MB, none of them ever finished.
#include "hostile.h"

struct Frame {
  uint32_t segments;  // their number less one
  uint32_t words;
  uint64_t root;     // Message: one word of data, one pointer
  uint64_t which;    // bootstrap is 8
  uint64_t pointer;  // Bootstrap: one word of data, no pointer
  uint64_t question;
};

int main(void) {
  enum { calls = 200000, perWrite = 1000 };
  static struct Frame frames[perWrite];
  for (uint32_t sent = 0; sent < calls; sent += perWrite) {
    for (uint32_t i = 0; i < perWrite; ++i) {
      frames[i].segments = 0;
      frames[i].words = 4;
      frames[i].root = (1ull << 32) | (1ull << 48);
      frames[i].which = 8;
      frames[i].pointer = 1ull << 32;
      frames[i].question = sent + i;
    }
    sendAll(frames, sizeof(frames));
  }
  readToEnd();
  return 0;
}
