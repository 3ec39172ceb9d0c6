#pragma once
// A worker for tests: speaks to a compartment in a thread of its own over a socket, gives it
// scripts from memory and the base library from the source tree, and keeps everything it is sent.

#include "schemas/catalog/catalog.gen.h"
#include "sdk/runner/package-server.h"
#include "sdk/script/source/source-provider.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace bulkhead::runner {

inline std::string textOf(capnp::Text::Reader from) { return {from.begin(), from.size()}; }
inline std::string textOf(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}
inline std::string textOf(schemas::Value::Reader from) {
  if (from.isText()) return textOf(from.getText());
  if (from.isEnumName()) return textOf(from.getEnumName());
  return {};
}

// What a compartment asked for and sent.
struct Sent {
  struct Row {
    uint64_t seq, rootSeq;
    bool contribution;
    std::vector<std::string> texts;  // of text columns; others empty
  };
  std::map<std::string, uint32_t> logs;       // ids by path
  std::map<uint32_t, std::vector<Row>> rows;  // by log
  std::vector<size_t> batches;                // rows of each call
  std::string printed;
  std::vector<uint64_t> printSeqs;
  std::vector<std::pair<schemas::Host::Level, std::string>> reports;
  std::vector<std::string> requests, published, sources;
  unsigned terminated = 0;

  const std::vector<Row>& of(const std::string& path) { return rows[logs.at(path)]; }
};

class FakeHost final : public schemas::Host::Server {
 public:
  FakeHost(Sent& sent, std::map<std::string, std::string> scripts)
      : sent_(sent),
        scripts_({{"scripts", source::originFirstPackage}}, std::move(scripts)),
        base_({{BULKHEAD_BASE_LIBRARY, source::originBase},
               {BULKHEAD_BASE_LIBRARY "/policy", source::originBase}}) {}

