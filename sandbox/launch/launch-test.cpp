#include "sandbox/launch/test-bench.h"

#include <kj/io.h>

#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace bulkhead::sandbox {
namespace {

// A folder of its own for one test, removed afterwards.
struct TestFolder {
  char path[64] = "/tmp/bulkhead-test-XXXXXX";
  TestFolder() { KJ_ASSERT(mkdtemp(path) != nullptr); }
  ~TestFolder() {
    for (const char* file : {"/logs/x.log", "/outside"}) unlink((std::string(path) + file).c_str());
    rmdir((std::string(path) + "/logs/sub").c_str());
    rmdir((std::string(path) + "/logs").c_str());
    rmdir(path);
  }
};

class Launch : public testing::Test {
 public:
  ~Launch() noexcept override {}

 protected:
  kj::Own<Child> start(const char* role, ProfileId profile, kj::ArrayPtr<const int> extra = nullptr,
                       kj::Maybe<ReachableDirectory> directory = nullptr,
                       Identity identity = Identity::separate) {
    LaunchSpec spec = specFor(role, profile);
    spec.extraDescriptors = extra;
    spec.directory = directory;
    spec.identity = identity;
    if (profile == ProfileId::logger) spec.limits.fileBytes.reset();
    return bench.launcher->launchProgram(spec, openProgram("confined-testcase"));
  }

  LaunchSpec specFor(const char* role, ProfileId profile) {
    arguments[0] = "confined-testcase"_kj;
    arguments[1] = role;
    LaunchSpec spec;
    spec.name = role;
    spec.profile = profile;
    spec.limits = packageDefaults();
    spec.arguments = kj::arrayPtr(arguments, 2);
    return spec;
  }

