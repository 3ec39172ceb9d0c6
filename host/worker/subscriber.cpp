#include "host/worker/subscriber.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

#include "host/worker/host-service.h"

namespace bulkhead::worker {

namespace {

// How often a compartment that owes an answer is looked at.
constexpr kj::Duration watchStep = 500 * kj::MILLISECONDS;

std::string textOf(capnp::Text::Reader text, size_t most) {
  return std::string(text.begin(), std::min<size_t>(text.size(), most));
}

}  // namespace

struct Subscriber::Open {
  capnp::Request<schemas::Package::DeliverParams, schemas::Package::DeliverResults> request;
  BatchBuilder builder;

  Open(decltype(request)&& r, uint32_t index, const Demand& demand)
      : request(kj::mv(r)), builder(request.initBatch(), index, demand) {}
};

struct Subscriber::Sent {
  uint64_t batch;
  uint64_t lastSeq;
  size_t bytes;
  size_t events;
};

struct Subscriber::FinalReport {
  capnp::Response<schemas::Package::FinishResults> response;
};

Subscriber::Subscriber(Surroundings& surroundings, uint32_t index,
                       kj::Own<kj::AsyncIoStream> socket)
    : surroundings_(surroundings),
      index_(index),
      socket_(kj::mv(socket)),
      stream_(*socket_, surroundings.io.getTimer()),
      network_(stream_, capnp::rpc::twoparty::Side::CLIENT, rpc::readerOptions()),
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
  ++owedCalls_;
  return call.attach(kj::defer([this]() {
    --owedCalls_;
    ++answered_;
  }));
}

