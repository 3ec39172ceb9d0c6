// The event queue, timers and `when`.

#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/vm-impl.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::vm {

namespace {

// Of two timers the one that fires later, for std::push_heap's idea of order.
bool firesLater(const Timer& a, const Timer& b) {
  return a.due != b.due ? a.due > b.due : a.order > b.order;
}

// Rounds of events and whens in one drain(); a when that always fires anew must not hold the Vm.
constexpr int maxWhenRounds = 1000;
// More are not queued at once as a rule.
constexpr size_t mostSpareArguments = 64;

}  // namespace

// ---- Events

bool Vm::Impl::queue(EventId event, std::vector<Slot> arguments, Cause because, double time) {
  if (events.size() >= limits.queuedEvents) {
    releaseArguments(event, arguments);
    return fail("too many queued events");
  }
  ++counters.eventsRaised;
  events.push_back({event, because, time, std::move(arguments)});
  return true;
}

void Vm::Impl::releaseArguments(EventId event, std::vector<Slot>& arguments) {
  const auto& parameters = program.functions[program.events[event].function].type->parameters();
  for (size_t i = 0; i < arguments.size() && i < parameters.size(); ++i) {
    if (parameters[i].type->isManaged()) release(arguments[i]);
  }
  arguments.clear();
}

void Vm::Impl::runHandlers(EventId event, std::span<const Slot> arguments, Cause because,
                           double time) {
  const Function& function = program.functions[program.events[event].function];
  ++eventCalls[event];
  Cause before = cause;
  uint32_t framesBefore = packageFrames;
  std::optional<double> timeBefore = std::exchange(eventTime, time);
  cause = because;
  packageFrames = 0;
  for (const Body& body : function.bodies) {
    if (!bodyEnabled(body)) continue;
    const Code& code = program.codes[body.code];
    ++counters.bodiesRun;
    assert(arguments.size() == code.parameterCount);
    RunResult result = execute(code, arguments, nullptr);
    if (result.status == RunStatus::failed) ++counters.bodiesAbandoned;
  }
  cause = before;
  packageFrames = framesBefore;
  eventTime = timeBefore;
}

std::optional<double> Vm::eventTime() const { return impl_->eventTime; }

bool Vm::raise(EventId event, std::span<const Slot> arguments) {
  Impl& impl = *impl_;
  if (!impl.program.hasHandlers(event)) return true;
  if (impl.events.size() >= impl.limits.queuedEvents) return false;
  const auto& parameters =
      impl.program.functions[impl.program.events[event].function].type->parameters();
  assert(arguments.size() == parameters.size());
  std::vector<Slot> owned = spareArguments();
  owned.assign(arguments.begin(), arguments.end());
  for (size_t i = 0; i < owned.size(); ++i) {
    if (parameters[i].type->isManaged()) retain(owned[i]);
  }
  return impl.queue(event, std::move(owned), impl.causeNow(), impl.networkTime);
}

bool Vm::raiseOwned(EventId event, std::vector<Slot> arguments) {
  Impl& impl = *impl_;
  const bool handled = impl.program.hasHandlers(event);
  if (handled && impl.events.size() < impl.limits.queuedEvents)
    return impl.queue(event, std::move(arguments), impl.causeNow(), impl.networkTime);
  impl.releaseArguments(event, arguments);
  return !handled;
}

std::vector<Slot> Vm::spareArguments() {
  auto& spare = impl_->spareArguments;
  if (spare.empty()) return {};
  std::vector<Slot> out = std::move(spare.back());
  spare.pop_back();
  return out;
}

void Vm::dispatch(EventId event, std::span<const Slot> arguments) {
  if (!impl_->program.hasHandlers(event)) return;
  impl_->runHandlers(event, arguments, impl_->causeNow(), impl_->networkTime);
}

