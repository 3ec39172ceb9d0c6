#include "host/worker/subscriber.h"

#include "host/worker/host-service.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace bulkhead::worker {

namespace {

// How often a compartment that owes an answer is looked at.
constexpr kj::Duration watchStep = 500 * kj::MILLISECONDS;

std::string textOf(capnp::Text::Reader text, size_t most) {
  return std::string(text.begin(), std::min<size_t>(text.size(), most));
}

// False if they are more than is taken.
bool takeRedefs(schemas::Loaded::Reader from, Subscriber::Loaded& to) {
  if (from.getRedefs().size() > maxRedefs || from.getApplied().size() > maxRedefs) return false;
  for (auto redef : from.getRedefs()) {
    if (redef.getText().size() > maxRedefBytes || redef.getNames().size() > maxRedefs) return false;
    auto& made = to.redefs.emplace_back();
    made.module = textOf(redef.getModule(), maxTargetBytes);
    made.text = textOf(redef.getText(), maxRedefBytes);
    made.file = textOf(redef.getFile(), maxTargetBytes);
    made.line = redef.getLine();
    for (auto name : redef.getNames()) made.names.push_back(textOf(name, maxTargetBytes));
    made.unknown = textOf(redef.getUnknown(), maxDiagnosticBytes);
  }
  for (bool applied : from.getApplied()) to.applied.push_back(applied);
  return true;
}

}  // namespace

struct Subscriber::Open {
  capnp::Request<schemas::Package::DeliverParams, schemas::Package::DeliverResults> request;
  BatchBuilder builder;
  uint64_t drained;  // the last drain point before its first item

  Open(decltype(request)&& r, uint32_t index, const Demand& demand, size_t likelyItems,
       uint64_t before)
      : request(kj::mv(r)),
        builder(request.initBatch(), index, demand, likelyItems),
        drained(before) {}
};

Subscriber::Subscriber(Surroundings& surroundings, uint32_t index,
                       kj::Own<kj::AsyncIoStream> socket)
    : surroundings_(surroundings),
      index_(index),
      socket_(kj::mv(socket)),
      stream_(*socket_, surroundings.timer),
      network_(stream_, capnp::rpc::twoparty::Side::CLIENT, rpc::readerOptions()),
      rowRelay_(surroundings.logger, index),
      window_(surroundings.timer.now()),
      tasks_(*this) {
  stream_.watchQueue(network_);
  auto& system = rpc_.emplace(capnp::makeRpcClient(network_));
  capnp::MallocMessageBuilder vat(4);
  auto side = vat.initRoot<capnp::rpc::twoparty::VatId>();
  side.setSide(capnp::rpc::twoparty::Side::SERVER);
  package_ = system.bootstrap(side).castAs<schemas::Package>();
  tasks_.add(network_.onDisconnect().then([this]() { gone("closed its connection"); }));
  tasks_.add(watch());
}

Subscriber::~Subscriber() noexcept(false) = default;

void Subscriber::taskFailed(kj::Exception&& exception) { gone(exception.getDescription()); }

template <typename T>
kj::Promise<T> Subscriber::owed(kj::Promise<T> call) {
  // Settled by the answer and not by the end of the promise, which whoever joins several keeps
  // until the last of them; or by the end of the promise, if that is cancelled.
  struct Debt {
    Subscriber& of;
    bool open = true;
    explicit Debt(Subscriber& s) : of(s) { ++of.owedCalls_; }
    KJ_DISALLOW_COPY(Debt);
    ~Debt() { settle(); }
    void settle() {
      if (!open) return;
      open = false;
      --of.owedCalls_;
      ++of.answered_;
    }
  };
  auto debt = kj::heap<Debt>(*this);
  auto& owing = *debt;
  return call
      .then(
          [&owing](T&& answer) -> kj::Promise<T> {
            owing.settle();
            return kj::mv(answer);
          },
          [&owing](kj::Exception&& exception) -> kj::Promise<T> {
            owing.settle();
            return kj::mv(exception);
          })
      .attach(kj::mv(debt));
}

