// What one event costs on each side of a compartment's socket, for batches of 1, 64, 256 and 1024,
// beside a bare Cap'n Proto loop that carries the same message in the same run.
//
//   bench-events [EVENTS]
//
// Host side: BatchSink to socket. Compartment: the runner, from socket to a script's handler and
// back, in a process of its own (not confined: confinement changes no instruction of it). The event
// has four arguments: a connection that the compartment knows, a boolean, two counts. "packets" is
// the same with a packet for each event: the clock moves, the analysis drains, timers are looked
// at. The bare loop builds and reads the same batch with generated code only and keeps the same
// window. Figures are CPU time in nanoseconds, the median of several rounds taken in turn.

#include "host/worker/batch-sink.h"
#include "schemas/stream/socket-stream.h"
#include "sdk/runner/package-server.h"
#include "sdk/script/source/source-provider.h"
#include "tests/bench/measure.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <cstdlib>
#include <functional>
#include <malloc.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace bulkhead;
using events::EventId;
using events::Value;

constexpr int rounds = 5;
constexpr unsigned batches[] = {1, 64, 256, 1024};
constexpr const char* script =
    "global n = 0;\n"
    "event content_gap(c: connection, is_orig: bool, seq: count, length: count)\n"
    "\t{\n\tif ( is_orig )\n\t\tn += length;\n\t}\n";

