#pragma once
// What one compartment may ask of the host: checked here, counted, and passed on.
//
// Worker thread. Owned by the RPC connection of its Subscriber, which outlives it. Every argument
// is hostile. What breaks a limit ends the compartment (Subscriber::end); what it has no grant for
// is refused in the answer. Rows are checked in full by the logger; here only what keeps their
// order true: that their seq belongs to work that the compartment was given.

#include "host/worker/subscriber.h"
#include "schemas/package.capnp.h"

namespace bulkhead::worker {

class HostService final : public schemas::Host::Server {
 public:
  HostService(Surroundings& surroundings, Subscriber& subscriber)
      : surroundings_(surroundings), subscriber_(subscriber) {}

  kj::Promise<void> readSource(ReadSourceContext context) override;
  kj::Promise<void> openLog(OpenLogContext context) override;
  kj::Promise<void> writeRows(WriteRowsContext context) override;
  kj::Promise<void> print(PrintContext context) override;
  kj::Promise<void> report(ReportContext context) override;
  kj::Promise<void> timer(TimerContext context) override;
  kj::Promise<void> publish(PublishContext context) override;
  kj::Promise<void> request(RequestContext context) override;
  kj::Promise<void> terminate(TerminateContext context) override;

 private:
  // False, and the compartment ended, unless `seq` belongs to work that it has.
  bool checkSeq(uint64_t seq);

  Surroundings& surroundings_;
  Subscriber& subscriber_;
  uint64_t reports_ = 0;
  size_t sourcesAsked_ = 0;
  uint64_t published_ = 0;
};

}  // namespace bulkhead::worker
