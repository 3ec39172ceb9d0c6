// Any bytes as a capture file: libpcap, the link layers, flows, every analyzer and the files under
// them, as a worker puts them together. Seeds are real captures.
#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/registry.h"
#include "host/capture/packet-source.h"
#include "host/flow/engine.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

using namespace bulkhead;

namespace {

// Looks at every argument, as a batch would, and keeps nothing.
class ReadingSink final : public events::EventSink {
 public:
  bool wants(events::EventId) const override { return true; }
  events::Arena& arena() override { return arena_; }
  void raise(events::EventId, std::span<const events::Value> args) override {
    for (const auto& arg : args) characters += events::toText(arg).size();
  }
  void drain() override { arena_.reset(); }
  void forget(events::ConnectionState&) override {}
  void forget(events::FileState&) override {}

  size_t characters = 0;

 private:
  events::Arena arena_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  int fd = memfd_create("capture", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size) || lseek(fd, 0, SEEK_SET) != 0)
    abort();
  auto opened = capture::PacketSource::fromDescriptor(fd, "capture");
  if (auto* error = std::get_if<capture::CaptureError>(&opened)) {
    if (error->message().empty()) abort();
    return 0;
  }
  auto& source = *std::get<std::unique_ptr<capture::PacketSource>>(opened);

  ReadingSink sink;
  flow::TimerQueue timers;
  analyzers::files::FileManager files(sink, timers);
  flow::EngineOptions options;
  options.ignoreChecksums = true;  // a fuzzer does not find sums
  flow::Engine engine(sink, files, timers, analyzers::registry(), options);
  capture::Packet packet;
  while (source.next(packet) == capture::PacketSource::Read::packet) engine.packet(packet);
  engine.finish();
  files.finish(engine.networkTime());
  return 0;
}
