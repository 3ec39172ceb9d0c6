#include "host/worker-program/run.h"

#include "host/analyzers/files/file-manager.h"
#include "host/flow/engine.h"
#include "host/worker-program/analysis-options.h"
#include "host/worker-program/steering.h"

#include <algorithm>
#include <ctime>
#include <poll.h>
#include <sys/stat.h>

namespace bulkhead::worker {

namespace {

using analyzers::files::FileManager;
using analyzers::files::FuidMaker;
using capture::PacketSource;

constexpr int64_t lookEveryMs = 200;
// Packets between looks at the clock, and reads of the file between turns of the event loop: a
// filter may let nothing through for long.
constexpr uint64_t packetsPerLook = 64;
constexpr uint32_t readsPerTurn = 16;
constexpr kj::Duration pipePatience = 100 * kj::MILLISECONDS;  // between looks at `stop`
// Live: a batch waits no longer than that, looked at after so many packets.
constexpr int64_t flushEveryNs = 1'000'000;
constexpr uint64_t packetsPerBeat = 16;
// Live: every compartment learns the time so often, and one with timers at most that often,
// whatever it says when they are due.
constexpr double tickEvery = 1;
constexpr double advanceEvery = 0.01;
// What the kernel stamped so long ago has reached the socket.
constexpr double stampToSocket = 0.001;
constexpr size_t maxRefusals = 100;  // told, for each subscriber
constexpr uint8_t errorLevel = 2;    // schemas::Host::Level::ERROR as the supervisor reads it

int64_t nowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

int64_t nowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

double wallClock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

// In the order in which they need each other.
struct Run::Analysis {
  AnalysisOptions options;
  flow::TimerQueue timers;
  FileManager files;
  Steering steering;
  std::optional<flow::Engine> engine;

