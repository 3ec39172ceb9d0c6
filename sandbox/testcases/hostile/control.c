// Nothing bad: answers one byte with the next one, leaves with 0 when the host hangs up.
#include "hostile.h"

int main(void) {
  unsigned char byte;
  while (read(hostSocket, &byte, 1) == 1) {
    ++byte;
    sendAll(&byte, 1);
  }
  return 0;
}
