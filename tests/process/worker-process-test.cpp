// bulkhead-worker, confined as in a run, with bulkhead-logger: a capture becomes rows in log files.

#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/registry.h"
#include "host/capture/packet-source.h"
#include "host/flow/engine.h"
#include "tests/process/compartments.h"

#include <gmock/gmock.h>
#include <set>
#include <sys/mman.h>

namespace bulkhead::test {
namespace {

using sandbox::TestBench;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

std::string bytesOf(const std::string& capture) {
  std::ifstream in(std::string(TEST_CAPTURES) + "/" + capture, std::ios::binary);
  EXPECT_TRUE(in) << capture;
  return {std::istreambuf_iterator<char>(in), {}};
}

// An open file of its own with these bytes.
kj::AutoCloseFd fileOf(const std::string& bytes) {
  kj::AutoCloseFd fd(memfd_create("capture", MFD_CLOEXEC));
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n;
    KJ_SYSCALL(n = write(fd, bytes.data() + done, bytes.size() - done));
    done += static_cast<size_t>(n);
  }
  KJ_SYSCALL(lseek(fd, 0, SEEK_SET));
  return fd;
}

// The packets of a capture over and over, each round an hour later.
std::string repeated(const std::string& capture, int rounds) {
  constexpr size_t fileHeader = 24, recordHeader = 16;
  const std::string one = bytesOf(capture);
  std::string out = one.substr(0, fileHeader);
  for (int round = 0; round < rounds; ++round) {
    std::string records = one.substr(fileHeader);
    for (size_t at = 0; at + recordHeader <= records.size();) {
      uint32_t seconds, length;
      std::memcpy(&seconds, &records[at], sizeof(seconds));
      std::memcpy(&length, &records[at + 8], sizeof(length));
      seconds += static_cast<uint32_t>(round) * 3600;
      std::memcpy(&records[at], &seconds, sizeof(seconds));
      at += recordHeader + length;
    }
    out += records;
  }
  return out;
}

// The names of the events that the analysis raises for a capture, in this process.
class EventNames final : public events::EventSink {
 public:
  std::set<std::string> only;
  std::vector<std::string> names;

  bool wants(events::EventId event) const override {
    return only.contains(std::string(events::eventName(event)));
  }
  events::Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(events::EventId event, std::span<const events::Value>) override {
    if (wants(event)) names.emplace_back(events::eventName(event));
    arena_.reset();
  }
  void drain() override {}
  void forget(events::ConnectionState&) override {}
  void forget(events::FileState&) override {}

 private:
  events::Arena arena_;
};

struct Native {
  std::vector<std::string> names;
  uint64_t packets = 0;
};
Native analyse(const std::string& bytes, const std::vector<std::string>& wanted) {
  auto opened = capture::PacketSource::fromDescriptor(fileOf(bytes).release(), "native");
  auto& source = *std::get<std::unique_ptr<capture::PacketSource>>(opened);
  EventNames sink;
  sink.only.insert(wanted.begin(), wanted.end());
  flow::TimerQueue timers;
  analyzers::files::FileManager files(sink, timers);
  flow::Engine engine(sink, files, timers, analyzers::registry(), {});
  capture::Packet packet;
  Native out;
  while (source.next(packet) == capture::PacketSource::Read::packet) {
    engine.packet(packet);
    ++out.packets;
  }
  engine.finish();
  out.names = sink.names;
  return out;
}

const std::vector<std::string> someEvents = {"new_connection", "http_request", "dns_request",
                                             "connection_state_remove"};

const std::string exitedWell = describe(sandbox::Outcome{sandbox::Exited{0}});

TEST(WorkerProcess, ACaptureBecomesTheSameRowsInEveryCompartmentsLog) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 2);
  const std::string capture = bytesOf("demo.pcap");
  auto file = fileOf(capture);
  WorkerProcess worker(bench, logger, file);
  ASSERT_EQ(worker.open("demo.pcap"), "");
  Behaviour site{.log = "site", .events = someEvents};
  Behaviour package{.log = "package", .events = someEvents};
  worker.attach(0, site);
  worker.attach(1, package);
  auto response = worker.run();
  auto result = response.getResult();
  auto counts = logger.rpc().finishRequest().send().wait(bench.io.waitScope);

  const Native native = analyse(capture, someEvents);
  EXPECT_THAT(native.names, Contains("http_request"));
  EXPECT_EQ(folder.rows("site.log"), native.names);
  EXPECT_EQ(folder.rows("package.log"), native.names);
  EXPECT_EQ(result.getPackets(), native.packets);
  EXPECT_STREQ(result.getError().cStr(), "");
  EXPECT_EQ(result.getBytes(), capture.size());
  ASSERT_EQ(result.getSubscribers().size(), 2u);
  EXPECT_EQ(result.getSubscribers()[1].getEvents(), native.names.size());
  EXPECT_EQ(result.getSubscribers()[1].getRows(), native.names.size());
  EXPECT_STREQ(counts.getError().cStr(), "");
  EXPECT_TRUE(site.sawEndOfTrace && site.finished && package.finished);
  EXPECT_THAT(site.wantedOptions, Contains("likely_server_ports"));
  EXPECT_TRUE(package.wantedOptions.empty());
  EXPECT_TRUE(worker.heard.ends.empty());
  EXPECT_EQ(describe(worker.end()), exitedWell);
  EXPECT_EQ(describe(logger.end()), exitedWell);
}

