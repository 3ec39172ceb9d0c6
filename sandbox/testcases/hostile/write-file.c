// Creates a file.
#include "hostile.h"

#include <fcntl.h>

int main(void) {
  const int fd = creat("/tmp/bulkhead-was-here", 0600);
  return fd < 0 ? 1 : notStopped;
}
