#include "host/worker-program/run.h"

#include "host/analyzers/files/file-manager.h"
#include "host/flow/engine.h"
#include "host/worker-program/analysis-options.h"
#include "host/worker-program/steering.h"

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
constexpr size_t maxRefusals = 100;                            // told, for each subscriber
constexpr uint8_t errorLevel = 2;  // schemas::Host::Level::ERROR as the supervisor reads it

int64_t nowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
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
  sink_.start(source_ ? 0 : wallClock());

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
    if (source_) read(analysis);
    sink_.endOfTrace();
    analysis.engine->finish();
    analysis.files.finish(analysis.engine->networkTime());
    sink_.finish();
  }
  kj::mv(progress_).wait(waitScope_);

  result.setPackets(packets_);
  result.setBytes(source_ ? source_->bytesRead() : 0);
  result.setFirstTime(firstTime_);
  result.setLastTime(lastTime_);
  result.setError(error_);
  result.setTerminated(sink_.terminated());
  const auto& subscribers = sink_.subscribers();
  auto list = result.initSubscribers(static_cast<unsigned>(subscribers.size()));
  for (unsigned i = 0; i < list.size(); ++i) subscribers[i]->describe(list[i]);
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

bool Run::beforeRead() {
  KJ_IF_MAYBE (pipe, pipe_) {
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
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
  request.setBytes(source_->bytesRead());
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
