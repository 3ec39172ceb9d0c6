#pragma once
// Compartments in the test's own process, and the supervisor's side of a worker: for whole-process
// tests of bulkhead-worker.

#include "host/analyzers/registry.h"
#include "host/events/catalog.h"
#include "schemas/package.capnp.h"
#include "tests/process/bench.h"

#include <map>

namespace bulkhead::test {

inline uint16_t eventNumber(const std::string& name) {
  for (size_t i = 0; i < events::eventCount; ++i) {
    if (events::eventName(static_cast<events::EventId>(i)) == name) return static_cast<uint16_t>(i);
  }
  ADD_FAILURE() << "no event " << name;
  return 0;
}

// What a compartment is told to do, and what it saw.
struct Behaviour {
  std::string log;                   // the path of its log; each event gives a row with its name
  std::vector<std::string> events;   // that it demands
  std::vector<std::string> answers;  // in zeek_init: functions, with answerTag
  std::string answerTag;             // their one argument
  std::map<std::string, uint64_t> options;  // what its zeek_init leaves, as counts
  bool diesInDeliver = false, answersNothing = false, floods = false;

  std::vector<std::string> wantedOptions;
  double startTime = -1;
  bool sawEndOfTrace = false, finished = false;
};

class FakePackage final : public schemas::Package::Server {
 public:
  FakePackage(Behaviour& behaviour, kj::Function<void()> die)
      : behaviour_(behaviour), die_(kj::mv(die)) {}

  kj::Promise<void> load(LoadContext context) override {
    auto params = context.getParams();
    host_ = params.getHost();
    for (auto name : params.getSettings().getWantedOptions())
      behaviour_.wantedOptions.push_back(name.cStr());
    auto demand = context.getResults().initLoaded().initDemand();
    auto events = demand.initEvents(static_cast<unsigned>(behaviour_.events.size()));
    for (unsigned i = 0; i < events.size(); ++i) events.set(i, eventNumber(behaviour_.events[i]));
    return kj::READY_NOW;
  }

  kj::Promise<void> start(StartContext context) override {
    behaviour_.startTime = context.getParams().getNetworkTime();
    auto results = context.getResults();
    // First the ports of all protocols, as the base library registers them.
    std::vector<std::pair<std::string, Port>> ports;
    for (const auto& row : analyzers::registry())
      for (uint16_t port : row.ports)
        ports.emplace_back("Analyzer::ANALYZER_" + std::string(row.name),
                           Port{port, row.transport});
    auto answers =
        results.initAnswers(static_cast<unsigned>(ports.size() + behaviour_.answers.size()));
    unsigned next = 0;
    for (const auto& [tag, port] : ports) {
      auto answer = answers[next++];
      answer.setFunction("Analyzer::__register_for_port");
      auto args = answer.initArgs(2);
      args[0].setEnumName(tag);
      args[1].setPort(wire::packPort(port));
    }
    for (const auto& function : behaviour_.answers) {
      auto answer = answers[next++];
      answer.setFunction(function);
      answer.initArgs(1)[0].setEnumName(behaviour_.answerTag);
    }
    auto options = results.initOptions(static_cast<unsigned>(behaviour_.options.size()));
    unsigned at = 0;
    for (const auto& [name, value] : behaviour_.options) {
      options[at].setName(name);
      options[at++].initValue().setCount(value);
    }
    auto open = host_.openLogRequest();
    LogDescriptor log{.stream = behaviour_.log + "::LOG",
                      .filter = "default",
                      .path = behaviour_.log,
                      .writer = "Log::WRITER_ASCII",
                      .columns = {{.name = "event", .type = LogValue::Kind::string}},
                      .standard = true};
    wire::write(open.initLog(), 0, log);
    return open.send();
  }

