#pragma once
// A Compartment is the run of one package (or of the site): scripts loaded, started, fed, finished.
//
// One per process, on the one thread, at the top level of the event loop (its methods wait for the
// host). load, start, deliver, finish, in that order; schemas/package.capnp says what each means
// and schemas/batch.capnp in what order items, packet times and timers are handled. Scripts are
// foreign and never end the process by what they do wrong, except by the limits of the settings.
// Errors: kj::Exception when the host is gone or breaks the contract, and when
// the package has had too many handlers abandoned.

#include "schemas/package.capnp.h"
#include "sdk/runner/event-decoder.h"
#include "sdk/runner/host-link.h"
#include "sdk/runner/source-bridge.h"
#include "sdk/runner/world.h"
#include "sdk/script/driver/engine.h"

#include <kj/async.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace bulkhead::frameworks {
class LogFramework;
}
namespace bulkhead::builtins {
class Services;
}

namespace bulkhead::runner {

class Compartment {
 public:
  // `library`: an engine that has begun with the base library (shared-library.h), for settings that
  // allow it; null: every compartment reads it anew.
  explicit Compartment(kj::WaitScope& waitScope, std::unique_ptr<driver::Engine> library = nullptr)
      : waitScope_(waitScope), library_(std::move(library)) {}

  void load(schemas::Host::Client host, schemas::Settings::Reader settings,
            schemas::Loaded::Builder loaded);
  void start(double networkTime, uint64_t seq);
  void deliver(schemas::Batch::Reader batch);
  void finish(double networkTime, uint64_t seq, schemas::CaptureFigures::Reader capture,
              schemas::Report::Builder report);

  // After start and deliver.
  size_t answerCount() const { return world_->answerCount(); }
  // Of the wanted options those that exist, after start.
  void writeOptions(schemas::Package::StartResults::Builder results) const;
  void takeAnswers(capnp::List<schemas::Answer>::Builder to) { world_->takeAnswers(to); }
  void describe(schemas::TimerState::Builder state) const;
  // As many handlers were abandoned as the settings allow: the host was told, and the process is to
  // end.
  bool isAbandoned() const { return abandoned_; }

 private:
  struct Settings {
    std::string name;
    bool offline = false;
    bool seedsGiven = false;
    bool bare = false;
    bool startErrorsEnd = false;
    std::vector<uint32_t> seeds;
    std::vector<std::string> wantedOptions;
    // What scripts may ask about the run.
    std::string packetSource;
    uint32_t linkType = 0;
    std::vector<std::string> arguments;
    std::string hostName;
    uint32_t maxAbandoned = 0;
    uint64_t memorySoftLimit = 0;
  };

  void packetTime(schemas::Batch::PacketTime::Reader time, uint64_t groupSeq, bool drains);
  void drain();
  // Between runs of script: limits, terminate(), what came late.
  void settle();
  void waitForTimers();
  vm::Vm& vm() { return engine_->vm(); }

  kj::WaitScope& waitScope_;
  Settings settings_;
  std::unique_ptr<HostLink> link_;
  std::unique_ptr<SourceBridge> sources_;
  std::unique_ptr<World> world_;
  std::unique_ptr<driver::Engine> library_;
  std::unique_ptr<driver::Engine> engine_;
  std::unique_ptr<EventDecoder> decoder_;
  // Of the VM, since start(): looked at for every packet.
  frameworks::LogFramework* log_ = nullptr;
  builtins::Services* services_ = nullptr;
  double fired_ = 0;  // timers have fired up to here
  bool terminated_ = false;
  // Neither a capture nor an interface: time does not come from packets.
  bool withoutInput_ = false;
  bool memoryReported_ = false;
  bool abandoned_ = false;
};

}  // namespace bulkhead::runner
