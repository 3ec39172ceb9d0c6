// bulkhead-logger: started confined by the supervisor. Extra descriptors, in order: the log folder,
// standard output, then a socket for each worker.

#include "host/logging/service.h"
#include "sandbox/confine/confine.h"

#include <vector>

namespace {

constexpr int directoryExtra = 0;
constexpr int outputExtra = 1;
constexpr int firstWorkerExtra = 2;

int loggerMain(int socket, bulkhead::sandbox::LockdownHook& lockdown) {
  std::vector<int> workers;
  for (int i = firstWorkerExtra; i < lockdown.extraCount(); ++i) {
    workers.push_back(lockdown.extra(i));
  }
  return bulkhead::logging::serve(socket, kj::arrayPtr(workers.data(), workers.size()),
                                  lockdown.extra(directoryExtra), lockdown.extra(outputExtra),
                                  [&lockdown]() { lockdown(); });
}

}  // namespace

int main() { bulkhead::sandbox::confinedMain(loggerMain); }
