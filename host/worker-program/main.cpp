// bulkhead-worker: started confined by the supervisor. Extra descriptors, in order: a socket to the
// logger, then the capture unless there is none.

#include "host/worker-program/service.h"
#include "sandbox/confine/confine.h"

#include <malloc.h>

namespace {

constexpr int loggerExtra = 0;
constexpr int captureExtra = 1;

int workerMain(int socket, bulkhead::sandbox::LockdownHook& lockdown) {
  kj::Maybe<int> capture;
  if (lockdown.extraCount() > captureExtra) capture = lockdown.extra(captureExtra);
  return bulkhead::worker::serve(socket, lockdown.extra(loggerExtra), capture,
                                 [&lockdown]() { lockdown(); });
}

}  // namespace

int main() {
  // Batches come and go in large blocks: mapping each anew costs more than the events in it.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  bulkhead::sandbox::confinedMain(workerMain);
}