kj::Promise<Subscriber::Loaded> Subscriber::load(schemas::Settings::Reader settings) {
  loading_ = true;
  auto request = KJ_ASSERT_NONNULL(package_).loadRequest();
  request.setHost(kj::heap<HostService>(surroundings_, *this));
  request.setSettings(settings);
  return owed(kj::Promise<capnp::Response<schemas::Package::LoadResults>>(
                  request.send().dropPipeline()))
      .then(
          [this](capnp::Response<schemas::Package::LoadResults>&& response) {
            loading_ = false;
            Loaded out;
            bool taken = true;
            const bool readable = reads([&]() {
              auto from = response.getLoaded();
              demand_ = Demand::from(from.getDemand());
              out.errors = from.getErrors();
              for (auto text : from.getDiagnostics()) {
                if (out.diagnostics.size() >= maxDiagnostics) break;
                out.diagnostics.push_back(textOf(text, maxDiagnosticBytes));
              }
              for (auto text : from.getStandardLoads()) {
                if (out.standardLoads.size() >= maxDiagnostics) break;
                out.standardLoads.push_back(textOf(text, maxTargetBytes));
              }
              taken = takeRedefs(from, out);
              if (from.hasOverview()) {
                out.overview = std::make_unique<capnp::MallocMessageBuilder>();
                out.overview->setRoot(from.getOverview());
              }
            });
            if (!readable) {
              out.reason = violation_;
              return out;
            }
            out.ready = ready_ = out.errors == 0 && !ended_;
            if (!taken) {
              out.ready = ready_ = false;
              out.reason = "its redefs are more than " + std::to_string(maxRedefs) +
                           ", or one is longer than " + std::to_string(maxRedefBytes) + " bytes";
              return out;
            }
            if (!out.ready) out.reason = "its scripts have errors";
            return out;
          },
          [this](kj::Exception&& exception) {
            loading_ = false;
            gone(exception.getDescription());
            Loaded out;
            out.reason = violation_.empty() ? "it ended while it loaded" : violation_;
            return out;
          });
}

kj::Promise<void> Subscriber::start(double networkTime, uint64_t seq) {
  if (!ready()) return kj::READY_NOW;
  auto request = KJ_ASSERT_NONNULL(package_).startRequest();
  request.setNetworkTime(networkTime);
  request.setSeq(seq);
  sentSeq_ = seq;
  return owed(kj::Promise<capnp::Response<schemas::Package::StartResults>>(
                  request.send().dropPipeline()))
      .then(
          [this, seq](capnp::Response<schemas::Package::StartResults>&& response) {
            acknowledgedSeq_ = acknowledgedBoundary_ = seq;
            if (ended_) return;
            unsigned count = 0;
            if (!reads([&]() {
                  nextTimer_ = response.getState().getNext();
                  count = response.getAnswers().size();
                })) {
              return;
            }
            if (count > maxAnswers) {
              end(kj::str("gave ", count, " answers to zeek_init, ", maxAnswers, " are allowed"));
              return;
            }
            started_ = kj::mv(response);
          },
          [this](kj::Exception&& exception) {
            // What it says of itself, without what Cap'n Proto puts before it.
            constexpr kj::StringPtr remote = "remote exception: "_kj;
            auto said = exception.getDescription();
            gone(said.startsWith(remote) ? said.slice(remote.size()) : said);
          });
}

