// Of a BatchSink what happens only live: nobody waits, and compartments come back.

#include "host/worker/batch-sink.h"

#include <kj/debug.h>

#include <algorithm>
#include <ctime>

namespace bulkhead::worker {

using events::Value;

namespace {

uint32_t nowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

void look(const Value& value, ObjectNumbers& to) {
  auto connection = [&to](uint64_t number) {
    to.oldestConnection = std::min(to.oldestConnection, number);
    to.newestConnection = std::max(to.newestConnection, number);
  };
  switch (value.kind) {
    case Value::Kind::connection:
      connection(value.connectionState->number);
      break;
    case Value::Kind::file:
      for (const auto* each : value.fileState->connections) connection(each->number);
      to.oldestFile = std::min(to.oldestFile, value.fileState->number);
      to.newestFile = std::max(to.newestFile, value.fileState->number);
      break;
    case Value::Kind::list:
    case Value::Kind::table:
      for (const auto& item : value.list()) look(item, to);
      break;
    default:
      break;
  }
}

}  // namespace

ObjectNumbers BatchSink::numbersOf(std::span<const Value> args) {
  ObjectNumbers numbers;
  for (const auto& each : args) look(each, numbers);
  newest_.newestConnection = std::max(newest_.newestConnection, numbers.newestConnection);
  newest_.newestFile = std::max(newest_.newestFile, numbers.newestFile);
  return numbers;
}

void BatchSink::exchangeLive() {
  // All were sent before any is waited for, so each one's patience runs from here.
  for (auto& each : subscribers_) {
    if (!each->ready() || !each->awaiting()) continue;
    const uint32_t patience = each->patienceMs();
    const uint32_t begin = nowMs();
    uint32_t spent = 0;
    while (each->ready() && !each->isIdle() && spent < patience) {
      each->nextAcknowledgement()
          .exclusiveJoin(surroundings_.timer.afterDelay((patience - spent) * kj::MILLISECONDS))
          .wait(waitScope_);
      spent = nowMs() - begin;
    }
    each->waited(spent, each->ready() && !each->isIdle());
  }
  for (auto& each : subscribers_) {
    if (each->awaiting()) apply(*each);
  }
}

void BatchSink::flush(bool idle) {
  for (auto& each : subscribers_) {
    // To one that lags, fewer and fuller batches.
    if (each->ready() && each->batchesInFlight() < maxBatchesInFlight)
      each->sendOpenBatch(drained_);
  }
  waitScope_.poll();
  for (auto& each : subscribers_) each->sendRows();
  admit();
  drain();
  markAll(idle);
}

double BatchSink::nextTimer() const {
  double next = 0;
  for (const auto& each : subscribers_) {
    if (!each->ready() || each->suspended() || each->nextTimer() == 0) continue;
    if (next == 0 || each->nextTimer() < next) next = each->nextTimer();
  }
  return next;
}

size_t BatchSink::batchesInFlight() const {
  size_t count = 0;
  for (const auto& each : subscribers_) count += each->ready() ? each->batchesInFlight() : 0;
  return count;
}

Subscriber& BatchSink::addAgain(uint32_t index, kj::Own<kj::AsyncIoStream> socket) {
  auto place = std::find_if(subscribers_.begin(), subscribers_.end(),
                            [index](const auto& each) { return each->index() == index; });
  KJ_REQUIRE(surroundings_.live && place != subscribers_.end() && !(*place)->alive(),
             "no compartment of this index has ended", index);
  auto& joining = joining_[index];
  KJ_REQUIRE(joining.subscriber == nullptr || !joining.subscriber->alive(),
             "another process of it is on its way", index);
  // Who had failed to join goes here; nothing of it was ever counted.
  joining = Joining{std::make_unique<Subscriber>(surroundings_, index, kj::mv(socket))};
  auto request = surroundings_.logger.againRequest();
  request.setCompartment(index);
  joining.subscriber->relay(request.send(), 0);
  return *joining.subscriber;
}

void BatchSink::admit() {
  for (auto& [index, joining] : joining_) {
    if (!joining.subscriber || joining.starting || !joining.subscriber->ready()) continue;
    joining.starting = true;
    drained_ = ++seq_;
    bool& started = joining.started;
    auto* subscriber = joining.subscriber.get();
    subscriber->relay(subscriber->start(clock_.networkTime, seq_).then([this, &started]() {
      started = true;
      surroundings_.stir();
    }),
                      0);
  }
  bool changed = false;
  for (auto it = joining_.begin(); it != joining_.end();) {
    auto& [index, joining] = *it;
    if (!joining.started || !joining.subscriber->ready()) {
      ++it;
      continue;
    }
    for (auto& place : subscribers_) {
      if (place->index() != index) continue;
      joining.subscriber->beginAfter(newest_.newestConnection, newest_.newestFile);
      earlier_[index].add(place->tally());
      place = std::move(joining.subscriber);
      changed = true;
    }
    it = joining_.erase(it);
  }
  if (changed) recomputeWanted();
}

void BatchSink::describe(capnp::List<schemas::Subscriber>::Builder to) const {
  for (unsigned i = 0; i < to.size(); ++i) {
    auto found = earlier_.find(subscribers_[i]->index());
    subscribers_[i]->describe(to[i], found == earlier_.end() ? Subscriber::Tally{} : found->second);
  }
}

}  // namespace bulkhead::worker
