#pragma once
// What the tests of this folder share: a log folder, and the logger started as the supervisor does.

#include "sandbox/launch/test-bench.h"
#include "schemas/control.capnp.h"
#include "schemas/wire/log-wire.h"

#include <capnp/rpc-twoparty.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace bulkhead::test {

class LogFolder {
 public:
  explicit LogFolder(const std::string& parent = "/tmp") {
    std::string pattern = parent + "/process-test-XXXXXX";
    KJ_ASSERT(mkdtemp(pattern.data()) != nullptr, pattern);
    path_ = pattern;
  }
  ~LogFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  LogFolder(const LogFolder&) = delete;
  LogFolder& operator=(const LogFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The lines of a log that are no header.
  std::vector<std::string> rows(const std::string& name) const {
    std::ifstream in(path_ / name);
    EXPECT_TRUE(in) << name;
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] != '#') out.push_back(line);
    }
    return out;
  }

 private:
  std::filesystem::path path_;
};

// The two ends of a socket, neither inherited by accident.
struct SocketPair {
  kj::AutoCloseFd ours, theirs;
  SocketPair() {
    int fds[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
    ours = kj::AutoCloseFd(fds[0]);
    theirs = kj::AutoCloseFd(fds[1]);
  }
};

class Violations final : public schemas::Violations::Server {
 public:
  explicit Violations(std::vector<std::string>& texts) : texts_(texts) {}
  kj::Promise<void> violation(ViolationContext context) override {
    texts_.push_back(context.getParams().getText().cStr());
    return kj::READY_NOW;
  }

 private:
  std::vector<std::string>& texts_;
};

// A confined bulkhead-logger with one worker's socket.
class LoggerProcess {
 public:
  LoggerProcess(sandbox::TestBench& bench, const std::filesystem::path& folder,
                uint32_t compartments)
      : bench_(bench) {
    std::signal(SIGPIPE, SIG_IGN);
    kj::AutoCloseFd directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    KJ_REQUIRE(directory.get() >= 0, folder.c_str());
    int ends[2];
    KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
    kj::AutoCloseFd output(ends[1]);
    printed_ = bench.io.lowLevelProvider->wrapInputFd(kj::AutoCloseFd(ends[0]));
    SocketPair worker;
    const int extras[] = {directory.get(), output.get(), worker.theirs.get()};
    sandbox::LaunchSpec spec;
    spec.name = "logger";
    spec.profile = sandbox::ProfileId::logger;
    spec.identity = sandbox::Identity::host;
    spec.directory = sandbox::ReachableDirectory{0};
    spec.extraDescriptors = kj::arrayPtr(extras, 3);
    spec.arguments = kj::arrayPtr(&programName_, 1);
    child_ = bench.launcher->launchProgram(spec, sandbox::openProgram("bulkhead-logger"));
    workerSocket_ = kj::mv(worker.ours);
    stream_ = bench.io.lowLevelProvider->wrapSocketFd(child_->takeSocket());
    client_ = kj::heap<capnp::TwoPartyClient>(*stream_);
    auto configure = rpc().configureRequest();
    configure.setCompartments(compartments);
    configure.setViolations(kj::heap<Violations>(violations));
    configure.send().wait(bench.io.waitScope);
  }

  // As the supervisor has it.
  schemas::Logger::Client rpc() { return client_->bootstrap().castAs<schemas::Logger>(); }
  sandbox::Child& child() { return *child_; }
  // Our end of the worker's socket. Once.
  kj::AutoCloseFd takeWorkerSocket() { return kj::mv(workerSocket_); }
  // Ends the conversation; answers what the process ended with.
  sandbox::Outcome end() {
    client_ = nullptr;
    stream_ = nullptr;
    return bench_.endOf(*child_);
  }
  // What scripts printed, once it has ended.
  std::string printed() { return printed_->readAllText().wait(bench_.io.waitScope).cStr(); }

  std::vector<std::string> violations;

 private:
  sandbox::TestBench& bench_;
  kj::StringPtr programName_ = "bulkhead-logger";
  kj::Own<sandbox::Child> child_;
  kj::AutoCloseFd workerSocket_;
  kj::Own<kj::AsyncInputStream> printed_;
  kj::Own<kj::AsyncIoStream> stream_;
  kj::Own<capnp::TwoPartyClient> client_;
};

}  // namespace bulkhead::test
