#pragma once
// One compartment as the worker sees it: its connection, its demand, its open batch and what it owes.
//
// Worker thread (event loop). Owned by the Compartments list of the worker; owns the socket and the
// RPC connection. The compartment is hostile: what it breaks ends it here (`end`), as a value with
// the reason, and everybody else goes on.

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/rpc/guarded-stream.h"
#include "host/worker/batch-builder.h"
#include "host/worker/demand.h"
#include "host/worker/limits.h"
#include "schemas/control.capnp.h"
#include "schemas/package.capnp.h"

namespace bulkhead::worker {

// What the worker and all its subscribers share.
struct Surroundings {
  kj::AsyncIoProvider& io;
  schemas::Supervisor::Client supervisor;
  schemas::Logger::Client logger;
  bool live = false;
  uint32_t stallSeconds = defaultStallSeconds;
  size_t maxQueueBytes = defaultQueueBytes;
};

class Subscriber final : private kj::TaskSet::ErrorHandler {
 public:
  Subscriber(Surroundings& surroundings, uint32_t index, kj::Own<kj::AsyncIoStream> socket);
  ~Subscriber() noexcept(false);
  KJ_DISALLOW_COPY(Subscriber);

  struct Loaded {
    bool ready = false;
    uint32_t errors = 0;
    std::vector<std::string> diagnostics;
    std::string reason;
    std::vector<std::string> standardLoads;
    struct Redef {
      std::string module, text;
      bool standard;
    };
    std::vector<Redef> redefs;
  };
  // Resolves also when the compartment ends.
  kj::Promise<Loaded> load(schemas::Settings::Reader settings);
  kj::Promise<void> start(double networkTime, uint64_t seq);
  kj::Promise<void> finish(double networkTime, uint64_t seq);

  uint32_t index() const { return index_; }
  const Demand& demand() const { return demand_; }
  bool alive() const { return !ended_; }
  // What it did that ended it, empty if nothing (or if it just went away).
  const std::string& violation() const { return violation_; }

  // The batch under construction; opened by the first use.
  BatchBuilder& open();
  bool hasOpenBatch() const { return open_ != nullptr; }
  // Full, or too old at `seq`.
  bool mustClose(uint64_t seq) const;
  void sendOpenBatch();
  void countGenerated() { ++generated_; }

  // Sent and not yet acknowledged.
  bool isFull() const;
  bool isIdle() const { return inFlight_.empty(); }
  // Resolves when the next batch is acknowledged, or when it ends.
  kj::Promise<void> nextAcknowledgement();

  // Answers to acknowledged batches, oldest first; taken by the caller.
  struct AnswerMessage;
  std::vector<kj::Own<AnswerMessage>> takeAnswers();
  bool hasAnswers() const { return !answers_.empty(); }

  // Highest seq for which nothing more can come: rows up to it may be merged.
  uint64_t settledSeq(uint64_t current) const;
  uint64_t sentSeq() const { return sentSeq_; }
  uint64_t acknowledgedSeq() const { return acknowledgedSeq_; }
  uint64_t lastMark = 0;

  // Ends the compartment for what it did; asks the supervisor to kill it.
  void end(kj::StringPtr reason);

  double nextTimer() const { return nextTimer_; }
  void setNextTimer(double due) { nextTimer_ = due; }
  bool loading() const { return loading_; }
  void countRows(uint64_t rows) { rows_ += rows; }
  bool terminated = false;

  void describe(schemas::Subscriber::Builder to) const;

 private:
  struct Sent;

  void taskFailed(kj::Exception&& exception) override;
  void acknowledged(uint64_t batch, capnp::Response<schemas::Package::DeliverResults>&& response);
  void gone(kj::StringPtr reason);
  // Wraps a call that the compartment owes us an answer to.
  template <typename T>
  kj::Promise<T> owed(kj::Promise<T> call);
  kj::Promise<void> watch();
  void wake();

  Surroundings& surroundings_;
  uint32_t index_;
  kj::Own<kj::AsyncIoStream> socket_;
  rpc::GuardedStream stream_;
  capnp::TwoPartyVatNetwork network_;
  kj::Maybe<capnp::RpcSystem<capnp::rpc::twoparty::VatId>> rpc_;
  kj::Maybe<schemas::Package::Client> package_;

  Demand demand_;
  bool loading_ = false;
  bool ended_ = false;
  std::string violation_;

  struct Open;
  kj::Own<Open> open_;
  size_t sizeHintWords_ = 128;
  kj::Vector<Sent> inFlight_;
  size_t inFlightBytes_ = 0;
  uint64_t batches_ = 0;
  uint64_t sentSeq_ = 0;
  uint64_t acknowledgedSeq_ = 0;
  uint64_t generated_ = 0;
  uint64_t delivered_ = 0;
  uint64_t rows_ = 0;
  double nextTimer_ = 0;
  std::vector<kj::Own<AnswerMessage>> answers_;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waiters_;

  // Stall detection.
  uint32_t owedCalls_ = 0;
  uint64_t answered_ = 0;

  struct FinalReport;
  kj::Own<FinalReport> report_;
  kj::TaskSet tasks_;
};

// The response of a deliver call that carried answers; kept until they were applied.
struct Subscriber::AnswerMessage {
  capnp::Response<schemas::Package::DeliverResults> response;
  explicit AnswerMessage(capnp::Response<schemas::Package::DeliverResults>&& r)
      : response(kj::mv(r)) {}
};

}  // namespace bulkhead::worker