// The other process; ends with the socket.
class Process {
 public:
  explicit Process(const std::function<void(int)>& body) {
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    KJ_SYSCALL(id_ = fork());
    if (id_ == 0) {
      close(ends[0]);
      // As in the compartment's main.
      mallopt(M_MMAP_THRESHOLD, 16 << 20);
      mallopt(M_TRIM_THRESHOLD, 16 << 20);
      body(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    socket_ = ends[0];
  }
  ~Process() {
    int status = 0;
    waitpid(id_, &status, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  int id() const { return id_; }
  int socket() const { return socket_; }

 private:
  pid_t id_ = 0;
  int socket_ = -1;
};

void serveCompartment(int socket) {
  auto io = kj::setupAsyncIo();
  SocketStream stream(io.unixEventPort, socket);
  runner::Compartment compartment(io.waitScope);
  runner::serve(stream, io.waitScope, compartment);
}

// ---- The bare loop

class BareServer final : public schemas::Package::Server {
 public:
  kj::Promise<void> deliver(DeliverContext context) override {
    for (auto item : context.getParams().getBatch().getItems()) {
      auto args = item.getEvent().getArgs();
      if (args[1].getBoolean()) sum_ = sum_ + args[3].getCount() + args[0].getConnection();
      last_ = item.getNetworkTime();
    }
    return kj::READY_NOW;
  }

 private:
  volatile uint64_t sum_ = 0;
  volatile double last_ = 0;
};

void serveBare(int socket) {
  auto io = kj::setupAsyncIo();
  auto stream =
      io.lowLevelProvider->wrapSocketFd(socket, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  capnp::TwoPartyVatNetwork network(*stream, capnp::rpc::twoparty::Side::SERVER);
  auto rpc = capnp::makeRpcServer(network, kj::heap<BareServer>());
  network.onDisconnect().wait(io.waitScope);
}

void fill(schemas::Batch::Builder batch, unsigned size, uint64_t& seq) {
  auto items = batch.initItems(size);
  for (auto item : items) {
    item.setSeq(++seq);
    item.setNetworkTime(1e9);
    item.setDrainAfter(true);
    item.setPacketSeq(1);
    auto event = item.initEvent();
    event.setId(static_cast<uint16_t>(EventId::content_gap));
    auto args = event.initArgs(4);
    args[0].setConnection(1);
    args[1].setBoolean(true);
    args[2].setCount(seq);
    args[3].setCount(17);
  }
}

class Bare {
 public:
  Bare(kj::AsyncIoContext& io, Process& process) : io_(io), process_(process) {
    stream_ = io.lowLevelProvider->wrapSocketFd(process_.socket(),
                                                kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
    client_ = kj::heap<capnp::TwoPartyClient>(*stream_);
    package_ = client_->bootstrap().castAs<schemas::Package>();
  }
  int process() const { return process_.id(); }
  void run(unsigned batch, size_t events) {
    for (size_t done = 0; done < events; done += batch) {
      auto request =
          KJ_ASSERT_NONNULL(package_).deliverRequest(capnp::MessageSize{batch * 24ul + 16, 0});
      fill(request.initBatch(), batch, seq_);
      ++inFlight_;
      tasks_.add(request.send().ignoreResult().then([this]() {
        --inFlight_;
        KJ_IF_MAYBE (waiter, waiter_) {
          (*waiter)->fulfill();
        }
      }));
      while (inFlight_ >= worker::maxBatchesInFlight) wait();
    }
    while (inFlight_ > 0) wait();
  }

 private:
  struct Errors final : public kj::TaskSet::ErrorHandler {
    void taskFailed(kj::Exception&& exception) override {
      kj::throwFatalException(kj::mv(exception));
    }
  };
  void wait() {
    auto paf = kj::newPromiseAndFulfiller<void>();
    waiter_ = kj::mv(paf.fulfiller);
    paf.promise.wait(io_.waitScope);
  }

  kj::AsyncIoContext& io_;
  Process& process_;
  kj::Own<kj::AsyncIoStream> stream_;
  kj::Own<capnp::TwoPartyClient> client_;
  kj::Maybe<schemas::Package::Client> package_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiter_;
  size_t inFlight_ = 0;
  uint64_t seq_ = 0;
  Errors errors_;
  kj::TaskSet tasks_{errors_};
};

// ---- Ours

class Supervisor final : public schemas::Supervisor::Server {
 public:
  kj::Promise<void> readSource(ReadSourceContext context) override {
    std::string target = context.getParams().getTarget().cStr();
    std::string from = context.getParams().getFrom().cStr();
    for (source::SourceProvider* provider : {static_cast<source::SourceProvider*>(&scripts_),
                                             static_cast<source::SourceProvider*>(&base_)}) {
      auto found = provider->resolve(target, from, source::LoadKind::script);
      if (!found) continue;
      auto text = std::get<std::string>(provider->read(found->path));
      auto results = context.getResults();
      results.setFound(true);
      results.setPath(found->path.c_str());
      results.setText({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
      break;
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> report(ReportContext context) override {
    KJ_LOG(ERROR, context.getParams().getText());
    return kj::READY_NOW;
  }
  kj::Promise<void> end(EndContext context) override {
    if (!ending) KJ_FAIL_REQUIRE("the compartment ended", context.getParams().getReason());
    return kj::READY_NOW;
  }
  bool ending = false;

 private:
  source::MemorySourceProvider scripts_{{{"scripts", source::originFirstPackage}},
                                        {{"scripts/bench.zeek", script}}};
  source::DiskSourceProvider base_{{{BULKHEAD_BASE_LIBRARY, source::originBase},
                                    {BULKHEAD_BASE_LIBRARY "/policy", source::originBase}}};
};

class Logger final : public schemas::Logger::Server {
 public:
  kj::Promise<void> mark(MarkContext) override { return kj::READY_NOW; }
  kj::Promise<void> gone(GoneContext) override { return kj::READY_NOW; }
  kj::Promise<void> openLog(OpenLogContext) override { return kj::READY_NOW; }
  kj::Promise<void> writeRows(WriteRowsContext) override { return kj::READY_NOW; }
  kj::Promise<void> settle(SettleContext) override { return kj::READY_NOW; }
};

class Ours {
 public:
  Ours(kj::AsyncIoContext& io, Process& process)
      : process_(process),
        surroundings_{io.provider->getTimer(), kj::heap<Supervisor>(), kj::heap<Logger>(), 0},
        sink_(surroundings_, io.waitScope) {
    auto& subscriber = sink_.add(1, kj::heap<SocketStream>(io.unixEventPort, process_.socket()));
    capnp::MallocMessageBuilder message;
    auto settings = message.initRoot<schemas::Settings>();
    settings.setName("bench");
    settings.setBare(true);
    settings.setOffline(true);
    settings.initScripts(1)[0].setTarget("bench");
    auto loaded = subscriber.load(settings.asReader()).wait(io.waitScope);
    for (const auto& text : loaded.diagnostics) std::fprintf(stderr, "%s\n", text.c_str());
    KJ_REQUIRE(loaded.ready, loaded.reason.c_str());
    sink_.start();
    KJ_REQUIRE(sink_.wants(EventId::content_gap));
    connection_.number = 1;
    connection_.uid = "CBench";
    connection_.id.origHost = *IpAddr::parse("10.0.0.1");
    connection_.id.respHost = *IpAddr::parse("10.0.0.2");
    connection_.startTime = connection_.lastTime = 1e9;
    run(1, 1, false, io.waitScope);
  }
  int process() const { return process_.id(); }

  void run(unsigned batch, size_t events, bool packets, kj::WaitScope& waitScope) {
    auto& subscriber = *sink_.subscribers().front();
    for (size_t done = 0; done < events; done += batch) {
      if (!packets) sink_.setClock(time_ += 1e-5, 0);
      for (unsigned i = 0; i < batch; ++i) {
        if (packets) sink_.setClock(time_ += 1e-5, 0);
        sink_.raise(EventId::content_gap, {Value::of(connection_), Value::of(true),
                                           Value::count(done), Value::count(17)});
        if (packets) sink_.drain();
      }
      if (!packets) sink_.drain();
      subscriber.sendOpenBatch(sink_.seq());
    }
    while (!subscriber.isIdle()) subscriber.nextAcknowledgement().wait(waitScope);
  }

 private:
  Process& process_;
  worker::Surroundings surroundings_;
  worker::BatchSink sink_;
  events::ConnectionState connection_;
  double time_ = 1e9;
};

struct Cost {
  std::vector<double> host, compartment;

  void measure(int process, size_t events, const std::function<void()>& body) {
    double mine = bench::cpuSeconds(), other = bench::cpuSecondsOf(process);
    body();
    auto each = 1e9 / static_cast<double>(events);
    host.push_back((bench::cpuSeconds() - mine) * each);
    compartment.push_back((bench::cpuSecondsOf(process) - other) * each);
  }
  void say(const std::string& name) const {
    bench::say((name + ".host").c_str(), bench::median(host));
    bench::say((name + ".compartment").c_str(), bench::median(compartment));
  }
};

}  // namespace

int main(int count, char** arguments) {
  const size_t most = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 300'000;
  // As in the worker's main.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  // A process with an event loop has no children that could have their own.
  auto& bareProcess = *new Process(serveBare);
  auto& ourProcess = *new Process(serveCompartment);
  auto io = kj::setupAsyncIo();
  auto& bare = *new Bare(io, bareProcess);
  auto& ours = *new Ours(io, ourProcess);
  for (unsigned batch : batches) {
    const size_t events = (batch == 1 ? most / 15 : most) / batch * batch;
    Cost plain, packets, loop;
    for (int round = 0; round < rounds; ++round) {
      loop.measure(bare.process(), events, [&]() { bare.run(batch, events); });
      plain.measure(ours.process(), events,
                    [&]() { ours.run(batch, events, false, io.waitScope); });
      packets.measure(ours.process(), events,
                      [&]() { ours.run(batch, events, true, io.waitScope); });
    }
    auto suffix = "." + std::to_string(batch);
    loop.say("bare" + suffix);
    plain.say("events" + suffix);
    packets.say("packets" + suffix);
  }
  std::fflush(stdout);
  // Both others end when their socket closes with this process.
  _exit(0);
}
