#include "host/logging/service.h"

#include "host/logging/logger.h"
#include "schemas/stream/socket-stream.h"
#include "schemas/wire/log-wire.h"

#include <capnp/rpc-twoparty.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bulkhead::logging {

namespace {

class Service final : public schemas::Logger::Server {
 public:
  Service(int directoryFd, int outputFd) : directory_(directoryFd), outputFd_(outputFd) {}

  kj::Promise<void> configure(ConfigureContext context) override {
    auto params = context.getParams();
    unsigned count = params.getCompartments();
    KJ_REQUIRE(logger_ == nullptr && count >= 1 && count <= maxCompartments);
    violations_ = params.getViolations();
    ended_.resize(count, false);
    columns_.resize(count);
    logger_ = std::make_unique<Logger>(directory_, count, LoggerLimits{.live = params.getLive()},
                                       [this](std::string_view text) { print(text); });
    return kj::READY_NOW;
  }

  kj::Promise<void> openLog(OpenLogContext context) override {
    auto params = context.getParams();
    unsigned from = check(params.getCompartment());
    if (ended_[from]) return kj::READY_NOW;
    return judge(from, foreign([&]() {
                   LogDescriptor log;
                   Violation violation = wire::read(params.getLog(), log);
                   if (violation.empty()) {
                     auto columns = log.columns;
                     violation = logger_->openLog(from, params.getLog().getId(), std::move(log));
                     if (violation.empty()) columns_[from].push_back(std::move(columns));
                   }
                   return violation;
                 }));
  }

  kj::Promise<void> writeRows(WriteRowsContext context) override {
    auto params = context.getParams();
    unsigned from = check(params.getCompartment());
    return judge(from, foreign([&]() {
                   for (auto rows : params.getBatches()) {
                     Violation violation = take(from, rows);
                     if (!violation.empty() || ended_[from]) return violation;
                   }
                   return Violation();
                 }));
  }

  kj::Promise<void> print(PrintContext context) override {
    auto params = context.getParams();
    unsigned from = check(params.getCompartment());
    if (ended_[from]) return kj::READY_NOW;
    return judge(from, foreign([&]() {
                   auto text = params.getText();
                   return logger_->print(
                       from, params.getSeq(),
                       {reinterpret_cast<const char*>(text.begin()), text.size()});
                 }));
  }

  kj::Promise<void> mark(MarkContext context) override {
    auto params = context.getParams();
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): check() has seen to it
    logger_->mark(check(params.getCompartment()), params.getSeq());
    return kj::READY_NOW;
  }

