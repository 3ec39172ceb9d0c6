// Any bytes from a compartment: frame guard, Cap'n Proto's RPC system, the worker's services, and
// the logger behind them. Nothing may crash, leak or wait for ever.
#include "tests/fuzz/compartment-bench.h"

using namespace bulkhead;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static kj::AsyncIoContext io = kj::setupAsyncIo();
  fuzz::CompartmentBench bench(
      io, kj::heap<fuzz::StagedPeer>(fuzz::stagesOf(kj::arrayPtr(data, size))));
  return 0;
}
