// How long one more compartment takes, and what memory of its own it costs, beside a bare KJ child
// in the same run.
//
//   bench-launch [ROUNDS] [ready]
//
// Ready: from the request to the zygote until the fork, confined and locked down, answers the first
// question, for its bootstrap capability. Loaded: until it has loaded the whole base library and an
// empty package. The bare child is this program started again, which sets up an event loop and
// answers the same. With "ready" nothing is loaded, which is what a profile of the launch needs.
// "cpu" is the CPU time until ready of all processes that take part. Memory is Private_Dirty of
// /proc/PID/smaps_rollup. Figures are medians.

#include "host/supervisor/source-folders.h"
#include "sandbox/cgroup/cgroup.h"
#include "sandbox/launch/launcher.h"
#include "schemas/package.capnp.h"
#include "tests/bench/measure.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace bulkhead;

constexpr int childSocket = 3;

class BareServer final : public schemas::Package::Server {
 public:
  kj::Promise<void> start(StartContext) override { return kj::READY_NOW; }
};

int bareChild() {
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(childSocket);
  capnp::TwoPartyVatNetwork network(*stream, capnp::rpc::twoparty::Side::SERVER);
  auto rpc = capnp::makeRpcServer(network, kj::heap<BareServer>());
  network.onDisconnect().wait(io.waitScope);
  _exit(0);
}

double privateDirtyKib(int process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/smaps_rollup");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Private_Dirty:")) return std::atof(line.c_str() + 14);
  }
  return 0;
}

class Host final : public schemas::Host::Server {
 public:
  explicit Host(const supervisor::SourceFolders& folders) : folders_(folders) {}
  kj::Promise<void> readSource(ReadSourceContext context) override {
    auto found =
        folders_.find(context.getParams().getTarget().cStr(), context.getParams().getFrom().cStr());
    if (!found) return kj::READY_NOW;
    auto results = context.getResults();
    results.setFound(true);
    results.setPath(found->path);
    results.setText({reinterpret_cast<const kj::byte*>(found->text.data()), found->text.size()});
    results.setOrigin(schemas::Origin::BASE);
    return kj::READY_NOW;
  }

 private:
  const supervisor::SourceFolders& folders_;
};

// One conversation, with whoever it is.
struct Connection {
  Connection(kj::AsyncIoContext& io, kj::AutoCloseFd socket)
      : stream(io.lowLevelProvider->wrapSocketFd(socket.release(),
                                                 kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP)),
        client(*stream),
        package(client.bootstrap().castAs<schemas::Package>()) {}
  void firstAnswer(kj::WaitScope& scope) { package.whenResolved().wait(scope); }
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyClient client;
  schemas::Package::Client package;
};

enum class Load { nothing, sharedLibrary, ownLibrary };

struct Figures {
  // ms and KiB. The CPU time until ready is that of all processes that had a part in it.
  std::vector<double> ready, cpuReady, loaded, dirtyReady, dirtyLoaded, cpuLoaded;
};

void roundOfBare(kj::AsyncIoContext& io, Figures& figures) {
  const double from = bench::wallSeconds();
  const double cpuFrom = bench::cpuSeconds();
  int ends[2];
  KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  pid_t child;
  KJ_SYSCALL(child = fork());
  if (child == 0) {
    // Without close-on-exec, whichever number it had.
    if (ends[1] == childSocket) {
      fcntl(childSocket, F_SETFD, 0);
    } else {
      dup2(ends[1], childSocket);
    }
    execl("/proc/self/exe", "bench-launch", "--bare-child", static_cast<char*>(nullptr));
    _exit(1);
  }
  close(ends[1]);
  {
    Connection connection(io, kj::AutoCloseFd(ends[0]));
    connection.firstAnswer(io.waitScope);
    figures.ready.push_back((bench::wallSeconds() - from) * 1e3);
    figures.cpuReady.push_back((bench::cpuSeconds() - cpuFrom + bench::cpuSecondsOf(child)) * 1e3);
    figures.dirtyReady.push_back(privateDirtyKib(child));
  }
  int status = 0;
  waitpid(child, &status, 0);
}