void Vm::drain() {
  Impl& impl = *impl_;
  if (impl.draining) return;
  impl.armNew();
  impl.draining = true;
  for (int round = 0; round < maxWhenRounds; ++round) {
    while (!impl.events.empty()) {
      QueuedEvent next = std::move(impl.events.front());
      impl.events.pop_front();
      impl.runHandlers(next.event, next.arguments, next.cause, next.time);
      impl.releaseArguments(next.event, next.arguments);
      if (impl.spareArguments.size() < mostSpareArguments)
        impl.spareArguments.push_back(std::move(next.arguments));
    }
    if (impl.whens.empty() || !impl.lookAtWhens()) break;
  }
  if (impl.whens.empty() && impl.heap.hasChanges()) impl.heap.takeChanges();
  impl.closeDroppedFiles();
  impl.draining = false;
}

// ---- Timers

bool Vm::Impl::addTimer(Timer timer) {
  if (timers.size() >= limits.timers) {
    if (timer.kind == Timer::Kind::event) releaseArguments(timer.event, timer.arguments);
    return fail("too many timers");
  }
  timer.order = timerOrder++;
  timers.push_back(std::move(timer));
  std::push_heap(timers.begin(), timers.end(), firesLater);
  return true;
}

void Vm::Impl::fireTimer(Timer timer, bool atEnd) {
  switch (timer.kind) {
    case Timer::Kind::event:
      if (program.hasHandlers(timer.event)) {
        queue(timer.event, std::move(timer.arguments), timer.cause,
              atEnd ? networkTime : timer.due);
      } else {
        releaseArguments(timer.event, timer.arguments);
      }
      return;
    case Timer::Kind::expireTable:
      expire(timer);
      return;
    case Timer::Kind::when:
      timeOut(timer.when);
      return;
    case Timer::Kind::extension:
      timer.extension->timerDue(timer.when, atEnd);
      return;
  }
}

void Vm::advanceTime(double seconds) {
  if (seconds > impl_->networkTime) setNetworkTime(seconds);
  fireTimers(impl_->networkTime);
}

void Vm::fireTimers(double upTo, std::optional<uint64_t> root) {
  Impl& impl = *impl_;
  impl.armNew();
  // Timers that firing adds for this very moment wait for the next call, or a zero delay would
  // spin.
  uint64_t before = impl.timerOrder;
  std::vector<Timer> later;
  while (!impl.timers.empty() && impl.timers.front().due <= upTo) {
    std::pop_heap(impl.timers.begin(), impl.timers.end(), firesLater);
    Timer timer = std::move(impl.timers.back());
    impl.timers.pop_back();
    // At the end of a run others fire ahead of time; what would expire then stays.
    const bool ahead = timer.kind == Timer::Kind::expireTable && timer.due > impl.networkTime;
    if (timer.order >= before || ahead) {
      later.push_back(std::move(timer));
      continue;
    }
    if (root) {
      timer.cause.rootSeq = *root;
      auto when = impl.whens.find(timer.when);
      if (timer.kind == Timer::Kind::when && when != impl.whens.end())
        when->second->cause.rootSeq = *root;
    }
    impl.fireTimer(std::move(timer));
  }
  for (Timer& timer : later) {
    impl.timers.push_back(std::move(timer));
    std::push_heap(impl.timers.begin(), impl.timers.end(), firesLater);
  }
  for (auto& [id, state] : impl.whens) {
    if (state->site->alwaysLook) state->dirty = true;
  }
}

void Vm::expireTimers() {
  Impl& impl = *impl_;
  for (auto& [id, state] : impl.whens) state->clockUnknown = false;
  std::vector<Timer> pending = std::exchange(impl.timers, {});
  std::sort(pending.begin(), pending.end(),
            [](const Timer& a, const Timer& b) { return firesLater(b, a); });
  for (Timer& timer : pending) {
    if (timer.kind != Timer::Kind::expireTable) impl.fireTimer(std::move(timer), true);
  }
}

bool Vm::wakeAt(double due, Extension& who, uint64_t tag) {
  if (impl_->timers.size() >= impl_->limits.timers) return false;
  Timer timer;
  timer.due = due;
  timer.kind = Timer::Kind::extension;
  timer.when = tag;
  timer.extension = &who;
  return impl_->addTimer(std::move(timer));
}

