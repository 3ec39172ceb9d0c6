// Reads a file of the machine.
#include "hostile.h"

#include <fcntl.h>

int main(void) {
  const int fd = open("/etc/passwd", O_RDONLY);
  return fd < 0 ? 1 : notStopped;
}
