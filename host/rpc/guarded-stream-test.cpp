#include "host/rpc/guarded-stream.h"

#include <capnp/serialize.h>
#include <kj/debug.h>

#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace bulkhead::rpc {
namespace {

using capnp::rpc::Message;
using testing::HasSubstr;

// A guarded host end and a raw peer end of one socket.
class GuardedStreamTest : public testing::Test {
 protected:
  ~GuardedStreamTest() noexcept override {}

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::TwoWayPipe pipe = io.provider->newTwoWayPipe();
  GuardedStream guarded{*pipe.ends[0], io.provider->getTimer()};
  kj::AsyncIoStream& peer = *pipe.ends[1];

  static kj::Array<capnp::word> frame(const std::function<void(Message::Builder)>& build) {
    capnp::MallocMessageBuilder message;
    build(message.initRoot<Message>());
    return capnp::messageToFlatArray(message);
  }
  static kj::Array<capnp::word> release() {
    return frame([](Message::Builder m) { m.initRelease(); });
  }
  // Why reading one more frame fails; "" if it does not.
  std::string readOne() {
    std::string failure;
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() {
                   auto message = guarded.tryReadMessage(nullptr, {}, nullptr).wait(io.waitScope);
                   if (message == nullptr) failure = "end of file";
                 })) {
      failure = exception->getDescription().cStr();
    }
    return failure;
  }
};

long residentKilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST_F(GuardedStreamTest, HandsOverManyFramesOfOneReadInOrder) {
  kj::Vector<kj::byte> all;
  for (uint32_t i = 0; i < 1000; ++i) {
    all.addAll(frame([i](Message::Builder m) { m.initRelease().setId(i); }).asBytes());
  }
  auto writing = peer.write(all.begin(), all.size());
  for (uint32_t i = 0; i < 1000; ++i) {
    auto message = guarded.tryReadMessage(nullptr, {}, nullptr).wait(io.waitScope);
    KJ_IF_MAYBE (got, message) {
      ASSERT_EQ(got->reader->getRoot<Message>().getRelease().getId(), i);
    } else {
      FAIL() << "end of file at " << i;
    }
  }
  writing.wait(io.waitScope);
}

TEST_F(GuardedStreamTest, HandsOverAFrameLongerThanItsBuffer) {
  auto big = frame([](Message::Builder m) { m.initAbort().initReason(3 * readBufferBytes); });
  auto writing = peer.write(big.begin(), big.asBytes().size()).eagerlyEvaluate(nullptr);
  auto message = guarded.tryReadMessage(nullptr, {}, nullptr).wait(io.waitScope);
  KJ_IF_MAYBE (got, message) {
    EXPECT_EQ(got->reader->getRoot<Message>().getAbort().getReason().size(), 3 * readBufferBytes);
  } else {
    FAIL();
  }
}

TEST_F(GuardedStreamTest, AClosedSocketIsEndOfFileButNotWithinAFrame) {
  auto whole = release();
  peer.write(whole.begin(), whole.asBytes().size()).wait(io.waitScope);
  peer.write(whole.begin(), whole.asBytes().size() - 3).wait(io.waitScope);
  pipe.ends[1] = nullptr;
  EXPECT_EQ(readOne(), "");
  EXPECT_THAT(readOne(), HasSubstr("middle of a frame"));
  EXPECT_TRUE(guarded.violation() == nullptr);
}

TEST_F(GuardedStreamTest, GarbageIsAViolationAndStaysOne) {
  std::string garbage(100, '\xff');
  peer.write(garbage.data(), garbage.size()).wait(io.waitScope);
  EXPECT_THAT(readOne(), HasSubstr("too many segments"));
  EXPECT_THAT(readOne(), HasSubstr("too many segments"));
  EXPECT_TRUE(guarded.violation() != nullptr);
}

TEST_F(GuardedStreamTest, WrongPointersAreAViolation) {
  uint32_t words[] = {0, 1, 0xfffffffd, 0xffffffff};
  peer.write(words, sizeof words).wait(io.waitScope);
  EXPECT_THAT(readOne(), HasSubstr("malformed message"));
}

