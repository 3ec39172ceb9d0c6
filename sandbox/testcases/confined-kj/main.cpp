// A confined program with a KJ event loop, by itself or as a fork of a zygote. For tests.

#include "sandbox/confine/confine.h"
#include "sandbox/zygote/zygote.h"

#include <kj/async-io.h>
#include <kj/debug.h>
#include <kj/timer.h>

#include <cstdlib>
#include <string_view>

namespace {

using bulkhead::sandbox::LockdownHook;

void deed(char what, kj::AsyncIoContext& io) {
  switch (what) {
    case 't':
      io.provider->getTimer().afterDelay(2 * kj::MILLISECONDS).wait(io.waitScope);
      break;
    case 'b': {
      auto block = kj::heapArray<char>(50 << 20);
      for (size_t i = 0; i < block.size(); i += 4096) block[i] = 1;
      break;
    }
    case 'x': {
      const auto exception = kj::runCatchingExceptions([]() { KJ_FAIL_REQUIRE("on purpose"); });
      if (exception == nullptr) std::abort();
      break;
    }
    default:
      std::abort();
  }
}

int loopMain(int socket, LockdownHook& lockdown) {
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(socket);
  lockdown();
  char byte = 0;
  while (stream->tryRead(&byte, 1, 1).wait(io.waitScope) == 1) {
    deed(byte, io);
    stream->write(&byte, 1).wait(io.waitScope);
  }
  return 0;
}

int zygoteRole(int control, LockdownHook& ready) {
  ready();
  return bulkhead::sandbox::zygoteMain(control, loopMain);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view role = argc > 1 ? argv[1] : "";
  if (role == "zygote") bulkhead::sandbox::confinedMain(zygoteRole);
  bulkhead::sandbox::confinedMain(loopMain);
}
