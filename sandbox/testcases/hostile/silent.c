// Reads nothing, says nothing.
#include "hostile.h"

#include <poll.h>

int main(void) {
  for (;;) poll(0, 0, -1);
}
