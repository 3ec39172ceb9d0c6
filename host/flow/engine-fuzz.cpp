// Any bytes as frames: the first byte picks the link type, then a length byte before each frame.

#include "host/flow/engine.h"

#include <array>

namespace {

using namespace bulkhead;

class NoFiles final : public flow::FileSink {
 public:
  bool active() const override { return false; }
  std::string identify(const flow::FileOrigin&, std::string_view) override { return {}; }
  bool dataIn(const flow::FileOrigin&, const std::string&, flow::Bytes) override { return false; }
  bool dataAt(const flow::FileOrigin&, const std::string&, uint64_t, flow::Bytes) override {
    return false;
  }
  bool gap(const flow::FileOrigin&, const std::string&, uint64_t, uint64_t) override {
    return false;
  }
  bool setSize(const flow::FileOrigin&, const std::string&, uint64_t) override { return false; }
  void endOfFile(const std::string&) override {}
  void connectionRemoved(events::ConnectionState&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::array<int, 10> linkTypes = {1, 101, 0, 9, 113, 276, 239, 127, 105, 50};
  if (size == 0) return 0;
  events::RecordingSink sink;
  NoFiles files;
  flow::TimerQueue timers;
  flow::EngineOptions options;
  options.ignoreChecksums = data[0] & 0x80;
  flow::Engine engine(sink, files, timers, {}, options);
  capture::Packet packet;
  packet.linkType = linkTypes[(data[0] & 0x7f) % linkTypes.size()];
  flow::Bytes rest(data + 1, size - 1);
  packet.time = 1e9;
  while (rest.size() > 1) {
    const size_t length = std::min<size_t>(rest[0], rest.size() - 1);
    packet.time += 0.5;
    packet.data = rest.subspan(1, length);
    packet.wireLength = static_cast<uint32_t>(length);
    engine.packet(packet);
    rest = rest.subspan(1 + length);
  }
  engine.finish();
  return 0;
}