  kj::Promise<void> readSource(ReadSourceContext context) override {
    auto target = textOf(context.getParams().getTarget());
    auto from = textOf(context.getParams().getFrom());
    sent_.sources.push_back(target);
    for (auto* provider : {static_cast<source::SourceProvider*>(&scripts_),
                           static_cast<source::SourceProvider*>(&base_)}) {
      auto found = provider->resolve(target, from, source::LoadKind::script);
      if (!found) continue;
      auto text = provider->read(found->path);
      auto results = context.getResults();
      results.setFound(true);
      results.setPath(found->path.c_str());
      const auto& bytes = std::get<std::string>(text);
      results.setText({reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()});
      results.setOrigin(found->origin == source::originBase ? schemas::Origin::BASE
                                                            : schemas::Origin::PACKAGE);
      break;
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> openLog(OpenLogContext context) override {
    auto log = context.getParams().getLog();
    EXPECT_EQ(log.getId(), sent_.logs.size()) << "ids are dense from 0";
    sent_.logs[textOf(log.getPath())] = log.getId();
    return kj::READY_NOW;
  }
  kj::Promise<void> writeRows(WriteRowsContext context) override {
    auto rows = context.getParams().getBatch().getRows();
    sent_.batches.push_back(rows.size());
    for (auto row : rows) {
      inOrder(row.getSeq());
      std::vector<std::string> texts;
      for (auto value : row.getValues()) texts.push_back(textOf(value));
      sent_.rows[row.getLog()].push_back(
          {row.getSeq(), row.getRootSeq(), row.getContribution(), std::move(texts)});
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> print(PrintContext context) override {
    inOrder(context.getParams().getSeq());
    sent_.printed += textOf(context.getParams().getText());
    sent_.printSeqs.push_back(context.getParams().getSeq());
    return kj::READY_NOW;
  }
  kj::Promise<void> report(ReportContext context) override {
    auto report = context.getParams().getReport();
    sent_.reports.emplace_back(report.getLevel(),
                               textOf(report.getLocation()) + ": " + textOf(report.getText()));
    return kj::READY_NOW;
  }
  kj::Promise<void> publish(PublishContext context) override {
    for (auto message : context.getParams().getMessages())
      sent_.published.push_back(textOf(message.getTopic()) + " " + textOf(message.getEvent()));
    return kj::READY_NOW;
  }
  kj::Promise<void> request(RequestContext context) override {
    auto function = textOf(context.getParams().getFunction());
    sent_.requests.push_back(function);
    context.getResults().setRefused(("needs the grant " + function).c_str());
    return kj::READY_NOW;
  }
  kj::Promise<void> terminate(TerminateContext) override {
    ++sent_.terminated;
    return kj::READY_NOW;
  }
  kj::Promise<void> timer(TimerContext) override { return kj::READY_NOW; }

 private:
  // What the logger insists on.
  void inOrder(uint64_t seq) {
    EXPECT_GE(seq, lastSeq_) << "rows and prints come in the order of seq";
    lastSeq_ = seq;
  }

  Sent& sent_;
  source::MemorySourceProvider scripts_;
  source::DiskSourceProvider base_;
  uint64_t lastSeq_ = 0;
};

class RunnerTest : public testing::Test {
 protected:
  using Change = std::function<void(schemas::Settings::Builder)>;
  using Fill = std::function<void(schemas::Batch::Builder)>;

  RunnerTest() {
    auto pipe = io_.provider->newPipeThread(
        [this](kj::AsyncIoProvider&, kj::AsyncIoStream& stream, kj::WaitScope& scope) {
          Compartment compartment(scope);
          status_ = serve(stream, scope, compartment);
        });
    stream_ = kj::mv(pipe.pipe);
    thread_ = kj::mv(pipe.thread);
    client_ = kj::heap<capnp::TwoPartyClient>(*stream_);
    package_ = client_->bootstrap().castAs<schemas::Package>();
  }
  ~RunnerTest() noexcept override { end(); }

  // Loads `script` as the package's only one, without the default part of the base library.
  auto load(const std::string& script, const Change& change = {}) {
    auto request = KJ_ASSERT_NONNULL(package_).loadRequest();
    request.setHost(kj::heap<FakeHost>(
        sent_, std::map<std::string, std::string>{{"scripts/demo.zeek", script}}));
    auto settings = request.initSettings();
    settings.setName("demo");
    settings.setBare(true);
    settings.setOffline(true);
    settings.initScripts(1)[0].setTarget("demo");
    if (change) change(settings);
    return request.send().wait(io_.waitScope);
  }
  auto start() {
    auto request = KJ_ASSERT_NONNULL(package_).startRequest();
    request.setSeq(1);
    return request.send().wait(io_.waitScope);
  }
  // Load and start.
  void run(const std::string& script, const Change& change = {}) {
    auto response = load(script, change);
    for (auto text : response.getLoaded().getDiagnostics()) ADD_FAILURE() << textOf(text);
    ASSERT_EQ(response.getLoaded().getErrors(), 0u);
    start();
  }
  auto deliver(const Fill& fill) {
    auto request = KJ_ASSERT_NONNULL(package_).deliverRequest();
    fill(request.initBatch());
    return request.send().wait(io_.waitScope);
  }
  auto finish(uint64_t seq) {
    auto request = KJ_ASSERT_NONNULL(package_).finishRequest();
    request.setSeq(seq);
    return request.send().wait(io_.waitScope);
  }
  // Closes the socket; answers what serve() answered.
  int end() {
    package_ = nullptr;
    client_ = nullptr;
    stream_ = nullptr;
    thread_ = nullptr;  // joins
    return status_;
  }

  Sent sent_;
  kj::AsyncIoContext io_ = kj::setupAsyncIo();

  kj::Maybe<schemas::Package::Client> package_;

 private:
  int status_ = -1;
  kj::Own<kj::AsyncIoStream> stream_;
  kj::Own<kj::Thread> thread_;
  kj::Own<capnp::TwoPartyClient> client_;
};

// ---- Items

inline void drained(schemas::Item::Builder item, uint64_t seq, double time) {
  item.setSeq(seq);
  item.setNetworkTime(time);
  item.setPacketSeq(seq);
  item.setDrainAfter(true);
}

// An event whose one argument is connection `number`, which it introduces. 10.0.0.1:1024 to
// 10.0.0.2:80, both tcp.
inline void connectionEvent(schemas::Item::Builder item, uint64_t seq, double time,
                            events::EventId event, uint64_t number) {
  drained(item, seq, time);
  item.initEvent().setId(static_cast<uint16_t>(event));
  item.getEvent().initArgs(1)[0].setConnection(number);
  auto update = item.initConnections(1)[0];
  update.setNumber(number);
  auto intro = update.initIntro();
  intro.setUid(kj::str("C", number));
  intro.setStartTime(time);
  auto id = intro.initId();
  id.initOrigHost().setLow(0xffff0a000001);
  id.initRespHost().setLow(0xffff0a000002);
  id.setOrigPort(1024 | 1 << 16);
  id.setRespPort(80 | 1 << 16);
  id.setProtocol(6);
  update.setDuration(1.5);
  update.initOrig().setSize(7);
  update.initResp().setSize(9);
  update.setHistory("ShAD");
}

}  // namespace bulkhead::runner
