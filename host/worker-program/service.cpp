#include "host/worker-program/service.h"

#include "host/analyzers/files/mime-magic.h"
#include "host/worker-program/analysis-options.h"
#include "host/worker-program/run.h"
#include "schemas/control.capnp.h"
#include "schemas/stream/socket-stream.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <csignal>
#include <openssl/crypto.h>
#include <unistd.h>
#include <utility>

namespace bulkhead::worker {

namespace {

using capture::CaptureError;
using capture::PacketSource;

constexpr unsigned descriptorsPerMessage = 2;

// Only words reach the RPC: the run itself waits in the event loop and so belongs to the top level.
class Service final : public schemas::Worker::Server {
 public:
  Service(kj::AsyncIoContext& io, schemas::Logger::Client logger, kj::Maybe<int> captureFd)
      : io_(io), logger_(kj::mv(logger)), captureFd_(captureFd) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    requested_ = kj::mv(paf.fulfiller);
    request_ = kj::mv(paf.promise);
  }

  kj::Promise<void> open(OpenContext context) override {
    KJ_REQUIRE(sink_ == nullptr, "open is called once");
    auto params = context.getParams();
    auto options = params.getOptions();
    auto results = context.getResults();
    surroundings_.emplace(Surroundings{.timer = io_.provider->getTimer(),
                                       .supervisor = params.getSupervisor(),
                                       .logger = logger_,
                                       .stallSeconds = options.getStallSeconds(),
                                       .live = options.getLive()});
    if (options.getLive()) surroundings_->maxQueueBytes = defaultLiveQueueBytes;
    surroundings_->mimeTypeOf = [this](std::string_view bytes) {
      if (!magic_) magic_.emplace();
      return magic_->detect({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}).best;
    };
    settings_.live = options.getLive();
    if (options.getMaxQueueBytes() != 0) surroundings_->maxQueueBytes = options.getMaxQueueBytes();
    sink_ = std::make_unique<BatchSink>(*surroundings_, io_.waitScope);
    settings_.ignoreChecksums = options.getIgnoreChecksums();
    if (options.getSeeds().size() != 0) {
      std::string text;
      for (uint32_t seed : options.getSeeds()) text += std::to_string(seed) + "\n";
      settings_.seed = keyFromSeedFile(text);
      if (!settings_.seed) {
        results.setError("the seed file does not hold 21 numbers");
        return kj::READY_NOW;
      }
    }
    if (options.getCaptureName().size() == 0) return kj::READY_NOW;
    results.setError(openCapture(options, results));
    return kj::READY_NOW;
  }

  kj::Promise<void> attach(AttachContext context) override {
    KJ_REQUIRE(sink_ != nullptr, "attach comes after open");
    // The descriptor lives as long as the capability; so does the stream, which owns it.
    auto socket = context.getParams().getSocket();
    auto descriptor = socket.getFd();
    return descriptor.then([this, context, socket = kj::mv(socket)](kj::Maybe<int> fd) mutable {
      auto compartment = context.getParams().getCompartment();
      int number = KJ_REQUIRE_NONNULL(fd, "the socket carries no descriptor");
      auto stream = kj::heap<SocketStream>(io_.unixEventPort, number).attach(kj::mv(socket));
      auto& subscriber = isRequested_ ? sink_->addAgain(compartment.getIndex(), kj::mv(stream))
                                      : sink_->add(compartment.getIndex(), kj::mv(stream));
      capnp::MallocMessageBuilder message;
      message.setRoot(compartment.getSettings());
      auto settings = message.getRoot<schemas::Settings>();
      if (subscriber.isSite() && !isRequested_) {
        auto names = worker::wantedOptions();
        auto wanted = settings.initWantedOptions(static_cast<unsigned>(names.size()));
        for (unsigned i = 0; i < wanted.size(); ++i) wanted.set(i, std::string(names[i]).c_str());
      }
      context.releaseParams();
      return subscriber.load(settings.asReader())
          .then([this, context](Subscriber::Loaded&& loaded) mutable {
            answer(context.getResults().initLoaded(), loaded);
            surroundings_->stir();
          });
    });
  }

  kj::Promise<void> run(RunContext context) override {
    KJ_REQUIRE(sink_ != nullptr && !isRequested_, "run is called once, after open");
    isRequested_ = true;
    context_ = context;
    requested_->fulfill();
    auto paf = kj::newPromiseAndFulfiller<void>();
    finished_ = kj::mv(paf.fulfiller);
    return kj::mv(paf.promise);
  }

  kj::Promise<void> stop(StopContext) override {
    setStopped();
    return kj::READY_NOW;
  }