kj::Promise<void> Subscriber::finish(const Clock& clock, uint64_t seq) {
  if (!ready()) return kj::READY_NOW;
  sendOpenBatch(seq - 1);
  auto request = KJ_ASSERT_NONNULL(package_).finishRequest();
  request.setNetworkTime(clock.networkTime);
  auto figures = request.initCapture();
  figures.setPackets(clock.packets);
  figures.setBytes(clock.bytes);
  request.setSeq(seq);
  sentSeq_ = seq;
  return owed(kj::Promise<capnp::Response<schemas::Package::FinishResults>>(
                  request.send().dropPipeline()))
      .then(
          [this, seq](capnp::Response<schemas::Package::FinishResults>&& response) {
            acknowledgedSeq_ = seq;
            acknowledgedBoundary_ = seq;
            auto report = std::make_unique<capnp::MallocMessageBuilder>();
            if (reads([&]() { report->setRoot(response.getReport()); })) {
              report_ = std::move(report);
            }
          },
          [this](kj::Exception&& exception) { gone(exception.getDescription()); });
}

size_t Subscriber::openBytes() const { return open_ ? open_->builder.bytes() : 0; }

BatchBuilder& Subscriber::open(uint64_t drained) {
  if (open_ == nullptr) {
    open_ = std::make_unique<Open>(
        KJ_ASSERT_NONNULL(package_).deliverRequest(capnp::MessageSize{sizeHintWords_, 0}), index_,
        demand_, itemsHint_, drained);
  }
  return open_->builder;
}

void Subscriber::countGenerated(uint64_t seq) {
  ++generated_;
  lastGenerated_ = seq;
}

void Subscriber::drain(uint64_t seq, const Clock& clock) {
  if (!ready()) return;
  if (groupSplit_) {
    // What came before the split waits for its drain.
    auto& builder = open(seq);
    if (!builder.endGroup()) {
      builder.addTick(seq, clock);
      builder.endGroup();
    }
    groupSplit_ = false;
  } else if (open_ != nullptr) {
    open_->builder.endGroup();
  }
  if (open_ == nullptr) return;
  const auto& builder = open_->builder;
  if (awaiting_ || builder.items() >= maxItems || builder.packetTimes() >= maxPacketTimes ||
      builder.bytes() >= maxBatchBytes || seq - builder.firstSeq() >= maxBatchAge) {
    sendOpenBatch(seq);
  }
}

void Subscriber::splitIfFull(uint64_t drained) {
  if (open_ == nullptr) return;
  const auto& builder = open_->builder;
  if (builder.items() < maxItems && builder.bytes() < maxBatchBytes) return;
  groupSplit_ = builder.hasOpenGroup();
  sendOpenBatch(drained);
}

void Subscriber::awaitOwed(uint64_t drained) {
  if (!owing_ || !ready()) return;
  awaiting_ = true;
  if (open_ == nullptr) return;
  groupSplit_ = open_->builder.hasOpenGroup();
  sendOpenBatch(drained);
}

void Subscriber::sendOpenBatch(uint64_t boundary) {
  if (open_ == nullptr) return;
  auto open = std::move(open_);
  if (ended_ || open->builder.empty()) return;
  auto& builder = open->builder;
  builder.close();
  Sent sent{++batches_,      builder.lastSeq(),    boundary,
            builder.bytes(), builder.eventCount(), surroundings_.timer.now()};
  // The next batch is likely as long: one segment that holds it, and no more than that.
  sizeHintWords_ = std::max<size_t>(128, sent.bytes / 8 * 9 / 8);
  itemsHint_ = builder.items();
  stream_.allowFrames(framesPerBatch + framesPerItem * static_cast<uint32_t>(builder.items()));
  inFlightBytes_ += sent.bytes;
  sentSeq_ = std::max(sentSeq_, sent.lastSeq);
  inFlight_.push_back(sent);
  done_.clear();
  tasks_.add(owed(kj::Promise<DeliverResponse>(open->request.send().dropPipeline()))
                 .then([this, batch = sent.batch](DeliverResponse&& response) {
                   acknowledged(batch, kj::mv(response));
                 }));
}

