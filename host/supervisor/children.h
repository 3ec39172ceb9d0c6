#pragma once
// The processes of a run: logger, worker, zygote and the compartments, with the connections to
// them.
//
// Event-loop thread, of which it owns the loop: one per process. Waits happen at the top level
// only. Errors: kj::Exception with a text for the user when the machine refuses, when a host
// process ends early, or when a signal asks for the end while nobody handles it (then signal() is
// not 0).

#include "host/supervisor/inputs.h"
#include "host/supervisor/programs.h"
#include "host/supervisor/service.h"
#include "sandbox/launch/launcher.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <functional>
#include <string>

namespace bulkhead::supervisor {

class Children final : private kj::TaskSet::ErrorHandler {
 public:
  Children(const RunOptions& options, Compartments& compartments, Messages& messages);
  ~Children() noexcept(false);
  KJ_DISALLOW_COPY(Children);

  // Says what the machine does not enforce, checks --require, proves the profiles, and starts
  // zygote, logger and worker.
  void startHost(const Programs& programs, const kj::AutoCloseFd& logDirectory,
                 const OpenCapture& capture);
  // Of the zygote a process for each compartment. One that cannot be started has its
  // outcome; the others go on.
  void startCompartments();

  schemas::Worker::Client worker();
  schemas::Logger::Client logger();
  // The host's end of a compartment's socket, to be given away. Once, while it has a child.
  schemas::Socket::Client socketOf(Compartment& compartment);

  // Waits for a promise, or for the early end of a host process or a signal, which throw.
  template <typename T>
  auto wait(kj::Promise<T> promise) {
    return promise
        .exclusiveJoin(failed_.addBranch().then([]() -> kj::Promise<T> { return kj::NEVER_DONE; }))
        .wait(io_.waitScope);
  }
  // Who handles signals from now on; empty: they end the run.
  void onSignal(std::function<void(int signal)> handler) { onSignal_ = std::move(handler); }
  int signal() const { return signal_; }
  // From now on the end of the worker shows in what it was asked, and is no failure by itself.
  void expectWorkerToEnd() { workerMayEnd_ = true; }
  // Ends the run now.
  void fail(kj::StringPtr why);
  void background(kj::Promise<void> task) { tasks_.add(kj::mv(task)); }

  // Resolves when the process is gone, with outcome and usage filled.
  kj::Promise<void> ending(Compartment& compartment);
  // A process for it, from the zygote. Resolves when it is locked down, or has its outcome.
  kj::Promise<void> start(Compartment& compartment);
  kj::Promise<void> after(kj::Duration time) { return io_.provider->getTimer().afterDelay(time); }
  // Resolves when the process is gone; after `time` it is ended. Fills outcome and usage.
  kj::Promise<void> parting(Compartment& compartment, kj::Duration time);
  std::string whyWorkerEnded();
  // Its work is done: it leaves, and with it the compartments' connections.
  kj::Promise<void> dismissWorker();

 private:
  struct Prepared;
  struct Connection {
    kj::Own<kj::AsyncCapabilityStream> stream;
    capnp::TwoPartyClient client;
    explicit Connection(kj::Own<kj::AsyncCapabilityStream> s);
  };

  void taskFailed(kj::Exception&& exception) override;
  kj::Promise<void> watchSignals(int number);
  kj::Promise<void> watchHost(sandbox::Child& child, const char* what, const bool& mayEnd);
  kj::Own<Connection> connect(sandbox::Child& child);
  // A process of the zygote's, or of a program of its own.
  kj::Promise<kj::Own<sandbox::Child>> launch(Compartment& compartment);
  void checkMachine();
  void startZygote(const Programs& programs);

  const RunOptions& options_;
  Compartments& compartments_;
  Messages& messages_;
  kj::Own<Prepared> prepared_;  // what has to happen before the event loop
  kj::AsyncIoContext io_;
  kj::Own<sandbox::Launcher> launcher_;
  kj::Own<kj::PromiseFulfiller<void>> failure_;
  kj::ForkedPromise<void> failed_;
  std::function<void(int)> onSignal_;
  int signal_ = 0;
  bool workerMayEnd_ = false;
  bool loggerMayEnd_ = false;
  kj::Own<sandbox::Child> loggerChild_, workerChild_;
  kj::Own<sandbox::Zygote> zygote_;
  kj::Own<Connection> loggerConnection_, workerConnection_;
  kj::TaskSet tasks_;
};

}  // namespace bulkhead::supervisor
