// A native package that loads, takes events, and then turns on the host. Its name says how.

#include "schemas/package.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace {

using bulkhead::schemas::Host;
using bulkhead::schemas::Package;

constexpr int hostSocket = 3;
constexpr unsigned turnsAtBatch = 20;

std::string_view deed;

void sendRaw(const void* bytes, size_t size) {
  for (auto* at = static_cast<const char*>(bytes); size > 0;) {
    const ssize_t sent = ::write(hostSocket, at, size);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) _exit(0);
    at += sent;
    size -= static_cast<size_t>(sent);
  }
}

class Turncoat final : public Package::Server {
 public:
  kj::Promise<void> load(LoadContext context) override {
    host_ = context.getParams().getHost();
    // The first events of the catalog, whatever they are: connections' and more. It says that it
    // answers to them, so that each batch is short and there are many before it turns.
    auto demand = context.getResults().initLoaded().initDemand();
    demand.initAnswers(1).set(0, "skip_further_processing");
    auto events = demand.initEvents(manyEvents);
    auto answering = demand.initAnsweringEvents(manyEvents);
    for (uint16_t i = 0; i < manyEvents; ++i) {
      events.set(i, i);
      answering.set(i, i);
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> start(StartContext) override { return kj::READY_NOW; }
  kj::Promise<void> deliver(DeliverContext context) override {
    if (++batches_ < turnsAtBatch) return kj::READY_NOW;
    lastSeq_ = 0;
    for (auto item : context.getParams().getBatch().getItems()) lastSeq_ = item.getSeq();
    return turn();
  }
  kj::Promise<void> finish(FinishContext) override { return kj::READY_NOW; }

 private:
  static constexpr unsigned manyEvents = 40;

  kj::Promise<void> turn() {
    static const char zeros[4096] = {};
    if (deed == "turns-garbage") {
      for (uint32_t i = 0; i < 16384; ++i) {
        const uint32_t word = i * 2654435761u;
        sendRaw(&word, sizeof(word));
      }
    } else if (deed == "turns-false-count") {
      const uint32_t header[2] = {0xffffffffu, 1};
      sendRaw(header, sizeof(header));
      for (int i = 0; i < 16; ++i) sendRaw(zeros, sizeof(zeros));
    } else if (deed == "turns-false-size") {
      const uint32_t header[2] = {0, 0xfffffff0u};
      sendRaw(header, sizeof(header));
      sendRaw(zeros, sizeof(zeros));
    } else if (deed == "turns-silent") {
      return kj::NEVER_DONE;
    } else if (deed == "turns-spin") {
      for (volatile unsigned long i = 0;;) i = i + 1;
    } else if (deed == "turns-exit") {
      _exit(7);
    } else if (deed == "turns-unfinished") {
      for (int i = 0; i < 100000; ++i) {
        auto call = host_.requestRequest();
        call.setFunction("anything");
        calls_.add(call.send().ignoreResult());
      }
    } else if (deed == "turns-rows") {
      // For an item that it never had.
      auto call = host_.writeRowsRequest();
      call.initBatch().initRows(1)[0].setSeq(lastSeq_ + 1'000'000);
      return call.send().then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
    } else if (deed == "turns-log") {
      auto call = host_.writeRowsRequest();
      auto row = call.initBatch().initRows(1)[0];
      row.setSeq(lastSeq_);
      row.setLog(4'000'000'000);
      return call.send().then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
    }
    return kj::NEVER_DONE;
  }

  Host::Client host_ = nullptr;
  unsigned batches_ = 0;
  uint64_t lastSeq_ = 0;
  kj::Vector<kj::Promise<void>> calls_;
};

}  // namespace

int main(int, char** arguments) {
  deed = arguments[0];
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(hostSocket);
  capnp::TwoPartyVatNetwork network(*stream, capnp::rpc::twoparty::Side::SERVER);
  auto rpc = capnp::makeRpcServer(network, kj::heap<Turncoat>());
  network.onDisconnect().wait(io.waitScope);
  return 0;
}