TEST_F(GuardedStreamTest, AClaimOfALongFrameCostsNoMemory) {
  long before = residentKilobytes();
  uint32_t claim[] = {0, static_cast<uint32_t>(maxFrameWords)};
  peer.write(claim, sizeof claim).wait(io.waitScope);
  pipe.ends[1] = nullptr;
  EXPECT_THAT(readOne(), HasSubstr("middle of a frame"));
  EXPECT_LT(residentKilobytes() - before, 2048);
}

TEST_F(GuardedStreamTest, TwoHundredThousandUnfinishedBootstrapsCostLittleAndEndTheConnection) {
  capnp::TwoPartyVatNetwork network(guarded, capnp::rpc::twoparty::Side::CLIENT);
  guarded.watchQueue(network);
  auto system = capnp::makeRpcClient(network);
  capnp::MallocMessageBuilder vat;
  auto side = vat.initRoot<capnp::rpc::twoparty::VatId>();
  side.setSide(capnp::rpc::twoparty::Side::SERVER);
  auto bootstrap = system.bootstrap(side);
  long before = residentKilobytes();
  kj::Vector<kj::byte> all;
  for (uint32_t i = 0; i < 1000; ++i) {
    all.addAll(frame([i](Message::Builder m) { m.initBootstrap().setQuestionId(i); }).asBytes());
  }
  auto flood = [&]() -> kj::Promise<void> {
    kj::Promise<void> writing = kj::READY_NOW;
    for (int i = 0; i < 200; ++i) {
      writing = writing.then([&]() { return peer.write(all.begin(), all.size()); });
    }
    return writing;
  };
  // The host hangs up, so the flood cannot be written to its end.
  auto writing = flood().catch_([](kj::Exception&&) {}).eagerlyEvaluate(nullptr);
  network.onDisconnect().wait(io.waitScope);
  KJ_IF_MAYBE (reason, guarded.violation()) {
    EXPECT_THAT(reason->cStr(), HasSubstr("bootstrap more than once"));
  } else {
    FAIL() << "no violation";
  }
  EXPECT_LT(residentKilobytes() - before, 16 * 1024);
}

TEST_F(GuardedStreamTest, AFloodIsSlowedDownAndWorkEntitlesToMore) {
  auto one = release();
  kj::Vector<kj::byte> all;
  constexpr uint32_t extra = 400;
  for (uint32_t i = 0; i < frameBurst + 2 * extra; ++i) all.addAll(one.asBytes());
  auto writing = peer.write(all.begin(), all.size()).eagerlyEvaluate(nullptr);
  auto& timer = io.provider->getTimer();
  auto begin = timer.now();
  for (uint32_t i = 0; i < frameBurst + extra; ++i) ASSERT_EQ(readOne(), "");
  constexpr auto atRate = extra * kj::SECONDS / framesPerSecond;
  EXPECT_GE(timer.now() - begin, atRate / 2);
  guarded.allowFrames(extra);
  begin = timer.now();
  for (uint32_t i = 0; i < extra; ++i) ASSERT_EQ(readOne(), "");
  EXPECT_LT(timer.now() - begin, atRate / 4);
}

TEST_F(GuardedStreamTest, APeerThatKeepsItsSocketFullDoesNotStopTheLoopFromPolling) {
  auto one = release();
  kj::Vector<kj::byte> all;
  for (uint32_t i = 0; i < 4 * framesPerTurn; ++i) all.addAll(one.asBytes());
  auto writing = peer.write(all.begin(), all.size()).eagerlyEvaluate(nullptr);
  uint32_t taken = 0;
  std::function<kj::Promise<void>()> readOn = [&]() -> kj::Promise<void> {
    return guarded.tryReadMessage(nullptr, {}, nullptr).then([&](auto&&) {
      ++taken;
      return readOn();
    });
  };
  auto reading = readOn().eagerlyEvaluate(nullptr);
  auto other = io.provider->newTwoWayPipe();
  char byte = 0;
  auto waiting = other.ends[0]->read(&byte, 1);
  auto poke = other.ends[1]->write("x", 1);
  poke.wait(io.waitScope);
  waiting.wait(io.waitScope);
  EXPECT_LE(taken, 2 * framesPerTurn);
}

}  // namespace
}  // namespace bulkhead::rpc
