#pragma once
// One compartment as the worker sees it: its connection, its demand, its open batch and what it
// owes.
//
// Worker thread (event loop). Owned by the BatchSink; owns the socket and the RPC connection. The
// compartment is hostile: what it breaks ends it here (`end`), with the reason, and everybody else
// goes on.

#include "host/rpc/guarded-stream.h"
#include "host/worker/batch-builder.h"
#include "host/worker/demand.h"
#include "host/worker/limits.h"
#include "host/worker/row-relay.h"
#include "schemas/control.capnp.h"
#include "schemas/package.capnp.h"

#include <capnp/message.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/exception.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::worker {

// What the worker and all its subscribers share.
struct Surroundings {
  kj::Timer& timer;
  schemas::Supervisor::Client supervisor;
  schemas::Logger::Client logger;
  uint32_t stallSeconds = defaultStallSeconds;  // 0: never
  size_t maxQueueBytes = defaultQueueBytes;
  // Nobody waits for a compartment but within the limits of limits.h.
  bool live = false;
  // The MIME type that bytes say of themselves, for identify_data(); not set where there is none.
  std::function<std::string_view(std::string_view)> mimeTypeOf = {};
  // On their way to the logger, of all compartments.
  size_t relayBytes = 0;
  size_t relays = 0;
  // Told when one has arrived.
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> relayWaiter;
  // Told when something happened that an idle reader should look at.
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> idleWaiter;
  bool stirred = false;  // since the reader last looked
  void stir() {
    stirred = true;
    KJ_IF_MAYBE (waiter, idleWaiter) {
      (*waiter)->fulfill();
    }
  }
};

// Events that a compartment did not get although it asked for them.
struct Gap {
  uint64_t firstSeq = 0, lastSeq = 0, events = 0;
  std::string reason;
};

