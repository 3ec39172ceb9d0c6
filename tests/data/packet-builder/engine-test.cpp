#include "host/flow/engine.h"

#include "tests/data/packet-builder/packet-builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::flow {
namespace {

using events::EventId;
using packet_builder::Ends;
using packet_builder::Frame;
namespace build = packet_builder;

class NoFiles final : public FileSink {
 public:
  bool active() const override { return false; }
  std::string identify(const FileOrigin&, std::string_view) override { return {}; }
  bool dataIn(const FileOrigin&, const std::string&, Bytes) override { return false; }
  bool dataAt(const FileOrigin&, const std::string&, uint64_t, Bytes) override { return false; }
  bool gap(const FileOrigin&, const std::string&, uint64_t, uint64_t) override { return false; }
  bool setSize(const FileOrigin&, const std::string&, uint64_t) override { return false; }
  void endOfFile(const std::string&) override {}
  void connectionRemoved(events::ConnectionState&) override {}
};

// Keeps how each connection stood when it was removed.
class Ended final : public events::EventSink {
 public:
  std::vector<std::string> ends, weirds;
  bool wants(EventId event) const override {
    return event == EventId::connection_state_remove || event == EventId::conn_weird ||
           event == EventId::content_gap;
  }
  events::Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(EventId event, std::span<const events::Value> args) override {
    if (event == EventId::conn_weird) weirds.emplace_back(args[0].view());
    if (event == EventId::content_gap) weirds.push_back("gap " + std::to_string(args[3].number));
    if (event != EventId::connection_state_remove) return;
    const auto& c = *args[0].connectionState;
    ends.push_back(c.history + " " + std::to_string(c.orig.size) + "/" +
                   std::to_string(c.resp.size));
  }
  void drain() override {}
  void forget(events::ConnectionState&) override {}
  void forget(events::FileState&) override {}

 private:
  events::Arena arena_;
};

class EngineTest : public testing::Test {
 protected:
  void send(const Frame& frame, double after = 0.01) {
    now_ += after;
    capture::Packet packet;
    packet.time = now_;
    packet.data = frame;
    packet.wireLength = static_cast<uint32_t>(frame.size());
    engine.packet(packet);
  }
  void handshake() {
    send(build::tcp(there, build::syn, 100, 0));
    send(build::tcp(back, build::syn | build::ack, 500, 101));
    send(build::tcp(there, build::ack, 101, 501));
  }

  Ends there = Ends::of("10.0.0.1", 40000, "10.0.0.2", 9999), back = there.turned();
  double now_ = 1e9;
  Ended sink;
  NoFiles files;
  TimerQueue timers;
  Engine engine{sink, files, timers, {}, {}};
};

TEST_F(EngineTest, AnOrderlyConnectionEndsFiveSecondsAfterItsClose) {
  handshake();
  send(build::tcp(there, build::ack, 101, 501, "hello"));
  send(build::tcp(back, build::ack | build::fin, 501, 106));
  send(build::tcp(there, build::ack | build::fin, 106, 502));
  send(build::tcp(back, build::ack, 502, 107));
  EXPECT_THAT(sink.ends, testing::IsEmpty());
  engine.advanceTime(now_ + 4.9);
  EXPECT_THAT(sink.ends, testing::IsEmpty());
  engine.advanceTime(now_ + 5.1);
  EXPECT_THAT(sink.ends, testing::ElementsAre("ShADfFa 5/0"));
}

TEST_F(EngineTest, WhatIsAcknowledgedButNeverSeenIsAGap) {
  handshake();
  send(build::tcp(there, build::ack, 151, 501, "later"));
  send(build::tcp(back, build::ack, 501, 156));
  engine.finish();
  EXPECT_THAT(sink.weirds, testing::ElementsAre("gap 50"));
  // The acknowledgement itself comes first: it is what shows the gap.
  EXPECT_THAT(sink.ends, testing::ElementsAre("ShADaG 55/0"));
}

TEST_F(EngineTest, ABadChecksumIsNotedAndThePacketNotCounted) {
  handshake();
  Frame frame = build::tcp(there, build::ack, 101, 501, "hello");
  frame.back() ^= 1;
  send(frame);
  engine.finish();
  EXPECT_THAT(sink.weirds, testing::ElementsAre("bad_TCP_checksum"));
  EXPECT_THAT(sink.ends, testing::ElementsAre("ShAC 0/0"));
}

TEST_F(EngineTest, AUdpFlowEndsAMinuteAfterItsLastPacket) {
  send(build::udp(there, "question"));
  send(build::udp(back, "answer"));
  engine.advanceTime(now_ + 59);
  EXPECT_THAT(sink.ends, testing::IsEmpty());
  engine.advanceTime(now_ + 61);
  EXPECT_THAT(sink.ends, testing::ElementsAre("Dd 8/6"));
}

TEST_F(EngineTest, ASynWithoutAnswerIsAnAttempt) {
  send(build::tcp(there, build::syn, 1, 0));
  engine.advanceTime(now_ + 5.1);
  EXPECT_THAT(sink.ends, testing::ElementsAre("S 0/0"));
}

TEST_F(EngineTest, EveryTruncationOfAFrameIsSurvived) {
  const auto v6 = Ends::of("2001:db8::1", 1, "2001:db8::2", 2);
  for (const Frame& whole : {build::tcp(there, build::syn, 1, 0), build::udp(v6, "text"),
                             build::ip(v6, 44, "fragment"), build::ip(there, 47, "tunnel")})
    for (size_t size = 0; size <= whole.size(); ++size)
      send(Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  engine.finish();
  EXPECT_EQ(engine.statistics().openConnections, 0u);
}

}  // namespace
}  // namespace bulkhead::flow
