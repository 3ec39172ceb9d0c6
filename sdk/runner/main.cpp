// bulkhead-zygote: the program that compartments are forks of.
//
// Started by sandbox::Launcher::launchZygote(); forks one compartment per request. A fork builds
// its layers, sets up its event loop, locks itself down and speaks schemas/package.capnp on its one
// socket. It ends with status 0 when the worker closes the socket; other statuses: limits.h.

#include "sandbox/confine/confine.h"
#include "sandbox/zygote/zygote.h"
#include "schemas/stream/socket-stream.h"
#include "sdk/runner/limits.h"
#include "sdk/runner/package-server.h"
#include "sdk/runner/shared-library.h"
#include "sdk/script/builtins/support/digest.h"

#include <kj/async-io.h>
#include <kj/debug.h>

#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <memory>
#include <new>
#include <unistd.h>
#include <utility>

namespace {

using namespace bulkhead;

// Made by the zygote; each fork has it to itself.
std::unique_ptr<driver::Engine> sharedLibrary;

int compartmentMain(int socket, sandbox::LockdownHook& lockdown) {
  // Before anything of a package is here: an allocation that the limits refuse ends the process
  // where it stands, and the status says why.
  std::set_new_handler([]() { ::_exit(runner::exitOutOfMemory); });
  auto io = kj::setupAsyncIo();
  auto& stream = *new SocketStream(io.unixEventPort, socket);
  lockdown();
  // Never taken down: it may need calls that the lockdown refuses, and the kernel does it all.
  auto& compartment = *new runner::Compartment(io.waitScope, std::move(sharedLibrary));
  int status = runner::exitBrokenPeer;
  auto problem = kj::runCatchingExceptions(
      [&]() { status = runner::serve(stream, io.waitScope, compartment); });
  KJ_IF_MAYBE (exception, problem) {
    KJ_LOG(ERROR, "the conversation with the worker ended", *exception);
  }
  ::_exit(status);
}

// Set before the zygote allocates much, and inherited: mallopt() puts all free blocks together,
// which in a fork would copy every page that has one on it.
void setUpAllocator() {
  // Batches come and go in large blocks: keep their pages instead of asking for zeroed ones anew.
  constexpr int keepBytes = 16 << 20;
  ::mallopt(M_MMAP_THRESHOLD, keepBytes);
  ::mallopt(M_TRIM_THRESHOLD, keepBytes);
}

// What libraries set up at their first use, when a compartment may no longer open a file: the
// configuration of libcrypto, the time zone, the unwinder. Every fork inherits it.
void useLibrariesOnce() {
  using builtins::DigestKind;
  for (auto kind : {DigestKind::md5, DigestKind::sha1, DigestKind::sha224, DigestKind::sha256,
                    DigestKind::sha384, DigestKind::sha512}) {
    static_cast<void>(builtins::digestOf(kind, "x"));
  }
  // Only while TZ names the zone does the C library not look at its file again with each mktime().
  ::setenv("TZ", ":/etc/localtime", 0);
  ::tzset();
  void* frames[1];
  static_cast<void>(kj::getStackTrace(frames, 0));
}

// What the analysis gave back is put in order, and as far as whole pages are free they go back to
// the system: in a fork the first allocation would do the sorting, and copy each page that it
// touches.
void tidyHeap() {
  constexpr size_t anyLarge = 1 << 20;
  void* volatile block = ::malloc(anyLarge);
  ::free(block);
  ::malloc_trim(0);
}

int zygoteRole(int control, sandbox::LockdownHook& ready) {
  setUpAllocator();
  useLibrariesOnce();
  // A host that gives none (a test) has every compartment ask for the scripts.
  if (ready.extraCount() > 0) {
    auto problem = kj::runCatchingExceptions(
        [&]() { sharedLibrary = runner::analyseLibrary(ready.extra(0)); });
    KJ_IF_MAYBE (exception, problem) {
      KJ_LOG(ERROR, "the base library is not shared", *exception);
    }
    ::close(ready.extra(0));
  }
  tidyHeap();
  ready();
  return sandbox::zygoteMain(control, compartmentMain);
}

}  // namespace

int main() { sandbox::confinedMain(zygoteRole); }
