#pragma once
// A connection for unit tests and fuzz targets: records events and weirds as text.
//
// Not part of any program. Files are followed only by a FileSink that the test brings.

#include "host/flow/file-sink.h"
#include "host/flow/protocol-analyzer.h"
#include "host/flow/timers.h"

#include <string>
#include <vector>

namespace bulkhead::analyzers {

// Follows no file.
class NoFiles final : public flow::FileSink {
 public:
  bool active() const override { return false; }
  std::string identify(const flow::FileOrigin&, std::string_view) override { return {}; }
  bool dataIn(const flow::FileOrigin&, const std::string&, flow::Bytes) override { return false; }
  bool dataAt(const flow::FileOrigin&, const std::string&, uint64_t, flow::Bytes) override {
    return false;
  }
  bool gap(const flow::FileOrigin&, const std::string&, uint64_t, uint64_t) override {
    return false;
  }
  bool setSize(const flow::FileOrigin&, const std::string&, uint64_t) override { return false; }
  void endOfFile(const std::string&) override {}
  void connectionRemoved(events::ConnectionState&) override {}
};

class FakeContext final : public flow::ConnectionContext {
 public:
  explicit FakeContext(Transport transport, uint16_t respPort) {
    udp_ = transport == Transport::udp;
    state_.number = 1;
    state_.uid = "CTest";
    state_.id.origHost = *IpAddr::parse("10.0.0.1");
    state_.id.origPort = {40000, transport};
    state_.id.respHost = *IpAddr::parse("10.0.0.2");
    state_.id.respPort = {respPort, transport};
    state_.startTime = state_.lastTime = now;
  }

  events::ConnectionState& state() override { return state_; }
  events::EventSink& sink() override { return recording; }
  flow::FileSink& files() override { return *fileSink; }
  double networkTime() const override { return now; }
  flow::TimerQueue& timers() override { return timerQueue; }
  bool isUdp() const override { return udp_; }
  bool isPartial() const override { return partial; }
  void weird(std::string_view name, std::string_view addl, std::string_view source) override {
    weirds.push_back(std::string(source) + ":" + std::string(name) +
                     (addl.empty() ? "" : " " + std::string(addl)));
  }
  void confirm(uint32_t) override { ++confirmations; }
  void violation(uint32_t, std::string_view reason, flow::Bytes) override {
    violations.emplace_back(reason);
  }
  void handOverRest(bool, flow::Bytes rest) override {
    handedOver = true;
    handedOverBytes.assign(rest.begin(), rest.end());
  }
  void skipFurtherProcessing() override { skipped = true; }
  void flipRoles() override {
    flipped = !flipped;
    std::swap(state_.id.origHost, state_.id.respHost);
    std::swap(state_.id.origPort, state_.id.respPort);
  }
  void noteLimitReached() override { limitReached = true; }
  void expire() override { expired = true; }
  bool isEnding() const override { return ending; }

  events::RecordingSink recording;
  flow::TimerQueue timerQueue;
  NoFiles noFiles;
  flow::FileSink* fileSink = &noFiles;
  std::string handedOverBytes;
  double now = 1000000000.5;
  bool partial = false;
  std::vector<std::string> weirds, violations;
  int confirmations = 0;
  bool handedOver = false, skipped = false, flipped = false, limitReached = false;
  bool expired = false, ending = false;

 private:
  events::ConnectionState state_;
  bool udp_ = false;
};

}  // namespace bulkhead::analyzers
