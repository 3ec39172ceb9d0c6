// Loads a filter, as the hand-over did before the seal.
#include "hostile.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

int main(void) {
  struct sock_filter code[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog program = {1, code};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0 ? 1 : notStopped;
}