  // Sends one byte and answers with as many bytes as wanted.
  std::string ask(Child& child, char question, size_t bytes) {
    if (stream.get() == nullptr) {
      stream = bench.io.lowLevelProvider->wrapSocketFd(child.takeSocket().release(),
                                                       kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
    }
    std::string answer(bytes, 0);
    stream->write(&question, 1).wait(bench.io.waitScope);
    const size_t got = stream->tryRead(answer.data(), bytes, bytes).wait(bench.io.waitScope);
    return answer.substr(0, got);
  }

  TestBench bench;
  kj::StringPtr arguments[2];
  kj::Own<kj::AsyncIoStream> stream;
};

TEST_F(Launch, OneOfOurProgramsIsLockedDownAndSpeaks) {
  auto child = start("echo", ProfileId::worker);
  child->onLocked().wait(bench.io.waitScope);
  EXPECT_EQ(ask(*child, 'a', 1), "b");
  stream->shutdownWrite();
  EXPECT_EQ(describe(bench.endOf(*child)), "exited");
}

TEST_F(Launch, ARefusedCallOfOurOwnProgramIsNamed) {
  for (const auto& [deed, call] :
       {std::pair('s', "socket"), std::pair('e', "epoll_create1"), std::pair('o', "openat")}) {
    stream = nullptr;
    auto child = start("deeds", ProfileId::worker);
    EXPECT_EQ(ask(*child, deed, 1), "");
    const Outcome outcome = bench.endOf(*child);
    ASSERT_TRUE(std::holds_alternative<Violation>(outcome)) << describe(outcome);
    EXPECT_EQ(std::get<Violation>(outcome).syscall, call);
  }
}

TEST_F(Launch, TheStartUpStageRefusesToo) {
#ifdef BULKHEAD_SANITIZED
  GTEST_SKIP() << "the sanitizers' group changes the start-up stage";
#endif
  auto child = start("startup", ProfileId::worker);
  EXPECT_EQ(bench.endOf(*child), Outcome(Exited{42}));
  EXPECT_THROW(child->onLocked().wait(bench.io.waitScope), kj::Exception);
}

TEST_F(Launch, TheLoggerWritesBeneathItsDirectoryAndNowhereElse) {
  const TestFolder folder;
  const std::string logs = std::string(folder.path) + "/logs";
  ASSERT_EQ(mkdir(logs.c_str(), 0700), 0);
  const int outside =
      open((std::string(folder.path) + "/outside").c_str(), O_CREAT | O_WRONLY, 0600);
  close(outside);
  const kj::AutoCloseFd directory(open(logs.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int extra[] = {directory.get()};
  auto child = start("logger", ProfileId::logger, extra, ReachableDirectory{0}, Identity::host);
  EXPECT_EQ(ask(*child, 'x', 1), "0") << describe(bench.endOf(*child));
  struct stat status {};
  EXPECT_EQ(stat((logs + "/x.log").c_str(), &status), 0);
  EXPECT_EQ(status.st_size, 4);
  EXPECT_NE(stat((std::string(folder.path) + "/new").c_str(), &status), 0);
}

TEST_F(Launch, TheWorkerReadsWhatItWasGivenAndReceivesMore) {
  int given[2], sent[2];
  ASSERT_EQ(pipe(sent), 0);
  ASSERT_EQ(write(sent[1], "more", 4), 4);
  given[0] = memfd_create("capture", MFD_CLOEXEC);
  ASSERT_EQ(write(given[0], "pcap", 4), 4);
  auto child = start("worker", ProfileId::worker, kj::arrayPtr(given, 1));
  child->onLocked().wait(bench.io.waitScope);

  auto socket = child->takeSocket();
  char byte = '!';
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &sent[0], sizeof(int));
  ASSERT_EQ(sendmsg(socket.get(), &message, 0), 1);
  stream = bench.io.lowLevelProvider->wrapSocketFd(socket.release(),
                                                   kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  char answer[9] = {};
  stream->tryRead(answer, 8, 8).wait(bench.io.waitScope);
  EXPECT_STREQ(answer, "pcapmore");
  for (int fd : {sent[0], sent[1], given[0]}) close(fd);
}

TEST_F(Launch, TheWorkerReadsAPacketSocketFromOutsideItsNetwork) {
  const kj::AutoCloseFd packets(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
  if (packets.get() < 0) GTEST_SKIP() << "no right to open a packet socket";
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = static_cast<int>(if_nametoindex("lo"));
  ASSERT_EQ(bind(packets.get(), reinterpret_cast<sockaddr*>(&where), sizeof(where)), 0);
  const int extra[] = {packets.get()};
  auto child = start("packets", ProfileId::worker, extra);

  const kj::AutoCloseFd sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (sendto(sender.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 1) {
    GTEST_SKIP() << "no loopback here";
  }
  EXPECT_EQ(ask(*child, 'x', 1), "p") << describe(bench.endOf(*child));
}

TEST_F(Launch, AProgramThatCannotBeExecutedIsASetUpFailure) {
  LaunchSpec spec = specFor("echo", ProfileId::worker);
  const kj::AutoCloseFd text(memfd_create("text", MFD_CLOEXEC));
  ASSERT_EQ(write(text.get(), "hello", 5), 5);
  auto child = bench.launcher->launchProgram(spec, text);
  const Outcome outcome = bench.endOf(*child);
  ASSERT_TRUE(std::holds_alternative<SetupFailed>(outcome)) << describe(outcome);
  EXPECT_EQ(std::get<SetupFailed>(outcome).step, "execute");
}

TEST_F(Launch, AProgramThatEndsInItsStartUpRejectsTheLockdownPromise) {
  auto child = start("no-such-role", ProfileId::worker);
  EXPECT_THROW(child->onLocked().wait(bench.io.waitScope), kj::Exception);
  EXPECT_EQ(bench.endOf(*child), Outcome(Exited{2}));
}

TEST_F(Launch, TheRefusalsOfEveryProfileHoldInASacrificialChild) {
  for (ProfileId id : {ProfileId::compartmentScript, ProfileId::worker, ProfileId::logger,
                       ProfileId::compartmentNative}) {
    auto problem = bench.launcher->prove(id).wait(bench.io.waitScope);
    KJ_IF_MAYBE (text, problem) ADD_FAILURE() << profileOf(id).name << ": " << text->cStr();
  }
}

TEST_F(Launch, ForksOfTheZygoteAreConfinedAndShareItsMemory) {
  auto zygote = bench.launcher->launchZygote(specFor("zygote", ProfileId::zygote),
                                             openProgram("confined-testcase"));
  zygote->process().onLocked().wait(bench.io.waitScope);
  auto child = zygote->spawn(specFor("one", ProfileId::compartmentScript)).wait(bench.io.waitScope);
  child->onLocked().wait(bench.io.waitScope);
  EXPECT_EQ(child->layers(), bench.launcher->machine().layers);
  EXPECT_EQ(ask(*child, 'm', 4), "warm");
  EXPECT_EQ(ask(*child, 'q', 1), "");
  EXPECT_EQ(bench.endOf(*child), Outcome(Exited{5}));
}

TEST_F(Launch, ARefusedCallInAForkIsNamedAlthoughTheZygoteMayMakeIt) {
  auto zygote = bench.launcher->launchZygote(specFor("zygote", ProfileId::zygote),
                                             openProgram("confined-testcase"));
  for (const auto& [deed, call] :
       {std::pair('s', "socket"), std::pair('e', "epoll_create1"), std::pair('o', "openat")}) {
    stream = nullptr;
    auto child =
        zygote->spawn(specFor("one", ProfileId::compartmentScript)).wait(bench.io.waitScope);
    EXPECT_EQ(ask(*child, deed, 1), "");
    const Outcome outcome = bench.endOf(*child);
    ASSERT_TRUE(std::holds_alternative<Violation>(outcome)) << describe(outcome);
    EXPECT_EQ(std::get<Violation>(outcome).syscall, call);
  }
  EXPECT_FALSE(zygote->process().hasEnded());
}

TEST_F(Launch, ManyForksAreServedInOrderAndOutliveTheZygote) {
  auto zygote = bench.launcher->launchZygote(specFor("zygote", ProfileId::zygote),
                                             openProgram("confined-testcase"));
  kj::Vector<kj::Promise<kj::Own<Child>>> promises;
  for (int i = 0; i < 8; ++i) {
    promises.add(zygote->spawn(specFor("one", ProfileId::compartmentScript)));
  }
  auto children = kj::joinPromises(promises.releaseAsArray()).wait(bench.io.waitScope);
  for (auto& child : children) child->onLocked().wait(bench.io.waitScope);
  zygote = nullptr;
  for (auto& child : children) {
    EXPECT_FALSE(child->hasEnded());
    stream = nullptr;
    EXPECT_EQ(ask(*child, 'm', 4), "warm");
  }
}

TEST_F(Launch, AnEventLoopLivesUnderLockdownInEveryProfileThatHasOne) {
  for (ProfileId id : {ProfileId::compartmentScript, ProfileId::worker, ProfileId::logger}) {
    stream = nullptr;
    LaunchSpec spec = specFor("loop", id);
    auto child = bench.launcher->launchProgram(spec, openProgram("confined-kj-testcase"));
    // A timer, 50 MB of memory, an exception.
    for (char question : {'t', 'b', 'x'}) {
      EXPECT_EQ(ask(*child, question, 1), std::string(1, question))
          << profileOf(id).name << ": " << describe(bench.endOf(*child)) << child->errorText();
    }
    stream->shutdownWrite();
    EXPECT_EQ(describe(bench.endOf(*child)), "exited") << profileOf(id).name;
  }
}

TEST_F(Launch, AForkOfTheZygoteHasAnEventLoopOfItsOwn) {
  auto zygote = bench.launcher->launchZygote(specFor("zygote", ProfileId::zygote),
                                             openProgram("confined-kj-testcase"));
  auto child = zygote->spawn(specFor("one", ProfileId::compartmentScript)).wait(bench.io.waitScope);
  for (char question : {'t', 'b', 'x'}) {
    EXPECT_EQ(ask(*child, question, 1), std::string(1, question))
        << describe(bench.endOf(*child)) << child->errorText();
  }
  // An invariant that breaks inside the loop.
  EXPECT_EQ(ask(*child, 'a', 1), "");
  EXPECT_STREQ(kindOf(bench.endOf(*child)), "signaled");
}

TEST_F(Launch, SpawningFromADeadZygoteFails) {
  auto zygote = bench.launcher->launchZygote(specFor("zygote", ProfileId::zygote),
                                             openProgram("confined-testcase"));
  zygote->process().onLocked().wait(bench.io.waitScope);
  zygote->process().kill("test");
  bench.endOf(zygote->process());
  EXPECT_THROW(zygote->spawn(specFor("one", ProfileId::compartmentScript)).wait(bench.io.waitScope),
               kj::Exception);
}

}  // namespace
}  // namespace bulkhead::sandbox
