// bulkhead-zygote: the program that compartments are forks of.
//
// Started by sandbox::Launcher::launchZygote(); forks one compartment per request. A fork builds
// its layers, sets up its event loop, locks itself down and speaks schemas/package.capnp on its one
// socket. It ends with status 0 when the worker closes the socket; other statuses: limits.h.

#include "sandbox/confine/confine.h"
#include "sandbox/zygote/zygote.h"
#include "sdk/runner/limits.h"
#include "sdk/runner/package-server.h"

#include <kj/async-io.h>
#include <kj/debug.h>

#include <new>
#include <unistd.h>

namespace {

using namespace bulkhead;

int compartmentMain(int socket, sandbox::LockdownHook& lockdown) {
  // Before anything of a package is here: an allocation that the limits refuse ends the process
  // where it stands, and the status says why.
  std::set_new_handler([]() { ::_exit(runner::exitOutOfMemory); });
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(socket);
  lockdown();
  int status = runner::exitBrokenPeer;
  auto problem =
      kj::runCatchingExceptions([&]() { status = runner::serve(*stream, io.waitScope); });
  KJ_IF_MAYBE (exception, problem) {
    KJ_LOG(ERROR, "the conversation with the worker ended", *exception);
  }
  // Nothing is taken down: it may need calls that the lockdown refuses, and the kernel does it all.
  ::_exit(status);
}

int zygoteRole(int control, sandbox::LockdownHook& ready) {
  ready();
  return sandbox::zygoteMain(control, compartmentMain);
}

}  // namespace

int main() { sandbox::confinedMain(zygoteRole); }
