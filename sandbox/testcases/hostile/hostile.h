// What the hostile programs share. Descriptor 3 is the socket to the host.
#ifndef BULKHEAD_HOSTILE_H
#define BULKHEAD_HOSTILE_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { hostSocket = 3 };

// Left with when the deed was not stopped: a test that sees it has found a hole.
enum { notStopped = 99 };

// Sends all of it, or stops trying when the host has hung up.
static inline void sendAll(const void* data, size_t size) {
  const char* at = data;
  while (size > 0) {
    const ssize_t sent = write(hostSocket, at, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) _exit(0);
    at += sent;
    size -= (size_t)sent;
  }
}

// Reads until the host hangs up.
static inline void readToEnd(void) {
  char buffer[4096];
  while (read(hostSocket, buffer, sizeof(buffer)) > 0) {
  }
}

#endif
