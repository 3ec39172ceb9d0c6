#pragma once
// A BatchSink's surroundings for tests: supervisor, logger, and compartments of this process that
// keep what they get and misbehave as told.

#include "host/worker/batch-sink.h"

#include <capnp/rpc-twoparty.h>

#include <functional>
#include <gtest/gtest.h>
#include <map>

namespace bulkhead::worker {

using events::EventId;
using events::Value;

// By its name in the catalog.
inline EventId eventNamed(std::string_view name) {
  for (size_t i = 0; i < events::eventCount; ++i) {
    if (events::eventName(static_cast<EventId>(i)) == name) return static_cast<EventId>(i);
  }
  ADD_FAILURE() << name;
  return {};
}

struct Log {
  std::vector<std::string> supervisor;
  std::map<uint32_t, uint64_t> marks;
  std::map<uint32_t, std::vector<uint64_t>> rows;  // seq
  uint64_t rowCalls = 0;
  std::vector<uint32_t> gone;
  std::vector<uint32_t> again;
  std::vector<std::string> gaps;
  // How often the worker asked for its CPU time, and what it has used with each look.
  std::map<uint32_t, uint64_t> looks;
  std::map<uint32_t, uint64_t> nanosecondsPerLook;
  std::function<void(uint32_t compartment, uint64_t looks)> onLook;
  bool settled = false;
};

class FakeSupervisor final : public schemas::Supervisor::Server {
 public:
  explicit FakeSupervisor(Log& log) : log_(log) {}
  kj::Promise<void> end(EndContext context) override {
    auto params = context.getParams();
    log_.supervisor.push_back(kj::str(params.getCompartment(), ": ", params.getReason()).cStr());
    return kj::READY_NOW;
  }
  kj::Promise<void> readSource(ReadSourceContext context) override {
    context.getResults().setFound(true);
    context.getResults().setPath(context.getParams().getTarget());
    return kj::READY_NOW;
  }
  kj::Promise<void> report(ReportContext) override { return kj::READY_NOW; }
  kj::Promise<void> gap(GapContext context) override {
    auto gap = context.getParams().getGap();
    log_.gaps.push_back(kj::str(gap.getReason(), ": ", gap.getEvents()).cStr());
    return kj::READY_NOW;
  }
  kj::Promise<void> silent(SilentContext context) override {
    auto compartment = context.getParams().getCompartment();
    auto looks = ++log_.looks[compartment];
    context.getResults().setCpuNanoseconds(1 + looks * log_.nanosecondsPerLook[compartment]);
    if (log_.onLook) log_.onLook(compartment, looks);
    return kj::READY_NOW;
  }