void roundOfOurs(kj::AsyncIoContext& io, sandbox::Zygote& zygote,
                 const supervisor::SourceFolders& folders, Load load, Figures& figures) {
  const auto cpuOfHost = [&zygote]() {
    return bench::cpuSeconds() + bench::cpuSecondsOf(zygote.process().pid());
  };
  const double from = bench::wallSeconds();
  const double cpuFrom = cpuOfHost();
  sandbox::LaunchSpec spec;
  spec.name = "bench";
  spec.profile = sandbox::ProfileId::compartmentScript;
  spec.limits = sandbox::packageDefaults();
  auto child = zygote.spawn(kj::mv(spec)).wait(io.waitScope);
  child->onLocked().wait(io.waitScope);
  Connection connection(io, child->takeSocket());
  connection.firstAnswer(io.waitScope);
  figures.ready.push_back((bench::wallSeconds() - from) * 1e3);
  figures.cpuReady.push_back((cpuOfHost() - cpuFrom + bench::cpuSecondsOf(child->pid())) * 1e3);
  figures.dirtyReady.push_back(privateDirtyKib(child->pid()));
  if (load != Load::nothing) {
    const double cpu = bench::cpuSecondsOf(child->pid());
    auto request = connection.package.loadRequest();
    request.setHost(kj::heap<Host>(folders));
    auto settings = request.initSettings();
    settings.setName("bench");
    settings.setSharedLibrary(load == Load::sharedLibrary);
    auto response = request.send().wait(io.waitScope);
    KJ_REQUIRE(response.getLoaded().getErrors() == 0, response.getLoaded());
    figures.loaded.push_back((bench::wallSeconds() - from) * 1e3);
    figures.cpuLoaded.push_back((bench::cpuSecondsOf(child->pid()) - cpu) * 1e3);
    figures.dirtyLoaded.push_back(privateDirtyKib(child->pid()));
  }
  child->kill("measured");
  child->onEnd().wait(io.waitScope);
}

int measure(int rounds, bool readyOnly) {
  auto cgroups = sandbox::openCgroupTree();
  sandbox::CgroupTree* tree = nullptr;
  KJ_IF_MAYBE (found, cgroups.tree) tree = found->get();
  auto io = kj::setupAsyncIo();
  sandbox::Launcher launcher(io.unixEventPort, sandbox::probeMachine(tree, cgroups.reason), tree);

  char path[4096] = {};
  KJ_SYSCALL(readlink("/proc/self/exe", path, sizeof(path) - 1));
  std::string program(path);
  program = program.substr(0, program.rfind('/')) + "/bulkhead-zygote";
  int file;
  KJ_SYSCALL(file = open(program.c_str(), O_RDONLY | O_CLOEXEC), program.c_str());
  kj::AutoCloseFd owned(file);
  const kj::StringPtr arguments[] = {"bulkhead-zygote"};
  sandbox::LaunchSpec spec;
  spec.name = "zygote";
  spec.profile = sandbox::ProfileId::zygote;
  spec.arguments = arguments;
  double from = bench::wallSeconds();
  auto library = supervisor::packLibrary(BULKHEAD_BASE_LIBRARY);
  const int extra[] = {library.get()};
  spec.extraDescriptors = extra;
  auto zygote = launcher.launchZygote(spec, file);
  zygote->process().onLocked().wait(io.waitScope);
  bench::say("zygote.ready", (bench::wallSeconds() - from) * 1e3);
  bench::say("zygote.dirty", privateDirtyKib(zygote->process().pid()));

  supervisor::SourceFolders folders;
  supervisor::addLibrary(folders, BULKHEAD_BASE_LIBRARY);
  Figures bare, ours, alone;
  for (int i = 0; i < rounds; ++i) {
    roundOfBare(io, bare);
    roundOfOurs(io, *zygote, folders, readyOnly ? Load::nothing : Load::sharedLibrary, ours);
    if (!readyOnly) roundOfOurs(io, *zygote, folders, Load::ownLibrary, alone);
  }
  bench::say("bare.ready", bench::median(bare.ready));
  bench::say("bare.cpu", bench::median(bare.cpuReady));
  bench::say("bare.dirty", bench::median(bare.dirtyReady));
  bench::say("compartment.ready", bench::median(ours.ready));
  bench::say("compartment.cpu", bench::median(ours.cpuReady));
  bench::say("compartment.dirty_ready", bench::median(ours.dirtyReady));
  if (readyOnly) return 0;
  bench::say("compartment.loaded", bench::median(ours.loaded));
  bench::say("compartment.load_cpu", bench::median(ours.cpuLoaded));
  bench::say("compartment.dirty_loaded", bench::median(ours.dirtyLoaded));
  // Each compartment reads and analyses the library by itself.
  bench::say("alone.loaded", bench::median(alone.loaded));
  bench::say("alone.load_cpu", bench::median(alone.cpuLoaded));
  bench::say("alone.dirty_loaded", bench::median(alone.dirtyLoaded));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], "--bare-child") == 0) return bareChild();
  const bool readyOnly = count > 2 && std::strcmp(arguments[2], "ready") == 0;
  return measure(count > 1 ? std::atoi(arguments[1]) : 15, readyOnly);
}
