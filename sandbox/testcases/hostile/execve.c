// Runs another program.
#include "hostile.h"

int main(void) {
  char* const arguments[] = {(char*)"/bin/sh", 0};
  execve(arguments[0], arguments, arguments + 1);
  return 1;
}