void Subscriber::acknowledged(uint64_t batch, DeliverResponse&& response) {
  if (ended_) return;
  if (inFlight_.empty() || inFlight_.front().batch != batch) {
    end("acknowledged batches out of order");
    return;
  }
  auto sent = inFlight_.front();
  inFlight_.pop_front();
  inFlightBytes_ -= sent.bytes;
  acknowledgedSeq_ = sent.lastSeq;
  acknowledgedBoundary_ = sent.boundary;
  delivered_ += sent.events;
  capnp::List<schemas::Answer>::Reader answers;
  if (!reads([&]() {
        nextTimer_ = response.getState().getNext();
        answers = response.getAnswers();
      })) {
    return;
  }
  if (answers.size() > maxAnswers) {
    end(kj::str("gave ", answers.size(), " answers to one batch, ", maxAnswers, " are allowed"));
    return;
  }
  // Letting go of it is a message to the compartment: held until the next batch, it goes with that
  // and wakes nobody by itself.
  auto held = kj::heap(kj::mv(response));
  if (answers.size() > 0 && batch > lateAnswers_) {
    answers_.push_back(kj::mv(held));
  } else {
    done_.push_back(kj::mv(held));
  }
  wake();
  surroundings_.stir();
}

bool Subscriber::isFull() const {
  return !ended_ &&
         (inFlight_.size() >= maxBatchesInFlight || inFlightBytes_ >= surroundings_.maxQueueBytes);
}

kj::Promise<void> Subscriber::nextAcknowledgement() {
  auto paf = kj::newPromiseAndFulfiller<void>();
  if (ended_) {
    paf.fulfiller->fulfill();
  } else {
    waiters_.add(kj::mv(paf.fulfiller));
  }
  return kj::mv(paf.promise);
}

void Subscriber::wake() {
  auto waiters = kj::mv(waiters_);
  waiters_ = {};
  for (auto& waiter : waiters) waiter->fulfill();
}

std::vector<kj::Own<Subscriber::DeliverResponse>> Subscriber::takeAnswers() {
  awaiting_ = owing_ = false;
  return std::exchange(answers_, {});
}

void Subscriber::giveBack(std::vector<kj::Own<DeliverResponse>> answers) {
  if (ended_) return;
  for (auto& each : answers) done_.push_back(kj::mv(each));
}

void Subscriber::mark(uint64_t drained, bool must) {
  if (ended_ || !ready_) return;
  uint64_t settled = drained;
  const bool late =
      surroundings_.live && !inFlight_.empty() &&
      surroundings_.timer.now() - inFlight_.front().time > lateRowsMs * kj::MILLISECONDS;
  if (late) {
    // Its rows may still come: markedSeq_, by which they are judged, stays.
    if (drained <= markedForOthers_) return;
    markedForOthers_ = drained;
    sendRows();
    auto request = surroundings_.logger.markRequest();
    request.setCompartment(index_);
    request.setSeq(drained);
    return relay(request.send(), 0);
  }
  if (!inFlight_.empty()) {
    settled = acknowledgedBoundary_;
  } else if (groupSplit_) {
    settled = acknowledgedBoundary_;
  } else if (open_ != nullptr) {
    settled = open_->drained;
  }
  if (settled <= markedSeq_ || (!must && settled - markedSeq_ < marksApart)) return;
  markedSeq_ = settled;
  sendRows();
  auto request = surroundings_.logger.markRequest();
  request.setCompartment(index_);
  request.setSeq(settled);
  relay(request.send(), 0);
}

void Subscriber::write(capnp::List<schemas::Row>::Reader rows, size_t bytes) {
  rows_ += rows.size();
  rowRelay_.add(rows, bytes);
  if (rowRelay_.bytes() >= relayGatherBytes) sendRows();
}

void Subscriber::sendRows() {
  if (rowRelay_.empty()) return;
  const size_t bytes = rowRelay_.bytes();
  relay(rowRelay_.send(), bytes);
}