 private:
  Log& log_;
};

class FakeLogger final : public schemas::Logger::Server {
 public:
  explicit FakeLogger(Log& log) : log_(log) {}
  kj::Promise<void> mark(MarkContext context) override {
    log_.marks[context.getParams().getCompartment()] = context.getParams().getSeq();
    return kj::READY_NOW;
  }
  kj::Promise<void> writeRows(WriteRowsContext context) override {
    auto params = context.getParams();
    ++log_.rowCalls;
    for (auto rows : params.getBatches()) {
      for (auto row : rows) {
        // The logger has been promised that nothing comes at or below the mark.
        EXPECT_GT(row.getSeq(), log_.marks[params.getCompartment()]);
        log_.rows[params.getCompartment()].push_back(row.getSeq());
      }
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> gone(GoneContext context) override {
    log_.gone.push_back(context.getParams().getCompartment());
    return kj::READY_NOW;
  }
  kj::Promise<void> again(AgainContext context) override {
    log_.again.push_back(context.getParams().getCompartment());
    return kj::READY_NOW;
  }
  kj::Promise<void> print(PrintContext) override { return kj::READY_NOW; }
  kj::Promise<void> settle(SettleContext) override {
    log_.settled = true;
    return kj::READY_NOW;
  }

 private:
  Log& log_;
};

// A compartment in this process: keeps what it got, and misbehaves as told.
struct Behaviour {
  std::vector<std::string> events;
  std::vector<std::string> answers;
  std::vector<std::string> laterAnswering;  // events whose answers may come later
  bool answersRegistered = false;           // all its events: only about what was registered for
  bool writesRows = false;
  uint64_t rowSeq = 0;              // 0: the item's own
  std::vector<std::string> redefs;  // the text of each
  bool asksHost = false;            // with each batch; FakeSupervisor has no answer and throws
  bool answersNothing = false;
  bool holds = false;  // answers when released
  bool holdsStart = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> held;
  std::vector<uint64_t> connections;  // that events were about, by number
  std::vector<uint64_t> forgotten;
  uint64_t batches = 0, items = 0, groups = 0, packetTimes = 0, maxItems = 0;
};

class Compartment final : public schemas::Package::Server {
 public:
  explicit Compartment(Behaviour& behaviour) : behaviour_(behaviour) {}
  kj::Promise<void> load(LoadContext context) override {
    host_ = context.getParams().getHost();
    auto loaded = context.getResults().initLoaded();
    auto redefs = loaded.initRedefs(static_cast<unsigned>(behaviour_.redefs.size()));
    for (unsigned i = 0; i < redefs.size(); ++i) redefs[i].setText(behaviour_.redefs[i]);
    auto demand = loaded.initDemand();
    auto events = demand.initEvents(static_cast<unsigned>(behaviour_.events.size()));
    for (unsigned i = 0; i < events.size(); ++i) {
      events.set(i, static_cast<uint16_t>(eventNamed(behaviour_.events[i])));
    }
    if (!behaviour_.answers.empty()) {
      auto names = demand.initAnswers(1);
      names.set(0, "f");
    }
    if (behaviour_.answersRegistered) {
      demand.setAnsweringEvents(demand.asReader().getEvents());
      demand.setRegisteredAnsweringEvents(demand.asReader().getEvents());
    }
    const auto& later = behaviour_.laterAnswering;
    auto answering = demand.initLaterAnsweringEvents(static_cast<unsigned>(later.size()));
    for (unsigned i = 0; i < answering.size(); ++i)
      answering.set(i, static_cast<uint16_t>(eventNamed(later[i])));
    return kj::READY_NOW;
  }
  kj::Promise<void> start(StartContext) override {
    if (!behaviour_.holdsStart) return kj::READY_NOW;
    auto paf = kj::newPromiseAndFulfiller<void>();
    behaviour_.held.push_back(kj::mv(paf.fulfiller));
    return kj::mv(paf.promise);
  }
  kj::Promise<void> deliver(DeliverContext context) override {
    if (behaviour_.asksHost) {
      auto request = host_.requestRequest();
      request.setFunction("system");
      asked_ = request.send().ignoreResult().eagerlyEvaluate([](kj::Exception&&) {});
    }
    if (behaviour_.answersNothing) return kj::NEVER_DONE;
    auto batch = context.getParams().getBatch();
    ++behaviour_.batches;
    behaviour_.maxItems = std::max<uint64_t>(behaviour_.maxItems, batch.getItems().size());
    behaviour_.packetTimes += batch.getPacketTimes().size();
    uint64_t last = 0;
    kj::Promise<void> written = kj::READY_NOW;
    for (auto item : batch.getItems()) {
      ++behaviour_.items;
      EXPECT_GT(item.getSeq(), last);
      last = item.getSeq();
      if (item.getDrainAfter()) ++behaviour_.groups;
      if (item.isForgetConnection()) behaviour_.forgotten.push_back(item.getForgetConnection());
      if (item.isEvent() && item.getEvent().getArgs()[0].isConnection())
        behaviour_.connections.push_back(item.getEvent().getArgs()[0].getConnection());
      if (behaviour_.writesRows && item.isEvent()) {
        auto request = host_.writeRowsRequest();
        auto row = request.initBatch().initRows(1)[0];
        row.setSeq(behaviour_.rowSeq != 0 ? behaviour_.rowSeq : item.getSeq());
        written = request.send();
      }
    }
    if (!behaviour_.answers.empty()) {
      auto answers =
          context.getResults().initAnswers(static_cast<unsigned>(behaviour_.answers.size()));
      for (unsigned i = 0; i < answers.size(); ++i) {
        answers[i].setFunction(behaviour_.answers[i]);
        answers[i].initArgs(1)[0].setCount(7);
      }
    }
    if (behaviour_.holds) {
      auto paf = kj::newPromiseAndFulfiller<void>();
      behaviour_.held.push_back(kj::mv(paf.fulfiller));
      return kj::mv(paf.promise);
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> finish(FinishContext) override { return kj::READY_NOW; }

 private:
  Behaviour& behaviour_;
  schemas::Host::Client host_ = nullptr;
  kj::Promise<void> asked_ = kj::READY_NOW;
};

class Target final : public events::AnswerTarget {
 public:
  std::vector<std::string> applied;
  std::string apply(const events::Answer& answer) override {
    applied.push_back(std::to_string(answer.subscriber) + ":" + std::string(answer.function) + "(" +
                      std::to_string(answer.args[0].number) + ")");
    return {};
  }
};

// By value in each test: KJ's destructors may throw, GoogleTest's fixtures may not.
class Bench {
 public:
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  Log log_;
  Surroundings surroundings_{.timer = io_.provider->getTimer(),
                             .supervisor = kj::heap<FakeSupervisor>(log_),
                             .logger = kj::heap<FakeLogger>(log_)};
  std::vector<kj::Own<kj::AsyncIoStream>> streams_;
  std::vector<kj::Own<capnp::TwoPartyClient>> servers_;
  BatchSink sink_{surroundings_, io_.waitScope};
  EventId event_ = eventNamed("new_connection");
  events::ConnectionState connection_;

  Subscriber& attach(uint32_t index, Behaviour& behaviour, bool again = false) {
    auto& subscriber = connect(index, behaviour, again);
    EXPECT_TRUE(load(subscriber).ready);
    return subscriber;
  }
  Subscriber::Loaded load(Subscriber& subscriber) {
    capnp::MallocMessageBuilder message;
    return subscriber.load(message.initRoot<schemas::Settings>().asReader()).wait(io_.waitScope);
  }
  Subscriber& connect(uint32_t index, Behaviour& behaviour, bool again = false) {
    auto pipe = io_.provider->newTwoWayPipe();
    servers_.push_back(kj::heap<capnp::TwoPartyClient>(
        *pipe.ends[1], kj::heap<Compartment>(behaviour), capnp::rpc::twoparty::Side::SERVER));
    streams_.push_back(kj::mv(pipe.ends[1]));
    return again ? sink_.addAgain(index, kj::mv(pipe.ends[0]))
                 : sink_.add(index, kj::mv(pipe.ends[0]));
  }
  void packets(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      sink_.setClock(1000 + static_cast<double>(i), 0);
      sink_.raise(event_, {Value::of(connection_)});
      sink_.drain();
    }
  }
  void packetOf(events::ConnectionState& connection) {
    sink_.setClock(clock_ += 1, 0);
    sink_.raise(event_, {Value::of(connection)});
    sink_.drain();
  }
  static void release(Behaviour& behaviour) {
    behaviour.holds = false;
    for (auto& each : behaviour.held) each->fulfill();
    behaviour.held.clear();
  }
  double clock_ = 2000;
  static uint64_t delivered(const Subscriber& subscriber) {
    capnp::MallocMessageBuilder message;
    auto to = message.initRoot<schemas::Subscriber>();
    subscriber.describe(to, {});
    uint64_t lost = 0;
    for (auto gap : to.getGaps()) lost += gap.getEvents();
    EXPECT_EQ(to.getEvents() + lost, to.getGenerated());
    return to.getEvents();
  }
};

}  // namespace bulkhead::worker