TEST(WorkerProcess, OfATruncatedCaptureWhatIsReadableIsProcessedAndThePlaceIsTold) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 1);
  std::string capture = bytesOf("demo.pcap");
  capture.resize(capture.size() / 2);
  auto file = fileOf(capture);
  WorkerProcess worker(bench, logger, file);
  ASSERT_EQ(worker.open("cut.pcap"), "");
  Behaviour site{.log = "site", .events = someEvents};
  worker.attach(0, site);
  auto response = worker.run();
  logger.rpc().finishRequest().send().wait(bench.io.waitScope);
  EXPECT_THAT(response.getResult().getError().cStr(), StartsWith("cut.pcap: at byte "));
  EXPECT_THAT(response.getResult().getError().cStr(), HasSubstr("in the middle of a packet"));
  const Native native = analyse(capture, someEvents);
  EXPECT_GT(native.names.size(), 0u);
  EXPECT_EQ(folder.rows("site.log"), native.names);
  EXPECT_EQ(response.getResult().getPackets(), native.packets);
}

TEST(WorkerProcess, CompartmentsThatBreakOrMisbehaveCostTheOthersNothing) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 6);
  const std::string capture = repeated("demo.pcap", 100);
  auto file = fileOf(capture);
  WorkerProcess worker(bench, logger, file);
  ASSERT_EQ(worker.open("long.pcap"), "");
  Behaviour site{.log = "site", .events = someEvents};
  Behaviour dying{.log = "dying", .events = someEvents, .diesInDeliver = true};
  Behaviour silent{.log = "silent", .events = someEvents, .answersNothing = true};
  Behaviour flooding{.log = "flooding", .events = someEvents, .floods = true};
  Behaviour good{.log = "good", .events = someEvents};
  worker.attach(0, site);
  worker.attach(1, dying);
  worker.attach(2, silent);
  worker.attach(3, flooding);
  // Not even a frame.
  kj::Own<kj::AsyncIoStream> garbage;
  const std::string noise(100000, '\xff');
  kj::Promise<void> writing = nullptr;
  auto ready = worker.attachSocket(4, [&](kj::AutoCloseFd ours) {
    garbage = bench.io.lowLevelProvider->wrapSocketFd(kj::mv(ours));
    writing = garbage->write(noise.data(), noise.size())
                  .catch_([](kj::Exception&&) {})
                  .eagerlyEvaluate(nullptr);
  });
  EXPECT_FALSE(worker.wait(kj::mv(ready)));
  worker.attach(5, good);
  auto response = worker.run();
  auto result = response.getResult();
  auto counts = logger.rpc().finishRequest().send().wait(bench.io.waitScope);

  const Native native = analyse(capture, someEvents);
  EXPECT_EQ(folder.rows("site.log"), native.names);
  EXPECT_EQ(folder.rows("good.log"), native.names);
  EXPECT_EQ(result.getPackets(), native.packets);
  EXPECT_STREQ(counts.getError().cStr(), "");
  EXPECT_EQ(worker.heard.ends.size(), 4u) << testing::PrintToString(worker.heard.ends);
  EXPECT_EQ(worker.heard.ends[2], "did not answer for 1 s and did not compute");
  EXPECT_STREQ(result.getSubscribers()[1].getProtocolViolation().cStr(), "");
  EXPECT_STRNE(result.getSubscribers()[3].getProtocolViolation().cStr(), "");
  EXPECT_STRNE(result.getSubscribers()[4].getProtocolViolation().cStr(), "");
  for (auto each : result.getSubscribers()) {
    uint64_t gap = 0;
    for (auto one : each.getGaps()) gap += one.getEvents();
    EXPECT_EQ(each.getEvents() + gap, each.getGenerated()) << each.getIndex();
  }
  EXPECT_EQ(describe(worker.end()), exitedWell);
}

