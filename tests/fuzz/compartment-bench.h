#pragma once
// One hostile compartment before a worker's subscriber and a logger, all in one process and without
// a socket: what the compartment says is given beforehand, in stages. A stage is sent when the
// worker has nothing more to do, so that answers come after what they answer.

#include "host/logging/service.h"
#include "host/worker/batch-sink.h"

#include <kj/async-io.h>
#include <kj/debug.h>

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace bulkhead::fuzz {

// In a fuzzer's input a stage is its length in two bytes, least significant first, and its bytes.
inline std::vector<kj::ArrayPtr<const kj::byte>> stagesOf(kj::ArrayPtr<const kj::byte> input) {
  std::vector<kj::ArrayPtr<const kj::byte>> out;
  while (input.size() >= 2) {
    size_t length = std::min<size_t>(input[0] | input[1] << 8, input.size() - 2);
    out.push_back(input.slice(2, 2 + length));
    input = input.slice(2 + length, input.size());
  }
  return out;
}

// The socket as the worker sees it. At the end of the stages it is closed.
class StagedPeer final : public kj::AsyncIoStream {
 public:
  explicit StagedPeer(std::vector<kj::ArrayPtr<const kj::byte>> stages)
      : stages_(std::move(stages)) {}

  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override {
    return readOn(static_cast<kj::byte*>(buffer), minBytes, maxBytes, 0);
  }
  kj::Promise<void> write(const void*, size_t) override { return kj::READY_NOW; }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>>) override {
    return kj::READY_NOW;
  }
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }
  void shutdownWrite() override {}
  void getsockopt(int, int, void* value, kj::uint* length) override {
    const int size = 212992;
    KJ_REQUIRE(*length == sizeof size);
    std::memcpy(value, &size, sizeof size);
  }

 private:
  kj::Promise<size_t> readOn(kj::byte* buffer, size_t minBytes, size_t maxBytes, size_t got) {
    if (next_.size() > 0) {
      size_t length = std::min(next_.size(), maxBytes - got);
      std::memcpy(buffer + got, next_.begin(), length);
      next_ = next_.slice(length, next_.size());
      got += length;
    }
    if (got >= minBytes) return got;
    return kj::evalLast([=, this]() -> kj::Promise<size_t> {
      if (stage_ == stages_.size()) return got;
      next_ = stages_[stage_++];
      return readOn(buffer, minBytes, maxBytes, got);
    });
  }

  std::vector<kj::ArrayPtr<const kj::byte>> stages_;
  size_t stage_ = 0;
  kj::ArrayPtr<const kj::byte> next_;
};

class NoSupervisor final : public schemas::Supervisor::Server {
 public:
  kj::Promise<void> end(EndContext) override { return kj::READY_NOW; }
  kj::Promise<void> readSource(ReadSourceContext context) override {
    context.getResults().setFound(true);
    return kj::READY_NOW;
  }
  kj::Promise<void> report(ReportContext) override { return kj::READY_NOW; }
  kj::Promise<void> request(RequestContext) override { return kj::READY_NOW; }
  kj::Promise<void> silent(SilentContext) override { return kj::READY_NOW; }
};

class NoViolations final : public schemas::Violations::Server {
  kj::Promise<void> violation(ViolationContext) override { return kj::READY_NOW; }
};

class AnyTarget final : public events::AnswerTarget {
  std::string apply(const events::Answer& answer) override {
    size_t size = answer.function.size();
    for (const auto& each : answer.args) size += events::toText(each).size();
    return size % 2 == 0 ? std::string() : "no";
  }
};

// Runs the worker's side from attaching to the end of the trace.
class CompartmentBench {
 public:
  CompartmentBench(kj::AsyncIoContext& io, kj::Own<kj::AsyncIoStream> peer) : io_(io) {
    const char* parent = std::getenv("TMPDIR");
    folder_ = std::string(parent ? parent : "/tmp") + "/compartment-fuzz-XXXXXX";
    KJ_REQUIRE(mkdtemp(folder_.data()) != nullptr, folder_);
    int fd = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto logger = logging::makeLoggerService(fd, -1);
    auto configure = logger.configureRequest();
    configure.setCompartments(2);
    configure.setViolations(kj::heap<NoViolations>());
    configure.send().wait(io.waitScope);
    run(kj::mv(logger), kj::mv(peer));
  }
  ~CompartmentBench() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  static constexpr int packets = 8;

  void run(schemas::Logger::Client logger, kj::Own<kj::AsyncIoStream> peer) {
    worker::Surroundings surroundings{.timer = io_.provider->getTimer(),
                                      .supervisor = kj::heap<NoSupervisor>(),
                                      .logger = logger,
                                      .stallSeconds = 0};
    AnyTarget target;
    events::ConnectionState connection;
    {
      worker::BatchSink sink(surroundings, io_.waitScope);
      sink.setAnswerTarget(&target);
      auto& subscriber = sink.add(1, kj::mv(peer));
      capnp::MallocMessageBuilder message;
      subscriber.load(message.initRoot<schemas::Settings>().asReader()).wait(io_.waitScope);
      sink.start();
      sink.applyStartAnswers();
      for (int i = 0; i < packets; ++i) {
        sink.setClock(1000 + i, 0);
        for (auto event :
             {events::EventId::new_connection, events::EventId::connection_state_remove}) {
          if (sink.wants(event)) sink.raise(event, {events::Value::of(connection)});
        }
        sink.drain();
      }
      sink.endOfTrace();
      sink.finish();
      capnp::MallocMessageBuilder result;
      subscriber.describe(result.initRoot<schemas::Subscriber>(), {});
      sink.forget(connection);
    }
    logger.finishRequest().send().wait(io_.waitScope);
  }

  kj::AsyncIoContext& io_;
  std::string folder_;
};

}  // namespace bulkhead::fuzz