  kj::Promise<void> deliver(DeliverContext context) override {
    if (behaviour_.answersNothing) return kj::NEVER_DONE;
    if (behaviour_.diesInDeliver) {
      die_();
      return kj::NEVER_DONE;
    }
    if (behaviour_.floods) return flood();
    // One call for a batch's rows: a call for each would be too many at once.
    std::vector<std::pair<uint64_t, std::string>> rows;
    for (auto item : context.getParams().getBatch().getItems()) {
      if (item.isEndOfTrace()) behaviour_.sawEndOfTrace = true;
      if (!item.isEvent()) continue;
      auto name = events::eventName(static_cast<events::EventId>(item.getEvent().getId()));
      rows.emplace_back(item.getSeq(), name);
    }
    if (rows.empty()) return kj::READY_NOW;
    auto request = host_.writeRowsRequest();
    auto list = request.initBatch().initRows(static_cast<unsigned>(rows.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setSeq(rows[i].first);
      list[i].setRootSeq(rows[i].first);
      wire::write(list[i].initValues(1)[0], LogValue::ofString(rows[i].second));
    }
    return request.send();
  }

  kj::Promise<void> finish(FinishContext) override {
    behaviour_.finished = true;
    return kj::READY_NOW;
  }

 private:
  kj::Promise<void> flood() {
    for (int i = 0; i < 1000; ++i) {
      auto request = host_.requestRequest();
      request.setFunction("system");
      unfinished_.push_back(kj::heap(request.send()));
    }
    if (unfinished_.size() >= 3000) return kj::NEVER_DONE;
    return kj::evalLater([this]() { return flood(); });
  }

  Behaviour& behaviour_;
  kj::Function<void()> die_;
  schemas::Host::Client host_ = nullptr;
  std::vector<kj::Own<capnp::RemotePromise<schemas::Host::RequestResults>>> unfinished_;
};

class HandedSocket final : public schemas::Socket::Server {
 public:
  explicit HandedSocket(kj::AutoCloseFd fd) : fd_(kj::mv(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  kj::AutoCloseFd fd_;
};

struct Heard {
  std::map<uint32_t, std::string> ends;
  std::vector<std::string> reports;
};

class FakeSupervisor final : public schemas::Supervisor::Server {
 public:
  explicit FakeSupervisor(Heard& heard) : heard_(heard) {}
  kj::Promise<void> end(EndContext context) override {
    auto params = context.getParams();
    heard_.ends[params.getCompartment()] = params.getReason().cStr();
    return kj::READY_NOW;
  }
  kj::Promise<void> report(ReportContext context) override {
    heard_.reports.push_back(context.getParams().getText().cStr());
    return kj::READY_NOW;
  }
  kj::Promise<void> progress(ProgressContext) override { return kj::READY_NOW; }
  kj::Promise<void> request(RequestContext) override { return kj::NEVER_DONE; }
  kj::Promise<void> silent(SilentContext context) override {
    context.getResults().setCpuNanoseconds(1);
    return kj::READY_NOW;
  }

 private:
  Heard& heard_;
};

// A confined bulkhead-worker. `capture` is handed over unless it is -1.
class WorkerProcess {
 public:
  WorkerProcess(sandbox::TestBench& bench, LoggerProcess& logger, int capture) : bench_(bench) {
    auto toLogger = logger.takeWorkerSocket();
    const int extras[] = {toLogger.get(), capture};
    sandbox::LaunchSpec spec;
    spec.name = "worker";
    spec.profile = sandbox::ProfileId::worker;
    spec.extraDescriptors = kj::arrayPtr(extras, capture >= 0 ? 2 : 1);
    spec.arguments = kj::arrayPtr(&programName_, 1);
    child_ = bench.launcher->launchProgram(spec, sandbox::openProgram("bulkhead-worker"));
    stream_ = bench.io.lowLevelProvider->wrapUnixSocketFd(child_->takeSocket());
    client_ = kj::heap<capnp::TwoPartyClient>(*stream_, 2);
  }

  schemas::Worker::Client rpc() { return client_->bootstrap().castAs<schemas::Worker>(); }
  sandbox::Child& child() { return *child_; }

  // Answers open()'s error.
  std::string open(const std::string& captureName, const std::string& filter = "") {
    auto request = rpc().openRequest();
    request.setSupervisor(kj::heap<FakeSupervisor>(heard));
    auto options = request.initOptions();
    options.setCaptureName(captureName);
    options.setFilter(filter);
    options.setStallSeconds(1);
    return request.send().wait(bench_.io.waitScope).getError().cStr();
  }

  // A compartment in this process.
  void attach(uint32_t index, Behaviour& behaviour) {
    auto& server = servers_[index];
    auto socket = attachSocket(index, [&](kj::AutoCloseFd ours) {
      server.stream = bench_.io.lowLevelProvider->wrapSocketFd(kj::mv(ours));
      // Dying is closing the socket, not from within a call that uses it.
      auto die = [this, &server]() {
        server.death =
            kj::evalLater([&server]() { server.stream->shutdownWrite(); }).eagerlyEvaluate(nullptr);
      };
      server.rpc = kj::heap<capnp::TwoPartyClient>(*server.stream,
                                                   kj::heap<FakePackage>(behaviour, kj::mv(die)),
                                                   capnp::rpc::twoparty::Side::SERVER);
    });
    EXPECT_TRUE(wait(kj::mv(socket))) << index;
  }
  // As above, with somebody else at the other end. Resolves to whether it is ready.
  kj::Promise<bool> attachSocket(uint32_t index, kj::Function<void(kj::AutoCloseFd)> serve) {
    SocketPair pair;
    auto request = rpc().attachRequest();
    auto compartment = request.initCompartment();
    compartment.setIndex(index);
    compartment.setIsSite(index == 0);
    compartment.initSettings().setName("package");
    request.setSocket(kj::heap<HandedSocket>(kj::mv(pair.theirs)));
    serve(kj::mv(pair.ours));
    return request.send().then(
        [](auto&& response) { return bool(response.getLoaded().getReady()); });
  }

  capnp::Response<schemas::Worker::RunResults> run() {
    return wait(kj::Promise<capnp::Response<schemas::Worker::RunResults>>(
        rpc().runRequest().send().dropPipeline()));
  }
  // What the worker answers; or a failure that tells how it ended.
  template <typename T>
  T wait(kj::Promise<T> answer) {
    return answer
        .catch_([this](kj::Exception&& exception) -> kj::Promise<T> {
          return child_->onEnd().then(
              [this, exception = kj::mv(exception)](sandbox::Outcome end) mutable -> T {
                ADD_FAILURE() << describe(end) << "\n" << child_->errorText();
                kj::throwFatalException(kj::mv(exception));
              });
        })
        .wait(bench_.io.waitScope);
  }
  sandbox::Outcome end() {
    client_ = nullptr;
    stream_ = nullptr;
    return bench_.endOf(*child_);
  }

  Heard heard;

 private:
  struct Server {
    kj::Own<kj::AsyncIoStream> stream;
    kj::Own<capnp::TwoPartyClient> rpc;
    kj::Promise<void> death = nullptr;
  };

  sandbox::TestBench& bench_;
  kj::StringPtr programName_ = "bulkhead-worker";
  kj::Own<sandbox::Child> child_;
  kj::Own<kj::AsyncCapabilityStream> stream_;
  kj::Own<capnp::TwoPartyClient> client_;
  std::map<uint32_t, Server> servers_;
};

}  // namespace bulkhead::test
