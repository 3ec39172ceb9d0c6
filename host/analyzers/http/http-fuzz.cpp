// Feeds arbitrary bytes to the HTTP analyzer and the files framework under it: both directions,
// with gaps, cut in odd places.
#include "host/analyzers/fake-context.h"
#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/http/http-analyzer.h"

#include <cstddef>
#include <cstdint>

using namespace bulkhead;

// Each piece: a byte of flags (1: originator, 2: gap), two of length, then the bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  analyzers::FakeContext context(Transport::tcp, 80);
  analyzers::files::FileManager files(context.recording, context.timerQueue);
  context.fileSink = &files;
  auto analyzer = analyzers::http::makeHttp(context);
  flow::Bytes rest(data, size);
  uint64_t offset[2] = {0, 0};
  while (rest.size() > 3 && !context.handedOver) {
    bool isOrig = rest[0] & 1;
    size_t length = size_t{rest[1]} << 8 | rest[2];
    if (rest[0] & 2) {
      analyzer->streamGap(isOrig, offset[isOrig], length + 1);
      offset[isOrig] += length + 1;
      rest = rest.subspan(3);
      continue;
    }
    bool more = rest[0] & 4;
    rest = rest.subspan(3);
    length = std::min(length + 1, rest.size());
    analyzer->deliverStream(isOrig, rest.first(length));
    offset[isOrig] += length;
    rest = rest.subspan(length);
    if (!more && rest.size() % 7 == 0) analyzer->endOfStream(isOrig);
  }
  analyzer->finished(false);
  analyzer->done();
  files.finish(context.now);
  return 0;
}