void Subscriber::relay(kj::Promise<void> call, size_t bytes) {
  relayBytes_ += bytes;
  surroundings_.relayBytes += bytes;
  ++surroundings_.relays;
  tasks_.add(call.attach(kj::defer([this, bytes]() {
                   relayBytes_ -= bytes;
                   surroundings_.relayBytes -= bytes;
                   --surroundings_.relays;
                   KJ_IF_MAYBE (waiter, surroundings_.relayWaiter) {
                     (*waiter)->fulfill();
                   }
                 }))
                 // Whoever receives these has told the supervisor what is wrong.
                 .catch_([](kj::Exception&&) {}));
  if (relayBytes_ > maxRelayBytes) end("wrote rows faster than they can be logged");
}

void Subscriber::end(kj::StringPtr reason) {
  if (ended_) return;
  violation_ = reason.cStr();
  gone(reason);
}

void Subscriber::gone(kj::StringPtr reason) {
  if (ended_) return;
  ended_ = true;
  KJ_IF_MAYBE (said, stream_.violation()) {
    violation_ = said->cStr();
  }
  open_ = nullptr;
  done_.clear();
  inFlight_.clear();
  inFlightBytes_ = 0;
  wake();
  surroundings_.stir();
  auto farewell = surroundings_.supervisor.endRequest();
  farewell.setCompartment(index_);
  farewell.setReason(violation_.empty() ? reason : kj::StringPtr(violation_.c_str()));
  farewell.setViolation(!violation_.empty());
  tasks_.add(farewell.send().ignoreResult().catch_([](kj::Exception&&) {}));
  sendRows();
  auto row = surroundings_.logger.goneRequest();
  row.setCompartment(index_);
  relay(row.send(), 0);
  disconnect();
}

void Subscriber::dismiss() {
  if (ended_) return;
  ended_ = true;
  disconnect();
}

void Subscriber::disconnect() {
  // Not from within a call of its own: nothing more is heard of it.
  tasks_.add(kj::evalLater([this]() {
    package_ = nullptr;
    rpc_ = nullptr;
  }));
}

kj::Promise<void> Subscriber::watch() {
  return surroundings_.timer.afterDelay(watchStep).then([this]() -> kj::Promise<void> {
    if (ended_) return kj::READY_NOW;
    if (owedCalls_ == 0 || surroundings_.stallSeconds == 0) {
      watch_.owing = false;
      return watch();
    }
    auto request = surroundings_.supervisor.silentRequest();
    request.setCompartment(index_);
    return request.send().then([this](auto&& response) {
      look(response.getCpuNanoseconds());
      return watch();
    });
  });
}

void Subscriber::look(uint64_t cpu) {
  // Two ways to never answer: without computing, and computing for ever. The machine may be slow
  // and the host may be the one that computes, so only the compartment's own CPU time counts.
  if (ended_) return;
  if (!watch_.owing || watch_.answered != answered_ || hostCalls_ > 0) {
    watch_ = Watch{.answered = answered_, .cpuAtAnswer = cpu, .cpu = cpu, .owing = true};
    return;
  }
  watch_.quiet = cpu == watch_.cpu ? watch_.quiet + 1 : 0;
  watch_.cpu = cpu;
  const uint64_t limit = surroundings_.stallSeconds;
  const auto step = static_cast<uint64_t>(watchStep / kj::MILLISECONDS);
  if (watch_.quiet * step >= limit * 1000) {
    end(kj::str("did not answer for ", limit, " s and did not compute"));
  } else if (!isSite() && cpu - watch_.cpuAtAnswer >= limit * 1'000'000'000) {
    // Not the site: the operator's own scripts may take their time.
    end(loading_ ? kj::str("computed for ", limit, " s on its scripts before they were loaded")
                 : kj::str("computed for ", limit, " s without an answer"));
  }
}

}  // namespace bulkhead::worker