TEST(WorkerProcess, WhatZeekInitSaysOfAnalyzersAndOptionsHoldsFromTheFirstPacket) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 1);
  const std::string capture = bytesOf("demo.pcap");
  auto file = fileOf(capture);
  WorkerProcess worker(bench, logger, file);
  ASSERT_EQ(worker.open("demo.pcap"), "");
  Behaviour site{.log = "site",
                 .events = someEvents,
                 .answers = {"Analyzer::__disable_analyzer"},
                 .answerTag = "Analyzer::ANALYZER_HTTP",
                 .options = {{"tcp_storm_thresh", 100}, {"tcp_SYN_timeout", 5}}};
  worker.attach(0, site);
  worker.run();
  logger.rpc().finishRequest().send().wait(bench.io.waitScope);
  auto expected = analyse(capture, someEvents).names;
  std::erase(expected, "http_request");
  EXPECT_EQ(folder.rows("site.log"), expected);
  // A number is no interval.
  EXPECT_EQ(worker.heard.reports, std::vector<std::string>{"bad value for option tcp_SYN_timeout"});
}

TEST(WorkerProcess, AFilterKnowsServicesByNameAndSaysWhatItDoesNotKnow) {
  const std::string capture = bytesOf("demo.pcap");
  struct Case {
    std::string filter, error;
  };
  for (const auto& [filter, error] :
       std::vector<Case>{{"tcp port http or host 2001:db8::1", ""},
                         {"host www.example.com", "unknown host 'www.example.com'"},
                         {"port nosuchservice", "unknown port 'nosuchservice'"},
                         {"tcp port", "syntax error"}}) {
    TestBench bench;
    LogFolder folder;
    LoggerProcess logger(bench, folder.path(), 1);
    auto file = fileOf(capture);
    WorkerProcess worker(bench, logger, file);
    EXPECT_THAT(worker.open("demo.pcap", filter), HasSubstr(error)) << filter;
    if (!error.empty()) {
      EXPECT_EQ(describe(worker.end()), exitedWell) << filter;
      continue;
    }
    Behaviour site{.log = "site", .events = {"new_connection", "http_request", "dns_request"}};
    worker.attach(0, site);
    worker.run();
    logger.rpc().finishRequest().send().wait(bench.io.waitScope);
    EXPECT_THAT(folder.rows("site.log"), Contains("http_request"));
    EXPECT_THAT(folder.rows("site.log"), testing::Not(Contains("dns_request")));
  }
}

TEST(WorkerProcess, APipeIsReadAsItComesAndStopEndsIt) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 1);
  const std::string capture = bytesOf("icmp.pcap");
  int ends[2];
  KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
  kj::AutoCloseFd from(ends[0]), to(ends[1]);
  WorkerProcess worker(bench, logger, from);
  from = nullptr;
  ASSERT_EQ(write(to, capture.data(), capture.size()), static_cast<ssize_t>(capture.size()));
  ASSERT_EQ(worker.open("standard input"), "");
  Behaviour site{.log = "site", .events = {"new_connection"}};
  worker.attach(0, site);
  auto running = worker.rpc().runRequest().send();
  // The pipe stays open: without stop() it would wait for ever.
  worker.rpc().stopRequest().send().wait(bench.io.waitScope);
  auto response = running.wait(bench.io.waitScope);
  EXPECT_STREQ(response.getResult().getError().cStr(), "");
  EXPECT_TRUE(site.finished);
  EXPECT_EQ(describe(worker.end()), exitedWell);
}

TEST(WorkerProcess, WithoutACaptureScriptsBeginAtTheTimeOfDayAndFinish) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 1);
  WorkerProcess worker(bench, logger, -1);
  ASSERT_EQ(worker.open(""), "");
  Behaviour site{.log = "site", .events = someEvents};
  worker.attach(0, site);
  auto response = worker.run();
  EXPECT_EQ(response.getResult().getPackets(), 0u);
  EXPECT_STREQ(response.getResult().getError().cStr(), "");
  EXPECT_GT(site.startTime, 1.6e9);
  EXPECT_TRUE(site.finished);
}

TEST(WorkerProcess, AFileThatIsNoCaptureIsToldByOpen) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 1);
  auto file = fileOf(std::string(4096, 'x'));
  WorkerProcess worker(bench, logger, file);
  EXPECT_EQ(worker.open("notes.txt"), "notes.txt: is neither a pcap nor a pcapng file");
  EXPECT_EQ(describe(worker.end()), exitedWell);
}

}  // namespace
}  // namespace bulkhead::test
