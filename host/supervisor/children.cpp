#include "host/supervisor/children.h"

#include "host/supervisor/source-folders.h"
#include "sandbox/doctor/doctor.h"

#include <kj/debug.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <sys/socket.h>

namespace bulkhead::supervisor {

namespace {

// Log files that all compartments together may hold open, and the logger's own descriptors.
constexpr uint32_t loggerOpenFiles = 8192;
// Besides one socket for each compartment.
constexpr uint32_t workerOpenFiles = 64;
constexpr unsigned descriptorsPerMessage = 1;
constexpr kj::Duration lastWords = 2 * kj::SECONDS;

// A text for the user as it is: KJ_EXCEPTION would put the name of the variable before it.
kj::Exception failure(kj::StringPtr why) {
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::str(why)};
}

class DescriptorCapability final : public schemas::Socket::Server {
 public:
  explicit DescriptorCapability(kj::AutoCloseFd fd) : fd_(kj::mv(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  kj::AutoCloseFd fd_;
};

}  // namespace

// The janitor is forked and signals are caught before there is anything that either could disturb.
struct Children::Prepared {
  Prepared() {
    cgroups = sandbox::openCgroupTree();
    kj::UnixEventPort::captureSignal(SIGINT);
    kj::UnixEventPort::captureSignal(SIGTERM);
  }
  sandbox::CgroupTree* tree() {
    KJ_IF_MAYBE (found, cgroups.tree) {
      return found->get();
    }
    return nullptr;
  }
  sandbox::CgroupTreeResult cgroups;
};

Children::Connection::Connection(kj::Own<kj::AsyncCapabilityStream> s)
    : stream(kj::mv(s)), client(*stream, descriptorsPerMessage) {}

Children::Children(const RunOptions& options, Compartments& compartments, Messages& messages)
    : options_(options),
      compartments_(compartments),
      messages_(messages),
      prepared_(kj::heap<Prepared>()),
      io_(kj::setupAsyncIo()),
      failed_(nullptr),
      tasks_(*this) {
  auto paf = kj::newPromiseAndFulfiller<void>();
  failure_ = kj::mv(paf.fulfiller);
  failed_ = paf.promise.fork();
  tasks_.add(watchSignals(SIGINT));
  tasks_.add(watchSignals(SIGTERM));
}

Children::~Children() noexcept(false) {
  // Connections before processes: a child that goes is no news any more.
  loggerMayEnd_ = workerMayEnd_ = true;
  for (auto& each : compartments_) each->child = nullptr;
}

void Children::taskFailed(kj::Exception&& exception) { fail(exception.getDescription()); }

void Children::fail(kj::StringPtr why) {
  if (failure_->isWaiting()) failure_->reject(failure(why));
}

kj::Promise<void> Children::watchSignals(int number) {
  return io_.unixEventPort.onSignal(number).then([this, number](siginfo_t&&) {
    signal_ = number;
    if (onSignal_) {
      onSignal_(number);
    } else {
      fail("interrupted");
    }
    return watchSignals(number);
  });
}

kj::Promise<void> Children::watchHost(sandbox::Child& child, const char* what, const bool& mayEnd) {
  return child.onEnd().then([this, &child, what, &mayEnd](sandbox::Outcome outcome) {
    if (mayEnd) return;
    std::string why = std::string(what) + " ended: " + sandbox::describe(outcome);
    if (auto text = child.errorText(); !text.empty()) why += "\n" + text;
    fail(why.c_str());
  });
}

void Children::checkMachine() {
  const auto& machine = launcher_->machine();
  if (!options_.require.empty()) {
    auto required = sandbox::parseRequired(options_.require);
    auto* layers = std::get_if<sandbox::LayerSet>(&required);
    KJ_REQUIRE(layers != nullptr, "checked with the command line");
    auto unmet = sandbox::unmetRequirement(machine, *layers);
    if (!unmet.empty()) throw failure(unmet.c_str());
  }
  auto missing = sandbox::missingLayersText(machine);
  while (!missing.empty() && missing.back() == '\n') missing.pop_back();
  if (!missing.empty()) messages_.plain(missing);
}

void Children::startZygote(const Programs& programs) {
  const kj::StringPtr arguments[] = {"bulkhead-zygote"};
  sandbox::LaunchSpec spec;
  spec.name = "zygote";
  spec.profile = sandbox::ProfileId::zygote;
  spec.arguments = arguments;
  kj::AutoCloseFd library;
  try {
    library = packLibrary(programs.baseLibrary);
  } catch (const std::exception& exception) {
    throw KJ_EXCEPTION(FAILED, "the script library cannot be read", exception.what());
  }
  const int extra[] = {library.get()};
  spec.extraDescriptors = extra;
  zygote_ = launcher_->launchZygote(
      spec, programs.zygote.get(), sandbox::ErrorLines([this](kj::StringPtr line) {
        messages_.plain(std::string("bulkhead-zygote: ") + line.cStr());
      }));
}

kj::Own<Children::Connection> Children::connect(sandbox::Child& child) {
  return kj::heap<Connection>(io_.lowLevelProvider->wrapUnixSocketFd(
      child.takeSocket().release(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP));
}

void Children::startHost(const Programs& programs, const kj::AutoCloseFd& logDirectory,
                         const OpenCapture& capture) {
  auto* tree = prepared_->tree();
  launcher_ = kj::heap<sandbox::Launcher>(
      io_.unixEventPort, sandbox::probeMachine(tree, prepared_->cgroups.reason), tree);
  checkMachine();
  // First: it analyses the base library while the others start.
  startZygote(programs);

  using sandbox::ProfileId;
  for (auto profile : {ProfileId::logger, ProfileId::worker, ProfileId::compartmentScript,
                       ProfileId::compartmentNative}) {
    if (profile == ProfileId::compartmentNative && options_.natives.empty()) continue;
    auto problem = wait(launcher_->prove(profile));
    KJ_IF_MAYBE (text, problem) {
      throw failure(kj::str("the sandbox does not hold here: ", *text));
    }
  }

  int pair[2];
  KJ_SYSCALL(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  kj::AutoCloseFd loggerEnd(pair[0]), workerEnd(pair[1]);

  auto words = [this](const char* who) {
    return
        [this, who](kj::StringPtr line) { messages_.plain(std::string(who) + ": " + line.cStr()); };
  };
  const int loggerExtra[] = {logDirectory.get(), STDOUT_FILENO, loggerEnd.get()};
  const kj::StringPtr loggerArguments[] = {"bulkhead-logger"};
  sandbox::LaunchSpec logger;
  logger.name = "logger";
  logger.profile = ProfileId::logger;
  logger.identity = sandbox::Identity::host;
  logger.limits.openFiles = loggerOpenFiles;
  logger.extraDescriptors = loggerExtra;
  logger.directory = sandbox::ReachableDirectory{0};
  logger.arguments = loggerArguments;
  loggerChild_ = launcher_->launchProgram(logger, programs.logger.get(),
                                          sandbox::ErrorLines(words("bulkhead-logger")));

  kj::Vector<int> workerExtra;
  workerExtra.add(workerEnd.get());
  if (capture.fd.get() >= 0) workerExtra.add(capture.fd.get());
  const kj::StringPtr workerArguments[] = {"bulkhead-worker"};
  sandbox::LaunchSpec worker;
  worker.name = "worker";
  worker.profile = ProfileId::worker;
  worker.limits = options_.configuration.worker;
  worker.limits.openFiles = std::max(worker.limits.openFiles,
                                     workerOpenFiles + static_cast<uint32_t>(compartments_.size()));
  worker.extraDescriptors = workerExtra;
  worker.arguments = workerArguments;
  workerChild_ = launcher_->launchProgram(worker, programs.worker.get(),
                                          sandbox::ErrorLines(words("bulkhead-worker")));

  tasks_.add(watchHost(*loggerChild_, "the logger", loggerMayEnd_));
  tasks_.add(watchHost(*workerChild_, "the worker", workerMayEnd_));
  loggerConnection_ = connect(*loggerChild_);
  workerConnection_ = connect(*workerChild_);

  auto configure = this->logger().configureRequest();
  configure.setCompartments(static_cast<uint32_t>(compartments_.size()));
  configure.setLive(!options_.interface.empty());
  configure.setViolations(kj::heap<ViolationsService>(compartments_));
  wait(configure.send().ignoreResult());
}

schemas::Worker::Client Children::worker() {
  return workerConnection_->client.bootstrap().castAs<schemas::Worker>();
}

schemas::Logger::Client Children::logger() {
  return loggerConnection_->client.bootstrap().castAs<schemas::Logger>();
}

void Children::startCompartments() {
  auto started = kj::heapArrayBuilder<kj::Promise<void>>(compartments_.size());
  for (auto& each : compartments_) started.add(start(*each));
  wait(kj::joinPromises(started.finish()));
}

kj::Promise<kj::Own<sandbox::Child>> Children::launch(Compartment& compartment) {
  sandbox::LaunchSpec spec;
  spec.name = compartment.name.c_str();
  spec.profile = sandbox::ProfileId::compartmentScript;
  spec.limits = compartment.limits.sandbox;
  sandbox::ErrorLines onErrorLine = [this, &compartment](kj::StringPtr line) {
    messages_.say(compartment, Messages::Level::error, line.cStr(), {});
  };
  auto native = options_.natives.find(compartment.name);
  if (native == options_.natives.end()) return zygote_->spawn(kj::mv(spec), kj::mv(onErrorLine));
  spec.profile = sandbox::ProfileId::compartmentNative;
  int file;
  KJ_SYSCALL(file = ::open(native->second.c_str(), O_RDONLY | O_CLOEXEC), native->second);
  kj::AutoCloseFd program(file);
  auto image = sandbox::sealImage(program.get(), spec.name);
  return launcher_->launchImage(spec, image.get(), kj::mv(onErrorLine));
}

kj::Promise<void> Children::start(Compartment& compartment) {
  return launch(compartment).then([&compartment](kj::Own<sandbox::Child> child) {
    auto& running = *child;
    compartment.child = kj::mv(child);
    return running.onLocked().catch_([&compartment, &running](kj::Exception&&) {
      // It ended in its set-up: the outcome names the step.
      return running.onEnd().then([&compartment](sandbox::Outcome outcome) {
        compartment.outcome = outcome;
        compartment.whyNotLoaded = sandbox::describe(outcome);
      });
    });
  });
}

schemas::Socket::Client Children::socketOf(Compartment& compartment) {
  return kj::heap<DescriptorCapability>(KJ_ASSERT_NONNULL(compartment.child)->takeSocket());
}

kj::Promise<void> Children::ending(Compartment& compartment) {
  KJ_IF_MAYBE (owned, compartment.child) {
    auto& child = **owned;
    return child.onEnd().then([&compartment, &child](sandbox::Outcome outcome) {
      compartment.usage = child.usage();
      compartment.outcome = kj::mv(outcome);
    });
  }
  return kj::READY_NOW;
}

kj::Promise<void> Children::parting(Compartment& compartment, kj::Duration time) {
  KJ_IF_MAYBE (owned, compartment.child) {
    auto& child = **owned;
    auto late = io_.provider->getTimer().afterDelay(time).then([&child]() {
      child.kill("did not leave at the end of the run");
      return kj::Promise<void>(kj::NEVER_DONE);
    });
    return ending(compartment).exclusiveJoin(kj::mv(late));
  }
  return kj::READY_NOW;
}

kj::Promise<void> Children::dismissWorker() {
  workerConnection_ = nullptr;
  auto late = io_.provider->getTimer().afterDelay(lastWords).then([this]() {
    workerChild_->kill("did not leave at the end of the run");
    return kj::Promise<void>(kj::NEVER_DONE);
  });
  return workerChild_->onEnd().then([](sandbox::Outcome) {}).exclusiveJoin(kj::mv(late));
}

std::string Children::whyWorkerEnded() {
  auto words = workerChild_->onEnd().then(
      [](sandbox::Outcome outcome) { return "the worker ended: " + sandbox::describe(outcome); });
  auto late = io_.provider->getTimer().afterDelay(lastWords).then(
      []() { return std::string("the worker closed its connection"); });
  return words.exclusiveJoin(kj::mv(late)).wait(io_.waitScope);
}

}  // namespace bulkhead::supervisor
