// bulkhead-zygote as the supervisor starts it: confined, locked down, a compartment per fork.

#include "sandbox/cgroup/cgroup.h"
#include "sandbox/launch/launcher.h"
#include "sdk/runner/fake-worker.h"
#include "sdk/runner/library-file.h"
#include "sdk/runner/limits.h"

#include <kj/debug.h>
#include <kj/timer.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdexcept>
#include <unistd.h>

namespace bulkhead::runner {
namespace {

using testing::HasSubstr;

class Process : public testing::Test {
 protected:
  explicit Process(bool withCgroups = true) {
    if (withCgroups) {
      KJ_IF_MAYBE (found, cgroups_.tree) tree_ = found->get();
    }
    launcher_ = kj::heap<sandbox::Launcher>(io_.unixEventPort,
                                            sandbox::probeMachine(tree_, cgroups_.reason), tree_);
    char path[4096] = {};
    KJ_ASSERT(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    std::string self(path);
    std::string program = self.substr(0, self.rfind('/')) + "/bulkhead-zygote";
    kj::AutoCloseFd file(open(program.c_str(), O_RDONLY | O_CLOEXEC));
    KJ_ASSERT(file.get() >= 0, program.c_str());
    auto library = libraryFile(libraryFiles());
    const int extra[] = {library.get()};
    const kj::StringPtr arguments[] = {"bulkhead-zygote"};
    sandbox::LaunchSpec spec;
    spec.name = "zygote";
    spec.profile = sandbox::ProfileId::zygote;
    spec.arguments = arguments;
    spec.extraDescriptors = extra;
    zygote_ = launcher_->launchZygote(spec, file.get());
  }
  ~Process() noexcept override {}

  // One compartment, its worker's end, and its package.
  void spawn() {
    sandbox::LaunchSpec spec;
    spec.name = "demo";
    spec.profile = sandbox::ProfileId::compartmentScript;
    spec.limits = sandbox::packageDefaults();
    child_ = zygote_->spawn(kj::mv(spec)).wait(io_.waitScope);
    stream_ = io_.lowLevelProvider->wrapSocketFd(child_->takeSocket().release(),
                                                 kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
    client_ = kj::heap<capnp::TwoPartyClient>(*stream_);
  }
  // The way that a compartment ended belongs to the failure.
  void run(const std::string& script, bool sharedLibrary = false) {
    auto problem = kj::runCatchingExceptions([&]() { converse(script, sharedLibrary); });
    KJ_IF_MAYBE (exception, problem) {
      throw std::runtime_error(end() + ": " + child_->errorText() +
                               exception->getDescription().cStr());
    }
  }
  void converse(const std::string& script, bool sharedLibrary) {
    auto package = client_->bootstrap().castAs<schemas::Package>();
    auto load = package.loadRequest();
    load.setHost(kj::heap<FakeHost>(
        sent_, std::map<std::string, std::string>{{"scripts/demo.zeek", script}}));
    load.initSettings().setName("demo");
    load.getSettings().initScripts(1)[0].setTarget("demo");
    load.getSettings().setSharedLibrary(sharedLibrary);
    auto loaded = load.send().wait(io_.waitScope);
    for (auto text : loaded.getLoaded().getDiagnostics()) ADD_FAILURE() << textOf(text);
    auto start = package.startRequest();
    start.setSeq(1);
    start.send().ignoreResult().wait(io_.waitScope);
  }
  std::string end() {
    client_ = nullptr;
    stream_ = nullptr;
    auto late = io_.provider->getTimer().afterDelay(60 * kj::SECONDS).then([this]() {
      child_->kill("the test waited too long");
      return child_->onEnd();
    });
    return sandbox::describe(child_->onEnd().exclusiveJoin(kj::mv(late)).wait(io_.waitScope));
  }

  Sent sent_;
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  sandbox::CgroupTreeResult cgroups_ = sandbox::openCgroupTree();
  sandbox::CgroupTree* tree_ = nullptr;
  kj::Own<sandbox::Launcher> launcher_;
  kj::Own<sandbox::Zygote> zygote_;
  kj::Own<sandbox::Child> child_;
  kj::Own<kj::AsyncIoStream> stream_;
  kj::Own<capnp::TwoPartyClient> client_;
};

TEST_F(Process, ACompartmentRunsTheWholeBaseLibraryUnderLockdown) {
  spawn();
  run("event zeek_init() { print \"confined\", md5_hash(\"a\"), "
      "strftime(\"%Y\", double_to_time(1e9)), |sha256_hash(\"a\")|, |unique_id(\"C\")| > 1, "
      "\"ab\" == /a./; }\n");
  EXPECT_EQ(sent_.printed, "confined, 0cc175b9c0f1b6a831c399e269772661, 2001, 64, T, T\n")
      << child_->errorText();
  EXPECT_EQ(end(), "exited") << child_->errorText();
}

TEST_F(Process, TheLibraryThatTheZygoteReadIsThereInEveryFork) {
  const std::string script =
      "redef Site::local_nets += { 10.0.0.0/8 };\n"
      "redef record Conn::Info += { demo: count &default=7; };\n"
      "event zeek_init() { local i = Conn::Info($ts=network_time(), $uid=\"C\",\n"
      "  $id=conn_id($orig_h=1.1.1.1, $orig_p=1/tcp, $resp_h=2.2.2.2, $resp_p=2/tcp), "
      "$proto=tcp);\n"
      "  print Site::is_local_addr(10.1.2.3), i$demo; }\n";
  // One after the other: what the first changes is its own.
  for (int i = 0; i < 2; ++i) {
    spawn();
    run(script, true);
    EXPECT_EQ(sent_.printed, "T, 7\n") << child_->errorText();
    EXPECT_EQ(sent_.sources, std::vector<std::string>{"demo"});
    EXPECT_EQ(end(), "exited") << child_->errorText();
    sent_ = {};
  }
}

// What a user without rights has: the address space is the limit.
class ProcessWithoutCgroups : public Process {
 protected:
  ProcessWithoutCgroups() : Process(false) {}
};

constexpr const char* hoarder =
    "global hoard: vector of string;\n"
    "event zeek_init() { local s = \"0123456789abcdef\"; local i = 0; "
    "while ( i < 16 ) { s = s + s; ++i; } "
    "while ( T ) hoard += s + fmt(\"%d\", |hoard|); }\n";

TEST_F(ProcessWithoutCgroups, AScriptThatEatsAllMemoryEndsWithThatCause) {
#ifdef BULKHEAD_SANITIZED
  GTEST_SKIP() << "sanitizers need the address space";
#endif
  spawn();
  EXPECT_ANY_THROW(run(hoarder));
  EXPECT_EQ(end(), "limit hit: memory (256 MiB)") << child_->errorText();
}

TEST_F(Process, AScriptThatEatsAllMemoryEndsItsCompartmentAlone) {
  spawn();
  EXPECT_ANY_THROW(run(hoarder));
  EXPECT_THAT(end(), HasSubstr("memory")) << child_->errorText();
  // The zygote has others.
  spawn();
  run("event zeek_init() { print \"next\"; }\n");
  EXPECT_EQ(sent_.printed, "next\n") << child_->errorText();
  EXPECT_EQ(end(), "exited") << child_->errorText();
}

}  // namespace
}  // namespace bulkhead::runner
