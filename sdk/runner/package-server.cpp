#include "sdk/runner/package-server.h"

#include "sdk/runner/limits.h"

#include <kj/debug.h>
#include <kj/function.h>

#include <deque>
#include <utility>

namespace bulkhead::runner {

namespace {

// Work that arrived, in order.
class Queue {
 public:
  kj::Promise<void> add(kj::Function<void()> work) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    waiting_.push_back({kj::mv(work), kj::mv(paf.fulfiller)});
    KJ_IF_MAYBE (idle, idle_) {
      (*idle)->fulfill();
    }
    idle_ = nullptr;
    return kj::mv(paf.promise);
  }

  kj::Promise<void> ready() {
    if (!waiting_.empty()) return kj::READY_NOW;
    auto paf = kj::newPromiseAndFulfiller<void>();
    idle_ = kj::mv(paf.fulfiller);
    return kj::mv(paf.promise);
  }

  bool empty() const { return waiting_.empty(); }

  void runOne() {
    auto next = kj::mv(waiting_.front());
    waiting_.pop_front();
    // What the host did wrong is its call's answer; the run goes on only if the host wants it to.
    bool done = false;
    auto problem = kj::runCatchingExceptions([&]() {
      next.work();
      done = true;
    });
    KJ_IF_MAYBE (exception, problem) {
      next.done->reject(kj::mv(*exception));
    } else if (done) {
      next.done->fulfill();
    }
  }

 private:
  struct Entry {
    kj::Function<void()> work;
    kj::Own<kj::PromiseFulfiller<void>> done;
  };
  std::deque<Entry> waiting_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> idle_;
};

class PackageServer final : public schemas::Package::Server {
 public:
  PackageServer(Queue& queue, Compartment& compartment)
      : queue_(queue), compartment_(compartment) {}

  kj::Promise<void> load(LoadContext context) override {
    return queue_.add([this, context]() mutable {
      auto params = context.getParams();
      compartment_.load(params.getHost(), params.getSettings(), context.getResults().initLoaded());
      context.releaseParams();
    });
  }

  kj::Promise<void> start(StartContext context) override {
    return queue_.add([this, context]() mutable {
      auto params = context.getParams();
      compartment_.start(params.getNetworkTime(), params.getSeq());
      auto results = context.getResults();
      compartment_.takeAnswers(
          results.initAnswers(static_cast<unsigned>(compartment_.answerCount())));
      compartment_.writeOptions(results);
      compartment_.describe(results.initState());
    });
  }

  kj::Promise<void> deliver(DeliverContext context) override {
    return queue_.add([this, context]() mutable {
      compartment_.deliver(context.getParams().getBatch());
      context.releaseParams();
      auto results = context.getResults();
      compartment_.takeAnswers(
          results.initAnswers(static_cast<unsigned>(compartment_.answerCount())));
      compartment_.describe(results.initState());
    });
  }

  kj::Promise<void> finish(FinishContext context) override {
    return queue_.add([this, context]() mutable {
      auto params = context.getParams();
      compartment_.finish(params.getNetworkTime(), params.getSeq(), params.getCapture(),
                          context.getResults().initReport());
    });
  }

 private:
  Queue& queue_;
  Compartment& compartment_;
};

}  // namespace

int serve(kj::AsyncIoStream& stream, kj::WaitScope& waitScope, Compartment& compartment) {
  Queue queue;
  capnp::ReaderOptions options;
  options.traversalLimitInWords = maxTraversalWords;
  options.nestingLimit = maxNestingDepth;
  capnp::TwoPartyVatNetwork network(stream, capnp::rpc::twoparty::Side::SERVER, options);
  auto rpc = capnp::makeRpcServer(network, kj::heap<PackageServer>(queue, compartment));
  bool open = true;
  auto closed = network.onDisconnect().then([&]() { open = false; }).fork();
  while (open && !compartment.isAbandoned()) {
    queue.ready().exclusiveJoin(closed.addBranch()).wait(waitScope);
    if (!queue.empty() && open) queue.runOne();
  }
  if (compartment.isAbandoned()) {
    waitScope.poll();  // the report that says why goes out
    return exitAbandoned;
  }
  return 0;
}

}  // namespace bulkhead::runner