  // For the top level. Resolves when run() has been called.
  kj::Promise<void> whenRequested() { return kj::mv(request_); }
  void setStopped() {
    stop_ = true;
    if (surroundings_) surroundings_->stir();
  }
  // What run() asks for, from start to end.
  void go() {
    auto& context = KJ_ASSERT_NONNULL(context_);
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() {
                   Run run(*surroundings_, *sink_, source_.get(), captureFd_.orDefault(-1), stop_,
                           io_.unixEventPort, io_.waitScope);
                   run.go(settings_, context.getResults().initResult());
                 })) {
      finished_->reject(kj::mv(*exception));
      return;
    }
    finished_->fulfill();
  }

 private:
  // Empty, or what is wrong with the capture or the filter.
  std::string openCapture(schemas::Options::Reader options,
                          schemas::Worker::OpenResults::Builder results) {
    const std::string name = options.getCaptureName().cStr();
    KJ_IF_MAYBE (fd, captureFd_) {
      auto opened = options.getLive() ? PacketSource::fromPacketSocket(
                                            *fd, name, static_cast<int>(options.getLinkType()))
                                      : PacketSource::fromDescriptor(*fd, name);
      if (auto* error = std::get_if<CaptureError>(&opened)) {
        captureFd_ = nullptr;
        return error->message();
      }
      source_ = std::move(std::get<std::unique_ptr<PacketSource>>(opened));
      results.setLinkType(source_->linkTypeText());
      results.setLinkTypeNumber(static_cast<uint32_t>(source_->linkType()));
      if (options.getFilter().size() != 0) {
        if (auto error = source_->setFilter(options.getFilter().cStr())) return error->message();
      }
      return {};
    }
    return name + ": was not handed over";
  }

  static void answer(schemas::Attached::Builder to, const Subscriber::Loaded& loaded) {
    to.setReady(loaded.ready);
    to.setReason(loaded.reason);
    to.setErrors(loaded.errors);
    auto diagnostics = to.initDiagnostics(static_cast<unsigned>(loaded.diagnostics.size()));
    for (unsigned i = 0; i < diagnostics.size(); ++i)
      diagnostics.set(i, loaded.diagnostics[i].c_str());
    auto loads = to.initStandardLoads(static_cast<unsigned>(loaded.standardLoads.size()));
    for (unsigned i = 0; i < loads.size(); ++i) loads.set(i, loaded.standardLoads[i].c_str());
    auto redefs = to.initRedefs(static_cast<unsigned>(loaded.redefs.size()));
    for (unsigned i = 0; i < redefs.size(); ++i) {
      redefs[i].setModule(loaded.redefs[i].module);
      redefs[i].setText(loaded.redefs[i].text);
      redefs[i].setFile(loaded.redefs[i].file);
      redefs[i].setLine(loaded.redefs[i].line);
      auto names = redefs[i].initNames(static_cast<unsigned>(loaded.redefs[i].names.size()));
      for (unsigned j = 0; j < names.size(); ++j) names.set(j, loaded.redefs[i].names[j].c_str());
      redefs[i].setUnknown(loaded.redefs[i].unknown);
    }
    auto applied = to.initApplied(static_cast<unsigned>(loaded.applied.size()));
    for (unsigned i = 0; i < applied.size(); ++i) applied.set(i, loaded.applied[i]);
    if (loaded.overview) to.setOverview(loaded.overview->getRoot<schemas::Overview>().asReader());
  }

  kj::AsyncIoContext& io_;
  schemas::Logger::Client logger_;
  kj::Maybe<int> captureFd_;
  std::optional<Surroundings> surroundings_;
  std::optional<analyzers::files::MimeMagic> magic_;  // once a script asks for it
  std::unique_ptr<BatchSink> sink_;
  std::unique_ptr<PacketSource> source_;
  RunSettings settings_;
  bool stop_ = false;
  bool isRequested_ = false;
  kj::Promise<void> request_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> requested_;
  kj::Maybe<RunContext> context_;
  kj::Own<kj::PromiseFulfiller<void>> finished_;
};

}  // namespace

int serve(int controlFd, int loggerFd, kj::Maybe<int> captureFd, kj::Function<void()> lockdown) {
  // A peer that went away is an error of the write, not an end of everybody's.
  std::signal(SIGPIPE, SIG_IGN);
  auto io = kj::setupAsyncIo();
  auto control =
      io.lowLevelProvider->wrapUnixSocketFd(controlFd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  kj::AutoCloseFd ownedLogger(loggerFd);
  SocketStream loggerStream(io.unixEventPort, loggerFd);
  io.provider->getTimer().now();
  // By itself it would look for a configuration file at its first use: digests make fuids.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  lockdown();
  capnp::TwoPartyClient logger(loggerStream);
  auto owned = kj::heap<Service>(io, logger.bootstrap().castAs<schemas::Logger>(), captureFd);
  auto& service = *owned;
  capnp::TwoPartyClient supervisor(*control, descriptorsPerMessage, kj::mv(owned),
                                   capnp::rpc::twoparty::Side::SERVER);
  // Without a supervisor there is nobody to run for.
  auto gone = supervisor.onDisconnect().then([&service]() { service.setStopped(); }).fork();
  bool requested = false;
  service.whenRequested()
      .then([&requested]() { requested = true; })
      .exclusiveJoin(gone.addBranch())
      .wait(io.waitScope);
  if (requested) service.go();
  gone.addBranch().wait(io.waitScope);
  return 0;
}

}  // namespace bulkhead::worker