std::optional<double> Vm::nextTimer() const {
  if (impl_->timers.empty()) return std::nullopt;
  return impl_->timers.front().due;
}

// ---- when

bool Vm::Impl::startWhen(const Code& home, const WhenSite& site, Slot closure, double timeout,
                         bool hasTimeout) {
  auto state = std::make_unique<WhenState>();
  state->id = nextWhen++;
  state->home = &home;
  state->site = &site;
  state->closure = Ref<FunctionObject>::share(&functionOf(closure));
  state->cause = causeNow();
  if (hasTimeout) {
    state->timeout = std::max(timeout, 0.0);
    state->clockUnknown = networkTime == 0;
    state->deadline = networkTime + state->timeout;
    Timer timer;
    timer.due = state->deadline;
    timer.kind = Timer::Kind::when;
    timer.cause = state->cause;
    timer.when = state->id;
    if (!addTimer(std::move(timer))) return false;
  }
  for (uint32_t global : site.globals) globalFlags[global] |= globalWatched;
  bool suspend = false;
  if (site.returns) {
    if (activeWhen == nullptr || !activeWhen->inCondition) {
      return fail("return when is possible only inside the condition of another when");
    }
    // The caller's call is what waits: the frame of this function does not count.
    Frame own = frames.back();
    frames.pop_back();
    uint64_t place = placeOfCall();
    frames.push_back(own);
    if (activeWhen->waiting.contains(place)) {
      status = RunStatus::deferred;
      return false;
    }
    AsyncToken token = nextToken++;
    activeWhen->waiting.emplace(place, token);
    pendingAnswers.emplace(token, PendingAnswer{activeWhen->id, place});
    state->returnTo = token;
    suspend = true;
  }
  uint64_t id = state->id;
  WhenState& added = *state;
  whens.emplace(id, std::move(state));
  // The condition is looked at right away, from where the statement stands.
  if (lookAt(added)) whens.erase(id);
  if (suspend) {
    status = RunStatus::deferred;
    return false;
  }
  return true;
}

bool Vm::Impl::lookAt(WhenState& state) {
  Cause causeBefore = cause;
  WhenState* activeBefore = activeWhen;
  size_t frameBefore = activeWhenFrame;
  RunStatus statusBefore = status;
  uint32_t packageBefore = packageFrames;
  cause = state.cause;
  packageFrames = 0;
  activeWhen = &state;
  activeWhenFrame = frames.size();
  state.inCondition = true;
  state.running = true;
  state.dirty = false;
  state.watched.clear();
  auto closure = state.closure;
  RunResult result = execute(program.codes[state.site->body], {}, closure.get());
  activeWhen = activeBefore;
  activeWhenFrame = frameBefore;
  cause = causeBefore;
  packageFrames = packageBefore;
  status = statusBefore;
  // A condition that fails may hold once what it reads has changed.
  const bool failedCondition =
      result.status == RunStatus::failed && state.inCondition && !state.site->globals.empty();
  state.failed = failedCondition;
  state.inCondition = false;
  state.running = false;
  if (state.lost) {
    runTimeout(state);
    return true;
  }
  if (result.status == RunStatus::waiting || result.status == RunStatus::deferred ||
      failedCondition)
    return false;
  if (state.returnTo != 0) {
    const Type* type = program.functions[closure->function].type->result();
    bool abandoned = result.status != RunStatus::done || type->is(types::Tag::void_);
    deliver(state.returnTo, abandoned ? Value() : Value::adopt(type, result.value), abandoned);
  }
  return true;
}

void Vm::Impl::watch(WhenState& state, Slot object) {
  for (const Ref<Object>& known : state.watched)
    if (&*known == object.object) return;
  if (state.watched.size() >= WhenState::mostWatched) return;
  object.object->flags |= objectWatched;
  state.watched.push_back(Ref<Object>::share(object.object));
}

