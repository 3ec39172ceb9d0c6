#include "host/worker/batch-sink.h"

#include "schemas/wire/log-wire.h"

#include <kj/debug.h>

#include <algorithm>

namespace bulkhead::worker {

using events::ConnectionState;
using events::FileState;
using events::Value;

namespace {

// How many drain points pass before the event loop gets a turn although nobody waits: that is when
// acknowledgements and rows are taken.
constexpr uint32_t drainsPerTurn = 64;

std::string_view viewOf(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

}  // namespace

bool readValue(schemas::Value::Reader from, events::Arena& arena, int depth, size_t& valuesLeft,
               Value& to) {
  if (depth > maxValueDepth || valuesLeft == 0) return false;
  --valuesLeft;
  switch (from.which()) {
    case schemas::Value::BOOLEAN:
      to = Value::of(from.getBoolean());
      return true;
    case schemas::Value::COUNT:
      to = Value::count(from.getCount());
      return true;
    case schemas::Value::INTEGER:
      to = Value::integerOf(from.getInteger());
      return true;
    case schemas::Value::REAL:
      to = Value::realOf(from.getReal());
      return true;
    case schemas::Value::TIME:
      to = Value::timeOf(from.getTime());
      return true;
    case schemas::Value::INTERVAL:
      to = Value::intervalOf(from.getInterval());
      return true;
    case schemas::Value::TEXT:
      if (from.getText().size() > maxTextBytes) return false;
      to = Value::textOf(arena.copy(viewOf(from.getText())));
      return true;
    case schemas::Value::PATTERN:
      if (from.getPattern().size() > maxTextBytes) return false;
      to = Value::textOf(arena.copy(viewOf(from.getPattern())));
      return true;
    case schemas::Value::ENUM_NAME:
      to = Value::textOf(
          arena.copy(std::string_view(from.getEnumName().begin(), from.getEnumName().size())));
      return true;
    case schemas::Value::ENUMERATION:
      to = Value::enumOf(from.getEnumeration());
      return true;
    case schemas::Value::ADDR: {
      IpAddr address = wire::readAddress(from.getAddr());
      to = Value::addrOf(arena.copy(std::span<const IpAddr>(&address, 1))[0]);
      return true;
    }
    case schemas::Value::SUBNET: {
      IpAddr prefix = wire::readAddress(from.getSubnet().getPrefix());
      if (from.getSubnet().getWidth() > 128) return false;
      to = Value::subnetOf(arena.copy(std::span<const IpAddr>(&prefix, 1))[0],
                           from.getSubnet().getWidth());
      return true;
    }
    case schemas::Value::PORT:
      to = Value::portOf(wire::unpackPort(from.getPort()));
      return true;
    case schemas::Value::LIST:
    case schemas::Value::TABLE: {
      bool isList = from.which() == schemas::Value::LIST;
      auto list = isList ? from.getList() : from.getTable();
      if (list.size() > valuesLeft) return false;
      std::vector<Value> items(list.size());
      for (unsigned i = 0; i < list.size(); ++i) {
        if (!readValue(list[i], arena, depth + 1, valuesLeft, items[i])) return false;
      }
      auto kept = arena.copy(std::span<const Value>(items));
      to = isList ? Value::listOf(kept) : Value::tableOf(kept);
      return true;
    }
    case schemas::Value::ABSENT:
    case schemas::Value::CONNECTION:
    case schemas::Value::FILE:
      // A connection is named by its id, a file by its fuid: numbers would have to be looked up.
      to = Value();
      return true;
  }
  to = Value();
  return true;
}

namespace {

// False if they are more than is taken.
bool readValues(capnp::List<schemas::Value>::Reader from, events::Arena& arena,
                std::vector<Value>& to) {
  size_t left = maxValues;
  if (from.size() > left) return false;
  to.resize(from.size());
  for (unsigned i = 0; i < from.size(); ++i) {
    if (!readValue(from[i], arena, 0, left, to[i])) return false;
  }
  return true;
}

bool hasTakenOff(const ConnectionState& connection, uint32_t subscriber, uint32_t analyzer) {
  if (connection.sent.size() <= subscriber) return false;
  const auto& off = connection.sent[subscriber].off;
  return std::find(off.begin(), off.end(), analyzer) != off.end();
}

}  // namespace

BatchSink::BatchSink(Surroundings& surroundings, kj::WaitScope& waitScope)
    : surroundings_(surroundings), waitScope_(waitScope) {}

BatchSink::~BatchSink() = default;

Subscriber& BatchSink::add(uint32_t index, kj::Own<kj::AsyncIoStream> socket) {
  KJ_REQUIRE(subscribers_.empty() || subscribers_.back()->index() < index,
             "compartments are attached in the order of their index", index);
  subscribers_.push_back(std::make_unique<Subscriber>(surroundings_, index, kj::mv(socket)));
  return *subscribers_.back();
}

template <typename Call>
void BatchSink::everywhere(Call call) {
  auto promises = kj::heapArrayBuilder<kj::Promise<void>>(subscribers_.size());
  for (auto& each : subscribers_) promises.add(call(*each));
  kj::joinPromises(promises.finish()).wait(waitScope_);
}

void BatchSink::start(double networkTime) {
  clock_.networkTime = networkTime;
  drained_ = ++seq_;
  everywhere([this](Subscriber& each) { return each.start(clock_.networkTime, seq_); });
  recomputeWanted();
  markAll(true);
}

template <typename Response>
void BatchSink::applyAnswers(Subscriber& subscriber, Response& response) {
  capnp::List<schemas::Answer>::Reader answers;
  if (subscriber.reads([&]() { answers = response.getAnswers(); })) apply(subscriber, answers);
}

void BatchSink::applyStartAnswers() {
  for (auto& each : subscribers_) {
    KJ_IF_MAYBE (response, each->started()) {
      applyAnswers(*each, *response);
    }
  }
}

void BatchSink::recomputeWanted() {
  wanted_.reset();
  awaited_.reset();
  alive_ = 0;
  for (auto& each : subscribers_) {
    if (!each->ready()) continue;
    wanted_ |= each->demand().events;
    awaited_ |= each->demand().answering;
    ++alive_;
  }
}

void BatchSink::setClock(double networkTime, double dueTime) {
  if (!inPacket_) {
    // Before the packet's timers: no answer is late for one that it sets, unless that is shorter.
    if (owing_ && networkTime - owedSince_ >= answerLag) settle();
    inPacket_ = true;
    packetTimePending_ = true;
    clock_.packetSeq = ++seq_;
  }
  clock_.networkTime = networkTime;
  clock_.dueTime = dueTime;
}

void BatchSink::addPacketTime() {
  packetTimePending_ = false;
  const bool live = surroundings_.live;
  for (auto& each : subscribers_) {
    if (!each->ready() || !each->demand().timers || each->suspended()) continue;
    if (live) {
      // Only who has something to do then is woken.
      const double due = each->nextTimer();
      if (!tickAll_ && (due == 0 || due > clock_.networkTime)) continue;
      each->setNextTimer(0);
    }
    each->open(drained_).addPacketTime(clock_.packetSeq, clock_.networkTime);
  }
  tickAll_ = false;
}

void BatchSink::raise(events::EventId event, std::span<const Value> args) {
  addEvent(event, args, true);
}

void BatchSink::raiseUnregistered(events::EventId event, std::span<const Value> args) {
  addEvent(event, args, false);
}

void BatchSink::addEvent(events::EventId event, std::span<const Value> args, bool registered) {
  auto bit = static_cast<size_t>(event);
  if (!wanted_.test(bit)) return;
  // What a timer of the worker raised comes before the packet's time, all else after it.
  if (packetTimePending_ && clock_.dueTime == 0) addPacketTime();
  ++seq_;
  ObjectNumbers numbers;
  if (surroundings_.live) numbers = numbersOf(args);
  for (auto& each : subscribers_) {
    if (!each->ready() || !each->demand().events.test(bit)) continue;
    if (clock_.analyzer != 0 && hasTakenOff(*analyzed_, each->index(), clock_.analyzer)) continue;
    each->countGenerated(seq_);
    if (surroundings_.live && !each->takes(seq_, numbers)) continue;
    each->splitIfFull(drained_);
    each->open(drained_).addEvent(seq_, clock_, event, args, packet_);
    const auto& demand = each->demand();
    if (demand.answering.test(bit) && (registered || !demand.answeringRegistered.test(bit)))
      each->await();
    if (demand.answeringLater.test(bit)) {
      each->owe();
      if (!owing_) owedSince_ = clock_.networkTime;
      owing_ = true;
    }
  }
  arena_.reset();
}

void BatchSink::forget(ConnectionState& connection) {
  ++seq_;
  for (auto& each : subscribers_) {
    auto index = each->index();
    if (!each->ready() || connection.sent.size() <= index || !connection.sent[index].known)
      continue;
    if (each->forgets(connection.number, false))
      each->open(drained_).addForget(seq_, clock_, connection);
    connection.sent[index].known = false;
  }
}

void BatchSink::forget(FileState& file) {
  ++seq_;
  for (auto& each : subscribers_) {
    auto index = each->index();
    if (!each->ready() || file.sentVersion.size() <= index || file.sentVersion[index] == 0)
      continue;
    if (each->forgets(file.number, true)) each->open(drained_).addForget(seq_, clock_, file);
    file.sentVersion[index] = 0;
  }
}

void BatchSink::drain() {
  if (packetTimePending_) addPacketTime();
  inPacket_ = false;
  clock_.dueTime = 0;
  drained_ = seq_;
  bool exchanging = false;
  for (auto& each : subscribers_) {
    each->drain(seq_, clock_);
    exchanging = exchanging || (each->ready() && each->awaiting());
  }
  if (exchanging) exchange();
  makeRoom();
  if (++drainsSinceTurn_ >= drainsPerTurn) {
    drainsSinceTurn_ = 0;
    waitScope_.poll();
    markAll(false);
  }
  size_t alive = 0;
  for (auto& each : subscribers_) alive += each->ready() ? 1 : 0;
  if (alive != alive_) recomputeWanted();
}

void BatchSink::makeRoom() {
  if (surroundings_.live) {
    // What has been acknowledged but not yet read counts for it.
    if (std::any_of(subscribers_.begin(), subscribers_.end(),
                    [](const auto& each) { return each->lags(); }))
      waitScope_.poll();
    for (auto& each : subscribers_) each->keepUp(seq_, clock_, newest_);
    drained_ = seq_;
    // The logger is the host's own: if the site's rows do not get to the disk, packets are lost
    // where it is counted. A package that writes too much is ended for it (maxRelayBytes).
    while (!subscribers_.empty() && subscribers_.front()->relayBytes() > relayPauseBytes)
      waitForRelays();
    return;
  }
  for (auto& each : subscribers_) {
    while (each->isFull()) each->nextAcknowledgement().wait(waitScope_);
  }
  while (surroundings_.relayBytes > relayPauseBytes) waitForRelays();
}

void BatchSink::waitForRelays() {
  auto paf = kj::newPromiseAndFulfiller<void>();
  surroundings_.relayWaiter = kj::mv(paf.fulfiller);
  paf.promise.wait(waitScope_);
}

void BatchSink::settle() {
  if (!owing_) return;
  owing_ = false;
  for (auto& each : subscribers_) each->awaitOwed(drained_);
  exchange();
}

void BatchSink::exchange() {
  if (surroundings_.live) return exchangeLive();
  exchangeOffline();
}

void BatchSink::exchangeOffline() {
  // All were sent before any is waited for: they compute at the same time.
  for (auto& each : subscribers_) {
    while (each->ready() && each->awaiting() && !each->isIdle()) {
      each->nextAcknowledgement().wait(waitScope_);
    }
  }
  for (auto& each : subscribers_) {
    if (each->awaiting()) apply(*each);
  }
}

void BatchSink::apply(Subscriber& subscriber) {
  auto messages = subscriber.takeAnswers();
  for (auto& message : messages) applyAnswers(subscriber, *message);
  subscriber.giveBack(std::move(messages));
}

void BatchSink::apply(Subscriber& subscriber, capnp::List<schemas::Answer>::Reader answers) {
  if (target_ == nullptr) return;
  for (auto answer : answers) {
    if (!subscriber.alive()) return;
    // The base library runs in every compartment: what it says counts once, from the site.
    if (answer.getFromBase() && !subscriber.isSite()) continue;
    answerArena_.reset();
    std::vector<Value> args;
    capnp::Text::Reader function;
    bool within = false;
    if (!subscriber.reads([&]() {
          within = readValues(answer.getArgs(), answerArena_, args);
          function = answer.getFunction();
        })) {
      return;
    }
    if (!within) {
      subscriber.end("gave an overlong answer");
      return;
    }
    auto why = target_->apply({.subscriber = subscriber.index(),
                               .seq = answer.getSeq(),
                               .function = {function.begin(), function.size()},
                               .args = args});
    if (!why.empty() && refused_) refused_(subscriber.index(), why);
  }
}

void BatchSink::endOfTrace() {
  ++seq_;
  clock_.dueTime = 0;
  clock_.packetSeq = seq_;
  for (auto& each : subscribers_) {
    if (each->ready()) each->open(drained_).addEndOfTrace(seq_, clock_);
  }
  drain();
  settle();
}

void BatchSink::finish() {
  drain();
  uint64_t seq = ++seq_;
  drained_ = seq;
  for (auto& [index, joining] : joining_) {
    if (joining.subscriber) joining.subscriber->dismiss();
  }
  everywhere([this, seq](Subscriber& each) { return each.finish(clock_, seq); });
  markAll(true);
  for (auto& each : subscribers_) each->sendRows();
  while (surroundings_.relays > 0) waitForRelays();
  // Those calls have left; what they carried has arrived when the logger answers this one.
  surroundings_.logger.settleRequest()
      .send()
      .ignoreResult()
      .catch_([](kj::Exception&&) {
        // The supervisor sees for itself that the logger is gone.
      })
      .wait(waitScope_);
}

bool BatchSink::terminated() const {
  return !subscribers_.empty() && subscribers_.front()->terminated();
}

void BatchSink::markAll(bool must) {
  for (auto& each : subscribers_) each->mark(drained_, must);
}

}  // namespace bulkhead::worker
