// Writes to nowhere.
#include "hostile.h"

int main(void) {
  volatile int* nowhere = (volatile int*)(uintptr_t)8;
  *nowhere = 1;
  return notStopped;
}
