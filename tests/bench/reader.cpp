// How fast the host side reads: the reader alone, then with flows, then with every analyzer, in one
// process without scripts or compartments.
//
//   bench-reader CAPTURE

#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/registry.h"
#include "host/capture/packet-source.h"
#include "host/flow/engine.h"
#include "tests/bench/measure.h"

#include <string>

namespace {

using namespace bulkhead;

// Demands nothing or everything, and looks at nothing.
class Sink final : public events::EventSink {
 public:
  explicit Sink(bool all) : all_(all) {}
  bool wants(events::EventId) const override { return all_; }
  events::Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(events::EventId, std::span<const events::Value>) override {
    ++count;
    arena_.reset();
  }
  void drain() override { arena_.reset(); }
  void forget(events::ConnectionState&) override {}
  void forget(events::FileState&) override {}

  uint64_t count = 0;

 private:
  bool all_;
  events::Arena arena_;
};

struct Figures {
  uint64_t packets = 0, bytes = 0;
  double seconds = 0;
};

template <typename Take>
Figures read(const char* path, Take take) {
  Figures out;
  auto opened = capture::PacketSource::openFile(path);
  if (auto* error = std::get_if<capture::CaptureError>(&opened)) {
    std::fprintf(stderr, "%s\n", error->message().c_str());
    std::exit(1);
  }
  auto& source = *std::get<0>(opened);
  double from = bench::cpuSeconds();
  capture::Packet packet;
  while (source.next(packet) == capture::PacketSource::Read::packet) {
    ++out.packets;
    out.bytes += packet.wireLength;
    take(packet);
  }
  out.seconds = bench::cpuSeconds() - from;
  return out;
}

void say(const std::string& name, const Figures& figures) {
  bench::say((name + ".mbit").c_str(),
             static_cast<double>(figures.bytes) * 8 / 1e6 / figures.seconds);
  bench::say((name + ".packets").c_str(), static_cast<double>(figures.packets) / figures.seconds);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: bench-reader CAPTURE\n", stderr);
    return 2;
  }
  auto alone = read(arguments[1], [](const capture::Packet&) {});
  bench::say("capture.packets", static_cast<double>(alone.packets));
  bench::say("capture.bytes", static_cast<double>(alone.bytes));
  say("reader", alone);
  for (bool all : {false, true}) {
    Sink sink(all);
    flow::TimerQueue timers;
    analyzers::files::FileManager files(sink, timers);
    flow::Engine engine(sink, files, timers,
                        all ? analyzers::registry() : std::span<const flow::AnalyzerRow>(), {});
    say(all ? "analyzers" : "flows",
        read(arguments[1], [&](const capture::Packet& packet) { engine.packet(packet); }));
    if (all) bench::say("analyzers.events", static_cast<double>(sink.count));
  }
  return 0;
}