  kj::Promise<void> gone(GoneContext context) override {
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): check() has seen to it
    logger_->gone(check(context.getParams().getCompartment()));
    return kj::READY_NOW;
  }

  kj::Promise<void> again(AgainContext context) override {
    unsigned which = check(context.getParams().getCompartment());
    ended_[which] = false;
    columns_[which].clear();
    logger_->again(which);
    return kj::READY_NOW;
  }

  kj::Promise<void> flush(FlushContext) override {
    KJ_REQUIRE(logger_ != nullptr);
    logger_->flush();
    return kj::READY_NOW;
  }

  kj::Promise<void> settle(SettleContext) override { return kj::READY_NOW; }

  kj::Promise<void> packagesLog(PackagesLogContext context) override {
    auto params = context.getParams();
    if (packages_ == nullptr) {
      auto made = std::make_unique<PackagesLog>();
      std::string problem = wire::read(params.getLog(), made->log);
      KJ_REQUIRE(problem.empty(), problem);
      std::string unusable;
      auto format = FormatOptions::fromConfig(made->log.config, unusable);
      made->formatter = makeFormatter(format);
      made->file = directory_.create("packages", format.fileExtension, format.gzipLevel);
      made->file->append(made->formatter->header("packages", made->log.columns, 0));
      packages_ = std::move(made);
    }
    auto& to = *packages_;
    for (auto each : params.getBatch().getRows()) {
      std::vector<LogValue> values;
      std::string problem = wire::read(each.getValues(), to.log.columns, values);
      KJ_REQUIRE(problem.empty(), problem);
      std::string line;
      to.formatter->append(line, to.log.columns, values);
      to.file->append(line);
    }
    if (params.getLast()) {
      to.file->append(to.formatter->footer(0));
      to.file->close();
    } else {
      to.file->flush();
    }
    context.getResults().setError(to.file->error());
    return kj::READY_NOW;
  }

  kj::Promise<void> finish(FinishContext context) override {
    KJ_REQUIRE(logger_ != nullptr);
    auto summary = logger_->finish();
    for (auto& error : summary.errors) errors_.push_back(std::move(error));
    auto results = context.getResults();
    auto counts = results.initCounts(static_cast<unsigned>(summary.counts.size()));
    for (unsigned i = 0; i < summary.counts.size(); ++i) {
      counts[i].setCompartment(i);
      counts[i].setRows(summary.counts[i].written);
      counts[i].setJoined(summary.counts[i].joined);
      counts[i].setUnmatched(summary.counts[i].unmatched);
      counts[i].setRefused(summary.counts[i].refused);
    }
    std::string all;
    for (const auto& error : errors_) all += (all.empty() ? "" : "; ") + error;
    results.setError(all);
    return kj::READY_NOW;
  }

 private:
  static constexpr unsigned maxCompartments = 4096;
  struct PackagesLog {
    LogDescriptor log;
    std::unique_ptr<RowFormatter> formatter;
    std::unique_ptr<LogFile> file;
  };

  Violation take(unsigned from, capnp::List<schemas::Row>::Reader rows) {
    for (auto each : rows) {
      if (ended_[from]) return {};
      if (each.getLog() >= columns_[from].size()) return "wrote to a log that it never opened";
      Row row{.log = each.getLog(),
              .seq = each.getSeq(),
              .rootSeq = each.getRootSeq(),
              .identity = each.getIdentity(),
              .kind = each.getContribution() ? LogRowKind::contribution : LogRowKind::whole};
      Violation violation = wire::read(each.getValues(), columns_[from][row.log], row.values);
      if (violation.empty()) violation = logger_->write(from, std::move(row));
      if (!violation.empty()) return violation;
    }
    return {};
  }

  // What a compartment wrote is read here for the first time. Bytes that are no value at all are
  // answered by Cap'n Proto's readers with an exception, which would end this streaming interface
  // for everybody: it is a violation of that compartment alone.
  template <typename Read>
  static Violation foreign(Read&& read) {
    Violation violation;
    auto problem = kj::runCatchingExceptions([&]() { violation = read(); });
    KJ_IF_MAYBE (exception, problem) {
      violation = std::string("sent what cannot be read: ") + exception->getDescription().cStr();
    }
    return violation;
  }

  unsigned check(unsigned compartment) const {
    KJ_REQUIRE(logger_ != nullptr && compartment < ended_.size(), "no such compartment",
               compartment);
    return compartment;
  }

  kj::Promise<void> judge(unsigned compartment, Violation violation) {
    if (violation.empty() || ended_[compartment]) return kj::READY_NOW;
    ended_[compartment] = true;
    logger_->gone(compartment);
    auto request = violations_.violationRequest();
    request.setCompartment(compartment);
    request.setText(violation);
    return request.send();
  }

  void print(std::string_view text) {
    while (!text.empty()) {
      ssize_t n = ::write(outputFd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        if (!printFailed_)
          errors_.push_back(std::string("standard output: ") + std::strerror(errno));
        printFailed_ = true;
        return;
      }
      text.remove_prefix(static_cast<size_t>(n));
    }
  }

  LogDirectory directory_;
  int outputFd_;
  bool printFailed_ = false;
  schemas::Violations::Client violations_ = nullptr;
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<PackagesLog> packages_;
  std::vector<bool> ended_;                                   // by compartment: broke the rules
  std::vector<std::vector<std::vector<LogColumn>>> columns_;  // by compartment and log
  std::vector<std::string> errors_;
};

}  // namespace

schemas::Logger::Client makeLoggerService(int directoryFd, int outputFd) {
  return kj::heap<Service>(directoryFd, outputFd);
}

int serve(int socketFd, kj::ArrayPtr<const int> workerFds, int directoryFd, int outputFd,
          kj::Function<void()> lockdown) {
  // A peer that went away is an error of the write, not an end of everybody's.
  std::signal(SIGPIPE, SIG_IGN);
  auto io = kj::setupAsyncIo();
  auto stream =
      io.lowLevelProvider->wrapSocketFd(socketFd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  auto workerStreams = KJ_MAP(fd, workerFds) {
    return kj::heap<SocketStream>(io.unixEventPort, fd).attach(kj::AutoCloseFd(fd));
  };
  // The timer's and the waiter's first use makes their system calls; do it before the lockdown.
  io.provider->getTimer().now();
  lockdown();
  auto service = makeLoggerService(directoryFd, outputFd);
  capnp::TwoPartyClient supervisor(*stream, service, capnp::rpc::twoparty::Side::SERVER);
  auto workers = KJ_MAP(each, workerStreams) {
    return kj::heap<capnp::TwoPartyClient>(*each, service, capnp::rpc::twoparty::Side::SERVER);
  };
  supervisor.onDisconnect().wait(io.waitScope);
  return 0;
}

}  // namespace bulkhead::logging