// The numbers of connections and files of an event: what is newer than a gap can be told whole.
struct ObjectNumbers {
  static constexpr uint64_t none = std::numeric_limits<uint64_t>::max();
  uint64_t oldestConnection = none, newestConnection = 0;
  uint64_t oldestFile = none, newestFile = 0;
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
      std::string module, text, file;
      uint32_t line;
      std::vector<std::string> names;
      std::string unknown;
    };
    std::vector<Redef> redefs;
    std::vector<bool> applied;
    // As it came: texts of any length within a frame.
    std::unique_ptr<capnp::MallocMessageBuilder> overview;
  };
  // Each resolves also when the compartment ends.
  kj::Promise<Loaded> load(schemas::Settings::Reader settings);
  kj::Promise<void> start(double networkTime, uint64_t seq);
  kj::Promise<void> finish(const Clock& clock, uint64_t seq);

  uint32_t index() const { return index_; }
  bool isSite() const { return index_ == 0; }
  const Demand& demand() const { return demand_; }
  // It loaded without errors and has not ended.
  bool ready() const { return ready_ && !ended_; }
  bool alive() const { return !ended_; }
  bool loading() const { return loading_; }
  // What it did that ended it, empty if nothing (or if it just went away).
  const std::string& violation() const { return violation_; }

  // The batch under construction; made by the first use. `drained` is the seq of the last drain
  // point before what is now added.
  BatchBuilder& open(uint64_t drained);
  bool hasOpenBatch() const { return open_ != nullptr; }
  void countGenerated(uint64_t seq);
  // Live: whether an event about these can go to it; false counts it as missed.
  bool takes(uint64_t seq, const ObjectNumbers& about);
  // It begins in the middle of a run: what is numbered up to these it has never heard of.
  void beginAfter(uint64_t connection, uint64_t file);
  // A connection or file that it was told of is no more. False: it does not need to hear.
  bool forgets(uint64_t number, bool isFile);
  // Live, at a drain point: suspends it if too much waits, or lets it go on if all was taken.
  // `newest` are the newest connection and file there are. May add items, of seqs from ++seq on.
  void keepUp(uint64_t& seq, const Clock& clock, const ObjectNumbers& newest);
  bool suspended() const { return suspended_; }
  // Live: as much waits for it as may.
  bool lags() const;
  // The analysis drains at `seq`. Closes the group; sends the batch if it is full, too old or
  // awaited.
  void drain(uint64_t seq, const Clock& clock);
  // In the middle of a group that is longer than a batch. `drained` as in open().
  void splitIfFull(uint64_t drained);
  void sendOpenBatch(uint64_t boundary);
  // Answers to what was added since the last drain matter to the analysis.
  void await() { awaiting_ = true; }
  bool awaiting() const { return awaiting_; }
  // Answers to what was added are to be waited for some time.
  void owe() { owing_ = true; }
  // That time has come. `drained` as in open().
  void awaitOwed(uint64_t drained);

  // Sent and not yet acknowledged is at its bound.
  bool isFull() const;
  bool isIdle() const { return inFlight_.empty(); }
  size_t batchesInFlight() const { return inFlight_.size(); }
  size_t relayBytes() const { return relayBytes_; }
  // Resolves when the next batch is acknowledged, or when it ends.
  kj::Promise<void> nextAcknowledgement();

  // Answers to acknowledged batches, oldest first.
  using DeliverResponse = capnp::Response<schemas::Package::DeliverResults>;
  std::vector<kj::Own<DeliverResponse>> takeAnswers();
  // When they are applied.
  void giveBack(std::vector<kj::Own<DeliverResponse>> answers);
  // Live: how long the analysis may wait for it now; 0: its answers are off.
  uint32_t patienceMs();
  // It was waited for in vain (or not): what it says to the batches out now comes too late.
  void waited(uint32_t milliseconds, bool inVain);
  // What it answered to start(): the answers and options of zeek_init. Null before, and if it
  // ended. Hostile, as all that it says.
  using StartResponse = capnp::Response<schemas::Package::StartResults>;
  kj::Maybe<StartResponse&> started() { return started_; }

  // Tells the logger how far this compartment is; `drained` is the current drain point. Unless
  // `must`, only when it is worth a message.
  // Live, one that is late is taken to have written all that it will.
  void mark(uint64_t drained, bool must);
  // Rows that it writes now carry a seq in (markedSeq, sentSeq].
  uint64_t markedSeq() const { return markedSeq_; }
  uint64_t sentSeq() const { return sentSeq_; }

  // Ends the compartment for what it did; asks the supervisor to kill it.
  void end(kj::StringPtr reason);
  // `read` reads a message of the compartment. At any depth that may point outside of the message,
  // which Cap'n Proto throws only when it gets there: then the compartment ends, and this is false.
  template <typename Read>
  bool reads(Read read) {
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions(read)) {
      end(kj::str("sent a message that cannot be read: ", exception->getDescription()));
      return false;
    }
    return true;
  }

  // The run is over for it before it began.
  void dismiss();

  double nextTimer() const { return nextTimer_; }
  void setNextTimer(double due) { nextTimer_ = due; }
  // Checked rows for the logger; they go with sendRows() at the latest.
  void write(capnp::List<schemas::Row>::Reader rows, size_t bytes);
  // Before anything else is sent to the logger about this compartment.
  void sendRows();
  // A call to the logger or supervisor on the compartment's behalf that nobody waits for; `bytes`
  // of it count until it is taken.
  void relay(kj::Promise<void> call, size_t bytes);

  // It waits for the supervisor, who does something for it: that it is silent is not its fault.
  void setHostAtWork(bool atWork) { atWork ? ++hostCalls_ : --hostCalls_; }

  void setTerminated() { terminated_ = true; }
  bool terminated() const { return terminated_; }

  // What became of it: counters of its process, and gaps.
  struct Tally {
    uint64_t generated = 0, delivered = 0, rows = 0;
    std::vector<Gap> gaps;
    void add(const Tally& earlier);
  };
  Tally tally() const;
  // `earlier`: of the processes before it under the same index.
  void describe(schemas::Subscriber::Builder to, const Tally& earlier) const;

 private:
  struct Open;
  struct Sent {
    uint64_t batch;
    uint64_t lastSeq;
    uint64_t boundary;
    size_t bytes;
    size_t events;
    kj::TimePoint time;
  };
  struct Watch {
    uint64_t answered = 0;
    uint64_t cpuAtAnswer = 0;
    uint64_t cpu = 0;
    uint32_t quiet = 0;  // looks without an answer and without CPU time
    bool owing = false;
  };

  void taskFailed(kj::Exception&& exception) override;
  void acknowledged(uint64_t batch, DeliverResponse&& response);
  void gone(kj::StringPtr reason);
  // Wraps a call that the compartment owes us an answer to.
  template <typename T>
  kj::Promise<T> owed(kj::Promise<T> call);
  kj::Promise<void> watch();
  void look(uint64_t cpu);
  void wake();
  void disconnect();
  size_t openBytes() const;
  void miss(uint64_t seq, const char* reason);
  void tell(schemas::Host::Level level, const std::string& text);

  Surroundings& surroundings_;
  uint32_t index_;
  kj::Own<kj::AsyncIoStream> socket_;
  rpc::GuardedStream stream_;
  capnp::TwoPartyVatNetwork network_;
  kj::Maybe<capnp::RpcSystem<capnp::rpc::twoparty::VatId>> rpc_;
  kj::Maybe<schemas::Package::Client> package_;

  Demand demand_;
  bool loading_ = false;
  bool ready_ = false;
  bool ended_ = false;
  bool terminated_ = false;
  bool awaiting_ = false;
  bool owing_ = false;
  bool groupSplit_ = false;  // a part of the current group was sent without its end
  std::string violation_;

  std::unique_ptr<Open> open_;
  size_t sizeHintWords_ = 128;
  size_t itemsHint_ = 0;
  std::deque<Sent> inFlight_;
  size_t inFlightBytes_ = 0;
  RowRelay rowRelay_;
  size_t relayBytes_ = 0;
  uint64_t batches_ = 0;
  uint64_t sentSeq_ = 0;
  uint64_t acknowledgedSeq_ = 0;
  uint64_t acknowledgedBoundary_ = 0;
  uint64_t markedSeq_ = 0;
  uint64_t generated_ = 0;
  uint64_t lastGenerated_ = 0;
  uint64_t delivered_ = 0;
  uint64_t rows_ = 0;
  double nextTimer_ = 0;

  bool suspended_ = false;
  uint64_t missed_ = 0;
  uint64_t lastMissed_ = 0;
  bool newGap_ = true;  // the next missed event begins one
  std::vector<Gap> gaps_;
  // Of what is numbered up to these it gets nothing: it begins before a gap or its start.
  uint64_t afterConnection_ = 0, afterFile_ = 0;
  // And of these it has never heard.
  uint64_t unknownConnection_ = 0, unknownFile_ = 0;
  std::vector<uint64_t> forgottenConnections_, forgottenFiles_;  // while it was suspended
  uint64_t lateAnswers_ = 0;  // batches whose answers come too late
  uint64_t markedForOthers_ = 0;
  kj::TimePoint window_;  // of the stall budget
  uint32_t stalledMs_ = 0;
  bool saidStalled_ = false;

  std::vector<kj::Own<DeliverResponse>> answers_;
  std::vector<kj::Own<DeliverResponse>> done_;  // to be let go of with the next batch
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waiters_;

  uint32_t owedCalls_ = 0;
  uint64_t answered_ = 0;
  Watch watch_;
  uint32_t hostCalls_ = 0;

  kj::Maybe<StartResponse> started_;
  std::unique_ptr<capnp::MallocMessageBuilder> report_;  // a copy of what it answered to finish()
  kj::TaskSet tasks_;
};

}  // namespace bulkhead::worker
