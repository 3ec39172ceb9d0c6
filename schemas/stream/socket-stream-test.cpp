#include "schemas/stream/socket-stream.h"

#include "schemas/package.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <kj/debug.h>

#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace bulkhead {
namespace {

class SocketStreamTest : public testing::Test {
 protected:
  SocketStreamTest() {
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    left_ = kj::AutoCloseFd(ends[0]);
    right_ = kj::AutoCloseFd(ends[1]);
    left = kj::heap<SocketStream>(io.unixEventPort, left_.get());
    right = kj::heap<SocketStream>(io.unixEventPort, right_.get());
  }
  ~SocketStreamTest() noexcept override {}

  std::string readText(SocketStream& from, size_t size) {
    std::string out(size, '\0');
    out.resize(from.tryRead(out.data(), size, size).wait(io.waitScope));
    return out;
  }
  void writeText(SocketStream& to, const std::string& text) {
    to.write(text.data(), text.size()).wait(io.waitScope);
  }
  // How many bytes lie in the right one's socket.
  size_t arrived() {
    std::string space(1 << 20, '\0');
    ssize_t n = recv(right_.get(), space.data(), space.size(), MSG_PEEK | MSG_DONTWAIT);
    return n < 0 ? 0 : static_cast<size_t>(n);
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::AutoCloseFd left_, right_;
  kj::Own<SocketStream> left, right;
};

TEST_F(SocketStreamTest, ShortWritesLeaveTogetherWhenTheLoopIsIdle) {
  // Each is done at once, as far as the writer can tell.
  left->write("one ", 4).wait(io.waitScope);
  left->write("two ", 4).wait(io.waitScope);
  EXPECT_EQ(arrived(), 0u);
  io.waitScope.poll();
  EXPECT_EQ(arrived(), 8u);
  EXPECT_EQ(readText(*right, 8), "one two ");
}

TEST_F(SocketStreamTest, WhatIsGatheredComesBeforeALongWrite) {
  const std::string text(SocketStream::gathered + 1, 'x');
  left->write("first", 5).wait(io.waitScope);
  writeText(*left, text);
  EXPECT_EQ(readText(*right, 5 + text.size()), "first" + text);
}

TEST_F(SocketStreamTest, AWriteLargerThanTheSocketWaitsForTheReader) {
  std::string text;
  while (text.size() < (8u << 20)) text += std::to_string(text.size()) + ",";
  bool done = false;
  auto writing = left->write(text.data(), text.size())
                     .then([&]() {
                       done = true;
                       return left->write("end", 3);
                     })
                     .eagerlyEvaluate(nullptr);
  io.waitScope.poll();
  EXPECT_FALSE(done);
  EXPECT_EQ(readText(*right, text.size()), text);
  writing.wait(io.waitScope);
  EXPECT_EQ(readText(*right, 3), "end");
  // Afterwards both directions are as they were.
  writeText(*right, "back");
  EXPECT_EQ(readText(*left, 4), "back");
}

TEST_F(SocketStreamTest, WritesKeepTheirOrderWhileOneWaits) {
  const std::string large(4u << 20, 'a');
  const std::string small(100, 'b');
  auto first = left->write(large.data(), large.size());
  auto second = left->write(small.data(), small.size());
  auto third = left->write(large.data(), large.size());
  auto all = first.then([&]() { return kj::mv(second); })
                 .then([&]() { return kj::mv(third); })
                 .eagerlyEvaluate(nullptr);
  EXPECT_EQ(readText(*right, 2 * large.size() + small.size()), large + small + large);
  all.wait(io.waitScope);
}

TEST_F(SocketStreamTest, AReaderThatCameBeforeTheBytesGetsThem) {
  char got[3] = {};
  auto reading = right->tryRead(got, 3, 3).eagerlyEvaluate(nullptr);
  io.waitScope.poll();
  writeText(*left, "a");
  io.waitScope.poll();
  writeText(*left, "bc");
  EXPECT_EQ(reading.wait(io.waitScope), 3u);
  EXPECT_EQ(std::string(got, 3), "abc");
}

TEST_F(SocketStreamTest, BytesThatArriveWhileNobodyReadsAreNotForgotten) {
  writeText(*left, "a");
  EXPECT_EQ(readText(*right, 1), "a");  // a short read: the socket is empty
  writeText(*left, "b");
  io.waitScope.poll();
  io.waitScope.poll();  // the edge has come and gone
  EXPECT_EQ(readText(*right, 1), "b");
}

TEST_F(SocketStreamTest, TheEndComesAfterWhatWasWritten) {
  left->write("last", 4).wait(io.waitScope);
  left->shutdownWrite();
  EXPECT_EQ(readText(*right, 10), "last");
  EXPECT_EQ(readText(*right, 1), "");
  // The other direction still works.
  writeText(*right, "yes");
  EXPECT_EQ(readText(*left, 3), "yes");
}

TEST_F(SocketStreamTest, TheEndIsSeenByAReaderThatWaits) {
  char got[10];
  auto reading = right->tryRead(got, 1, 10).eagerlyEvaluate(nullptr);
  io.waitScope.poll();
  left = nullptr;
  left_ = nullptr;
  EXPECT_EQ(reading.wait(io.waitScope), 0u);
}

TEST_F(SocketStreamTest, AWriteToAPeerThatIsGoneFailsAsDisconnected) {
  right = nullptr;
  right_ = nullptr;
  const std::string text(SocketStream::gathered + 1, 'x');
  auto failed = [&](auto&& write) {
    auto problem = kj::runCatchingExceptions([&]() { write().wait(io.waitScope); });
    KJ_IF_MAYBE (exception, problem) {
      return exception->getType() == kj::Exception::Type::DISCONNECTED;
    }
    return false;
  };
  EXPECT_TRUE(failed([&]() { return left->write(text.data(), text.size()); }));
  // And so does everything after it, short or long.
  EXPECT_TRUE(failed([&]() { return left->write("x", 1); }));
}

class Answering final : public schemas::Package::Server {
 public:
  kj::Promise<void> deliver(DeliverContext context) override {
    context.getResults().getState().setNext(
        static_cast<double>(context.getParams().getBatch().getItems().size()));
    return kj::READY_NOW;
  }
};

TEST_F(SocketStreamTest, CapnProtoSpeaksOverIt) {
  capnp::TwoPartyVatNetwork network(*right, capnp::rpc::twoparty::Side::SERVER);
  auto server = capnp::makeRpcServer(network, kj::heap<Answering>());
  capnp::TwoPartyClient client(*left);
  auto package = client.bootstrap().castAs<schemas::Package>();
  for (unsigned size : {0u, 1u, 1000u, 100000u, 1u}) {
    auto request = package.deliverRequest();
    request.initBatch().initItems(size);
    auto response = request.send().wait(io.waitScope);
    EXPECT_EQ(response.getState().getNext(), size);
  }
}

}  // namespace
}  // namespace bulkhead
