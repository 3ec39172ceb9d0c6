// Any bytes from a peer: the guard must take or refuse them without a crash, a leak or a big
// allocation, and what it takes must be readable by Cap'n Proto's RPC system.
#include "host/rpc/guarded-stream.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

namespace {

kj::AsyncIoContext& context() {
  static kj::AsyncIoContext io = kj::setupAsyncIo();
  return io;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto& io = context();
  auto pipe = io.provider->newTwoWayPipe();
  bulkhead::rpc::GuardedStream guarded(*pipe.ends[0], io.provider->getTimer());
  capnp::TwoPartyVatNetwork network(guarded, capnp::rpc::twoparty::Side::CLIENT);
  guarded.watchQueue(network);
  auto system = capnp::makeRpcClient(network);
  capnp::MallocMessageBuilder vat;
  auto id = vat.initRoot<capnp::rpc::twoparty::VatId>();
  id.setSide(capnp::rpc::twoparty::Side::SERVER);
  auto bootstrap = system.bootstrap(id);
  auto writing = pipe.ends[1]->write(data, size).catch_([](kj::Exception&&) {});
  writing.wait(io.waitScope);
  pipe.ends[1]->shutdownWrite();
  network.onDisconnect().wait(io.waitScope);
  return 0;
}