kj::Promise<Subscriber::Loaded> Subscriber::load(schemas::Settings::Reader settings) {
  loading_ = true;
  auto request = KJ_ASSERT_NONNULL(package_).loadRequest();
  request.setHost(kj::heap<HostService>(surroundings_, *this));
  request.setSettings(settings);
  return owed(request.send().dropPipeline())
      .then(
          [this](capnp::Response<schemas::Package::LoadResults>&& response) {
            loading_ = false;
            auto from = response.getLoaded();
            demand_ = Demand::from(from.getDemand());
            Loaded out;
            out.errors = from.getErrors();
            out.ready = out.errors == 0;
            for (auto text : from.getDiagnostics()) {
              if (out.diagnostics.size() >= maxDiagnostics) break;
              out.diagnostics.push_back(textOf(text, maxDiagnosticBytes));
            }
            for (auto text : from.getStandardLoads()) {
              if (out.standardLoads.size() >= maxDiagnostics) break;
              out.standardLoads.push_back(textOf(text, maxTargetBytes));
            }
            for (auto redef : from.getRedefs()) {
              if (out.redefs.size() >= maxDiagnostics) break;
              out.redefs.push_back({textOf(redef.getModule(), maxTargetBytes),
                                    textOf(redef.getText(), maxDiagnosticBytes),
                                    redef.getStandard()});
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
  if (ended_) return kj::READY_NOW;
  auto request = KJ_ASSERT_NONNULL(package_).startRequest();
  request.setNetworkTime(networkTime);
  request.setSeq(seq);
  sentSeq_ = seq;
  return owed(request.send().dropPipeline())
      .then(
          [this, seq](capnp::Response<schemas::Package::StartResults>&& response) {
            acknowledgedSeq_ = seq;
            nextTimer_ = response.getState().getNext();
          },
          [this](kj::Exception&& exception) { gone(exception.getDescription()); });
}

kj::Promise<void> Subscriber::finish(double networkTime, uint64_t seq) {
  if (ended_) return kj::READY_NOW;
  auto request = KJ_ASSERT_NONNULL(package_).finishRequest();
  request.setNetworkTime(networkTime);
  request.setSeq(seq);
  sentSeq_ = seq;
  return owed(request.send().dropPipeline())
      .then(
          [this, seq](capnp::Response<schemas::Package::FinishResults>&& response) {
            acknowledgedSeq_ = seq;
            report_ = kj::heap<FinalReport>(FinalReport{kj::mv(response)});
          },
          [this](kj::Exception&& exception) { gone(exception.getDescription()); });
}

BatchBuilder& Subscriber::open() {
  if (open_ == nullptr) {
    open_ = kj::heap<Open>(KJ_ASSERT_NONNULL(package_).deliverRequest(
                               capnp::MessageSize{sizeHintWords_, 0}),
                           index_, demand_);
  }
  return open_->builder;
}

bool Subscriber::mustClose(uint64_t seq) const {
  if (open_ == nullptr) return false;
  const auto& builder = open_->builder;
  return builder.items() >= maxItems || builder.packetTimes() >= maxPacketTimes ||
         builder.bytes() >= maxBatchBytes || seq - builder.firstSeq() >= maxBatchAge;
}

void Subscriber::sendOpenBatch() {
  if (open_ == nullptr) return;
  auto open = kj::mv(open_);
  if (ended_ || open->builder.empty()) return;
  auto& builder = open->builder;
  builder.close();
  Sent sent{++batches_, builder.lastSeq(), builder.bytes(), builder.eventCount()};
  // The next batch is likely as long: one segment that holds it, and no more than that.
  sizeHintWords_ = std::max<size_t>(128, sent.bytes / 8 * 9 / 8);
  stream_.allowFrames(framesPerBatch +
                      framesPerItem * static_cast<uint32_t>(builder.items()));
  inFlightBytes_ += sent.bytes;
  sentSeq_ = sent.lastSeq;
  inFlight_.add(sent);
  tasks_.add(owed(open->request.send().dropPipeline())
                 .then([this, batch = sent.batch](
                           capnp::Response<schemas::Package::DeliverResults>&& response) {
                   acknowledged(batch, kj::mv(response));
                 }));
}

void Subscriber::acknowledged(uint64_t batch,
                              capnp::Response<schemas::Package::DeliverResults>&& response) {
  if (ended_) return;
  if (inFlight_.empty() || inFlight_[0].batch != batch) {
    end("acknowledged batches out of order");
    return;
  }
  auto sent = inFlight_[0];
  std::move(inFlight_.begin() + 1, inFlight_.end(), inFlight_.begin());
  inFlight_.removeLast();
  inFlightBytes_ -= sent.bytes;
  acknowledgedSeq_ = sent.lastSeq;
  delivered_ += sent.events;
  nextTimer_ = response.getState().getNext();
  auto answers = response.getAnswers();
  if (answers.size() > maxAnswers) {
    end(kj::str("gave ", answers.size(), " answers to one batch, ", maxAnswers, " are allowed"));
    return;
  }
  if (answers.size() > 0) answers_.push_back(kj::heap<AnswerMessage>(kj::mv(response)));
  wake();
}

bool Subscriber::isFull() const {
  return !ended_ && (inFlight_.size() >= maxBatchesInFlight ||
                     inFlightBytes_ >= surroundings_.maxQueueBytes);
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

std::vector<kj::Own<Subscriber::AnswerMessage>> Subscriber::takeAnswers() {
  return std::exchange(answers_, {});
}

uint64_t Subscriber::settledSeq(uint64_t current) const {
  if (!inFlight_.empty()) return acknowledgedSeq_;
  if (open_ != nullptr && !open_->builder.empty()) {
    return std::max(acknowledgedSeq_, open_->builder.firstSeq() - 1);
  }
  return current;
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
  inFlight_.clear();
  inFlightBytes_ = 0;
  wake();
  auto farewell = surroundings_.supervisor.endRequest();
  farewell.setCompartment(index_);
  farewell.setReason(violation_.empty() ? reason : kj::StringPtr(violation_.c_str()));
  farewell.setViolation(!violation_.empty());
  auto row = surroundings_.logger.goneRequest();
  row.setCompartment(index_);
  tasks_.add(farewell.send().ignoreResult().exclusiveJoin(row.send().then([]() {
    return kj::Promise<void>(kj::NEVER_DONE);
  })).catch_([](kj::Exception&&) {}));
}

kj::Promise<void> Subscriber::watch() {
  // Two ways to never answer: without computing, and computing for ever. The machine may be slow and
  // the host may be the one that computes, so only the compartment's own CPU time counts.
  struct Look {
    uint64_t answered = 0;
    uint64_t cpuAtAnswer = 0;   // when it last answered
    uint64_t cpu = 0;
    uint32_t quiet = 0;         // looks without an answer and without CPU time
    bool owing = false;
  };
  auto look = kj::heap<Look>();
  auto& state = *look;
  auto loop = kj::heap<kj::Function<kj::Promise<void>()>>();
  auto& again = *loop;
  again = [this, &state, &again]() -> kj::Promise<void> {
    if (ended_) return kj::READY_NOW;
    return surroundings_.io.getTimer().afterDelay(watchStep).then(
        [this, &state, &again]() -> kj::Promise<void> {
          if (ended_) return kj::READY_NOW;
          if (owedCalls_ == 0 || surroundings_.stallSeconds == 0) {
            state.owing = false;
            return again();
          }
          auto request = surroundings_.supervisor.silentRequest();
          request.setCompartment(index_);
          return request.send().then(
              [this, &state, &again](
                  capnp::Response<schemas::Supervisor::SilentResults>&& response)
                  -> kj::Promise<void> {
                uint64_t cpu = response.getCpuNanoseconds();
                if (!state.owing || state.answered != answered_) {
                  state.owing = true;
                  state.answered = answered_;
                  state.cpuAtAnswer = cpu;
                  state.quiet = 0;
                } else if (cpu == state.cpu) {
                  ++state.quiet;
                }
                state.cpu = cpu;
                const uint64_t limit = surroundings_.stallSeconds;
                if (state.quiet * (watchStep / kj::MILLISECONDS) >= limit * 1000) {
                  end(kj::str("did not answer for ", limit, " s and did not compute"));
                } else if (index_ != 0 && cpu - state.cpuAtAnswer >= limit * 1'000'000'000) {
                  // Not the site: the operator's own scripts may take their time.
                  end(kj::str("computed for ", limit, " s without an answer"));
                }
                return again();
              });
        });
  };
  return again().attach(kj::mv(look), kj::mv(loop));
}

void Subscriber::describe(schemas::Subscriber::Builder to) const {
  to.setIndex(index_);
  to.setGenerated(generated_);
  to.setEvents(delivered_);
  to.setRows(rows_);
  to.setProtocolViolation(violation_.c_str());
  if (generated_ != delivered_) {
    // What it was owed when it ended: delivered and gap make up what was generated.
    auto gap = to.initGaps(1)[0];
    gap.setFirstSeq(acknowledgedSeq_ + 1);
    gap.setLastSeq(lastGenerated_);
    gap.setEvents(generated_ - delivered_);
    gap.setReason("ended");
  }
  if (report_ != nullptr) to.setReport(report_->response.getReport());
}

}  // namespace bulkhead::worker