  Analysis(BatchSink& sink, AnalysisOptions o)
      : options(std::move(o)),
        files(sink, timers,
              options.digestSalt.empty() ? FuidMaker::defaultSalt
                                         : std::string_view(options.digestSalt)) {
    steering.setFiles(files);
  }
  void setSubscribers(size_t count) {
    files.setSubscribers(std::max<size_t>(count, 1));
    steering.setSubscribers(std::max<size_t>(count, 1));
  }
};

Run::Run(Surroundings& surroundings, BatchSink& sink, PacketSource* source, int descriptor,
         const bool& stop, kj::UnixEventPort& port, kj::WaitScope& waitScope)
    : surroundings_(surroundings),
      sink_(sink),
      source_(source),
      stop_(stop),
      waitScope_(waitScope),
      descriptor_(descriptor) {
  struct stat status {};
  if (source_ && fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
    pipe_ = kj::heap<kj::UnixEventPort::FdObserver>(port, descriptor,
                                                    kj::UnixEventPort::FdObserver::OBSERVE_READ);
  }
}

void Run::go(const RunSettings& settings, schemas::Result::Builder result) {
  // With a trace, its first packet sets the clock.
  sink_.start(source_ && !settings.live ? 0 : wallClock());

  AnalysisOptions options;
  options.engine.ignoreChecksums = settings.ignoreChecksums;
  options.engine.seed = settings.seed;
  if (!sink_.subscribers().empty() && sink_.subscribers().front()->isSite()) {
    KJ_IF_MAYBE (response, sink_.subscribers().front()->started()) {
      for (const auto& why : options.take(response->getOptions())) refused(0, why);
    }
  }
  {
    Analysis analysis(sink_, std::move(options));
    analysis.setSubscribers(sink_.alive());
    sink_.setAnswerTarget(&analysis.steering);
    sink_.setRefused([this](uint32_t who, const std::string& why) { refused(who, why); });
    KJ_DEFER(sink_.setAnswerTarget(nullptr));
    sink_.applyStartAnswers();
    analysis.engine.emplace(sink_, analysis.files, analysis.timers, analysis.steering.analyzers(),
                            analysis.options.engine);
    analysis.steering.setEngine(*analysis.engine);
    if (source_ && settings.live) {
      readLive(analysis);
    } else if (source_) {
      read(analysis);
    }
    sink_.endOfTrace();
    analysis.engine->finish();
    analysis.files.finish(analysis.engine->networkTime());
    sink_.finish();
  }
  kj::mv(progress_).wait(waitScope_);

  result.setPackets(packets_);
  result.setBytes(source_ && !source_->isLive() ? source_->bytesRead() : bytes_);
  result.setFirstTime(firstTime_);
  result.setLastTime(lastTime_);
  result.setError(error_);
  result.setTerminated(sink_.terminated());
  if (source_) result.setDropped(source_->statistics().dropped);
  sink_.describe(result.initSubscribers(static_cast<unsigned>(sink_.subscribers().size())));
}

void Run::read(Analysis& analysis) {
  size_t alive = sink_.alive();
  source_->setBeforeRead([this]() { return beforeRead(); });
  KJ_DEFER(source_->setBeforeRead({}));
  capture::Packet packet;
  while (!stop_ && !sink_.terminated()) {
    auto read = source_->next(packet);
    if (read == PacketSource::Read::error) {
      // What a stop left of a pipe is no fault of the capture's.
      if (!stop_) error_ = source_->error().message();
      return;
    }
    if (read != PacketSource::Read::packet) return;
    if (packets_++ == 0) firstTime_ = packet.time;
    lastTime_ = packet.time;
    analysis.engine->packet(packet);
    if (sink_.alive() != alive) analysis.setSubscribers(alive = sink_.alive());
    if (packets_ % packetsPerLook == 0) look();
  }
}

// What a live run does between packets:
//   - under load, every millisecond: send what waits, take what came;
//   - idle: that, and let time pass for timers that are due, here and in compartments;
//   - every second: tell every compartment the time, and have logs written to disk.
void Run::readLive(Analysis& analysis) {
  auto listening = surroundings_.supervisor.listeningRequest();
  listening.setLinkType(source_->linkTypeText());
  listening.send().ignoreResult().wait(waitScope_);
  size_t alive = sink_.alive();
  capture::Packet packet;
  while (!stop_ && !sink_.terminated()) {
    const double seen = wallClock();
    switch (source_->next(packet)) {
      case PacketSource::Read::packet:
        if (packets_++ == 0) firstTime_ = packet.time;
        lastTime_ = packet.time;
        bytes_ += packet.data.size();
        analysis.engine->packet(packet);
        if (packets_ % packetsPerBeat == 0) beat(analysis);
        break;
      case PacketSource::Read::passed:
        beat(analysis);
        break;
      case PacketSource::Read::idle:
        idle(analysis, seen);
        break;
      default:
        error_ = source_->error().message();
        return;
    }
    if (sink_.alive() != alive) analysis.setSubscribers(alive = sink_.alive());
  }
}

bool Run::tickIsDue(double now) {
  if (now - lastTick_ < tickEvery) return false;
  lastTick_ = now;
  sink_.tickAll();
  flushLogs();
  return true;
}

void Run::flushLogs() {
  sink_.subscribers().front()->relay(surroundings_.logger.flushRequest().send(), 0);
}

void Run::beat(Analysis& analysis) {
  const int64_t now = nowNs();
  if (now - lastFlush_ < flushEveryNs) return;
  lastFlush_ = now;
  sink_.flush(false);
  look();
  // With the packets' time, not the clock's: others may wait in the socket.
  if (tickIsDue(wallClock())) analysis.engine->advanceTime(analysis.engine->networkTime());
}

void Run::idle(Analysis& analysis, double seen) {
  surroundings_.stirred = false;
  sink_.flush(true);
  look();
  // Packets up to here have been read.
  const double now = seen - stampToSocket;
  auto due = [&]() {
    double next = sink_.nextTimer();
    if (auto own = analysis.timers.next(); own && (next == 0 || *own < next)) next = *own;
    return next;
  };
  const double next = due();
  if (tickIsDue(now) || (next != 0 && next <= now && now - lastAdvance_ >= advanceEvery)) {
    lastAdvance_ = now;
    analysis.engine->advanceTime(now);
    sink_.flush(true);
  }
  double until = lastTick_ + tickEvery;
  if (double later = due(); later != 0)
    until = std::min(until, std::max(later, lastAdvance_ + advanceEvery));
  const double left = std::clamp(until + stampToSocket - wallClock(), 0.0, tickEvery);

  auto paf = kj::newPromiseAndFulfiller<void>();
  surroundings_.idleWaiter = kj::mv(paf.fulfiller);
  KJ_DEFER(surroundings_.idleWaiter = nullptr);
  // Before the last look, so that nothing falls between.
  auto readable = KJ_ASSERT_NONNULL(pipe_)->whenBecomesReadable();
  pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (surroundings_.stirred || stop_ || poll(&ready, 1, 0) != 0) return;
  // The event loop's clock stands still while packets are read.
  waitScope_.poll();
  readable.exclusiveJoin(kj::mv(paf.promise))
      .exclusiveJoin(
          surroundings_.timer.afterDelay(static_cast<int64_t>(left * 1e6) * kj::MICROSECONDS))
      .wait(waitScope_);
}

bool Run::beforeRead() {
  KJ_IF_MAYBE (pipe, pipe_) {
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 0) == 0) {
      // Who reads along sees what there is while the writer has nothing to say.
      sink_.flush(true);
      flushLogs();
    }
    while (!stop_ && poll(&ready, 1, 0) == 0) {
      (*pipe)
          ->whenBecomesReadable()
          .exclusiveJoin(surroundings_.timer.afterDelay(pipePatience))
          .wait(waitScope_);
    }
  }
  if (++readsSinceTurn_ >= readsPerTurn) {
    readsSinceTurn_ = 0;
    waitScope_.poll();
    look();
  }
  return !stop_;
}

void Run::look() {
  const int64_t now = nowMs();
  if (now - lastLook_ < lookEveryMs || progressPending_) return;
  lastLook_ = now;
  progressPending_ = true;
  auto request = surroundings_.supervisor.progressRequest();
  request.setPackets(packets_);
  request.setBytes(source_->isLive() ? bytes_ : source_->bytesRead());
  request.setTime(lastTime_);
  progress_ = request.send()
                  .then([this]() { progressPending_ = false; },
                        [this](kj::Exception&&) { progressPending_ = false; })
                  .eagerlyEvaluate(nullptr);
}

void Run::refused(uint32_t subscriber, const std::string& why) {
  auto& told = told_[subscriber];
  if (told.size() >= maxRefusals || !told.insert(why).second) return;
  for (const auto& each : sink_.subscribers()) {
    if (each->index() != subscriber) continue;
    auto request = surroundings_.supervisor.reportRequest();
    request.setCompartment(subscriber);
    request.setLevel(errorLevel);
    request.setText(why);
    each->relay(request.send(), why.size());
  }
}

}  // namespace bulkhead::worker