bool Vm::Impl::dependsOn(const WhenState& state, const void* changed) const {
  for (uint32_t global : state.site->globals)
    if (&globals[global] == changed) return true;
  for (const Ref<Object>& object : state.watched)
    if (&*object == changed) return true;
  return false;
}

// Those whose ground moved, in the order in which it did, then those that are always looked at.
bool Vm::Impl::lookAtWhens() {
  Heap::Changes changes = heap.takeChanges();
  bool any = false;
  std::vector<uint64_t> ids;
  std::unordered_set<uint64_t> listed;
  for (const void* changed : changes.what)
    for (auto& [id, state] : whens)
      if (dependsOn(*state, changed) && listed.insert(id).second) ids.push_back(id);
  for (auto& [id, state] : whens) {
    bool look = changes.tooMany ||
                (!state->failed && (state->dirty || (state->site->alwaysLook && !events.empty())));
    if (look && listed.insert(id).second) ids.push_back(id);
  }
  for (uint64_t id : ids) {
    auto it = whens.find(id);
    if (it == whens.end()) continue;
    if (lookAt(*it->second)) {
      whens.erase(id);
      any = true;
    }
  }
  return any || !events.empty();
}

void Vm::Impl::timeOut(uint64_t id, bool ended) {
  auto it = whens.find(id);
  if (it == whens.end()) return;
  if (it->second->clockUnknown && networkTime != 0 && !ended) {
    it->second->clockUnknown = false;
    it->second->deadline = networkTime + it->second->timeout;
    Timer timer;
    timer.due = it->second->deadline;
    timer.kind = Timer::Kind::when;
    timer.cause = it->second->cause;
    timer.when = id;
    addTimer(std::move(timer));
    return;
  }
  std::unique_ptr<WhenState> state = std::move(it->second);
  whens.erase(it);
  runTimeout(*state);
}

void Vm::Impl::runTimeout(WhenState& state) {
  Cause causeBefore = cause;
  cause = state.cause;
  RunResult result{RunStatus::failed};
  if (state.site->timeoutBody != noFunction) {
    result = execute(program.codes[static_cast<size_t>(state.site->timeoutBody)], {},
                     state.closure.get());
  }
  cause = causeBefore;
  if (state.returnTo != 0) {
    const Type* type = program.functions[state.closure->function].type->result();
    bool abandoned = result.status != RunStatus::done || type->is(types::Tag::void_);
    deliver(state.returnTo, abandoned ? Value() : Value::adopt(type, result.value), abandoned);
  }
}

// Where the call that runs now stands, counted from the frame of the active when: the same place
// gets the same answer when the condition is looked at again.
uint64_t Vm::Impl::placeOfCall() const {
  uint64_t place = 0;
  for (size_t i = activeWhenFrame; i < frames.size(); ++i) {
    place = mix(place ^ reinterpret_cast<uintptr_t>(frames[i].pc));
  }
  return place;
}

bool Vm::Impl::answered(uint64_t place, Slot& value, const Type* type) {
  auto it = activeWhen->answers.find(place);
  if (it == activeWhen->answers.end()) return false;
  value = it->second.slot();
  if (type->isManaged()) retain(value);
  return true;
}

void Vm::Impl::deliver(AsyncToken token, Value value, bool abandoned) {
  auto it = pendingAnswers.find(token);
  if (it == pendingAnswers.end()) return;
  PendingAnswer answer = it->second;
  pendingAnswers.erase(it);
  auto when = whens.find(answer.when);
  if (when == whens.end()) return;
  when->second->waiting.erase(answer.place);
  if (abandoned && when->second->running) {
    when->second->lost = true;
    return;
  }
  if (abandoned) {
    timeOut(answer.when, true);
    return;
  }
  when->second->answers.insert_or_assign(answer.place, std::move(value));
  when->second->dirty = true;
}

void Vm::complete(AsyncToken token, Value value) { impl_->deliver(token, std::move(value), false); }
void Vm::abandonAsync(AsyncToken token) { impl_->deliver(token, Value(), true); }

}  // namespace bulkhead::vm
