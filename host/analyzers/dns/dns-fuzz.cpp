// Feeds arbitrary bytes to the DNS analyzer, as datagrams and as a TCP stream cut in odd places.
#include "host/analyzers/dns/dns-analyzer.h"
#include "host/analyzers/fake-context.h"
#include "host/analyzers/options.h"

#include <cstddef>
#include <cstdint>

using namespace bulkhead;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  uint8_t mode = data[0];
  flow::Bytes rest(data + 1, size - 1);
  analyzers::options().dnsSkipAllAuth = analyzers::options().dnsSkipAllAddl = mode & 1;
  analyzers::FakeContext context(mode & 2 ? Transport::tcp : Transport::udp, mode & 4 ? 137 : 53);
  auto analyzer = analyzers::dns::makeDns(context);
  if (mode & 2) {
    size_t step = 1 + (mode >> 4);
    for (size_t i = 0; i < rest.size(); i += step)
      analyzer->deliverStream(i % 3 != 0, rest.subspan(i, std::min(step, rest.size() - i)));
    analyzer->finished(false);
  } else {
    analyzer->deliverPacket(mode & 8, rest, rest.size());
  }
  analyzer->done();
  return 0;
}
