// Writes what honest and less honest compartments say, as seeds of compartment-fuzz and frame-fuzz:
//   record-conversations STAGED-DIR FRAMES-DIR
#include "schemas/wire/log-wire.h"
#include "tests/fuzz/compartment-bench.h"

#include <capnp/rpc-twoparty.h>

#include <cstdio>
#include <fstream>

namespace {

using namespace bulkhead;

// The compartment's end of the socket: keeps what goes out, a stage for each message that came in.
class Recorder final : public kj::AsyncIoStream {
 public:
  Recorder(kj::Own<kj::AsyncIoStream> inner, std::vector<std::string>& stages)
      : inner_(kj::mv(inner)), stages_(stages) {}
  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override {
    return inner_->tryRead(buffer, minBytes, maxBytes).then([this](size_t got) {
      stages_.emplace_back();
      return got;
    });
  }
  kj::Promise<void> write(const void* buffer, size_t size) override {
    keep(kj::arrayPtr(static_cast<const kj::byte*>(buffer), size));
    return inner_->write(buffer, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    for (auto piece : pieces) keep(piece);
    return inner_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }

 private:
  void keep(kj::ArrayPtr<const kj::byte> bytes) {
    if (stages_.empty()) stages_.emplace_back();
    stages_.back().append(bytes.asChars().begin(), bytes.size());
  }

  kj::Own<kj::AsyncIoStream> inner_;
  std::vector<std::string>& stages_;
};

constexpr int kinds = 5;

// Of each kind a little more is said.
class Talker final : public schemas::Package::Server {
 public:
  explicit Talker(int kind) : kind_(kind) {}

  kj::Promise<void> load(LoadContext context) override {
    host_ = context.getParams().getHost();
    auto loaded = context.getResults().initLoaded();
    loaded.initDiagnostics(1).set(0, "a.zeek:1: warning: x");
    auto demand = loaded.initDemand();
    auto events = demand.initEvents(2);
    events.set(0, static_cast<uint16_t>(events::EventId::new_connection));
    events.set(1, static_cast<uint16_t>(events::EventId::connection_state_remove));
    if (kind_ >= 3) demand.initAnswers(1).set(0, "skip_further_processing");
    if (kind_ == 1) {
      auto source = host_.readSourceRequest();
      source.setTarget("base/x");
      return source.send().ignoreResult();
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> start(StartContext context) override {
    openLog(0, kind_ == 2);
    auto results = context.getResults();
    results.getState().setNext(1003);
    results.initOptions(1)[0].setName("MIME::max_depth");
    fillAnswer(results.initAnswers(1)[0], context.getParams().getSeq());
    return kj::READY_NOW;
  }
  kj::Promise<void> deliver(DeliverContext context) override {
    for (auto item : context.getParams().getBatch().getItems()) {
      writeRow(item.getSeq(), kind_ == 2);
      if (kind_ >= 3) speak(item.getSeq());
    }
    if (kind_ >= 3) fillAnswer(context.getResults().initAnswers(1)[0], 1);
    return kj::READY_NOW;
  }
  kj::Promise<void> finish(FinishContext context) override {
    writeRow(context.getParams().getSeq(), false);
    context.getResults().initReport().setInstructions(7);
    return kj::READY_NOW;
  }

 private:
  std::vector<LogColumn> columns() const {
    using Kind = LogValue::Kind;
    return {{.name = "ts", .type = Kind::time, .identifying = true},
            {.name = "uid", .type = Kind::string, .identifying = true},
            {.name = "n", .type = Kind::count},
            {.name = "s", .type = Kind::set, .elementType = Kind::string},
            {.name = "a", .type = Kind::addr},
            {.name = "p", .type = Kind::port}};
  }
  void openLog(uint32_t id, bool standard) {
    LogDescriptor log{.stream = "Conn::LOG",
                      .filter = "default",
                      .path = standard ? "conn" : "own",
                      .writer = "Log::WRITER_ASCII",
                      .columns = columns(),
                      .standard = standard};
    if (kind_ == 4) log.config = {{"use_json", "T"}, {"json_timestamps", "JSON::TS_ISO8601"}};
    auto request = host_.openLogRequest();
    wire::write(request.initLog(), id, log);
    sent(request.send());
  }
  void writeRow(uint64_t seq, bool contribution) {
    auto request = host_.writeRowsRequest();
    auto row = request.initBatch().initRows(1)[0];
    row.setSeq(seq);
    row.setRootSeq(seq);
    row.setContribution(contribution);
    std::vector<LogValue> values = {LogValue::ofTime(1000.5),
                                    LogValue::ofString("Cabc"),
                                    LogValue::ofCount(seq),
                                    LogValue::ofSet({LogValue::ofString("x,\x01y")}),
                                    LogValue::ofAddr(*IpAddr::parse("2001:db8::1")),
                                    LogValue::ofPort({53, Transport::udp})};
    auto list = row.initValues(static_cast<unsigned>(values.size()));
    for (unsigned i = 0; i < list.size(); ++i) wire::write(list[i], values[i]);
    sent(request.send());
  }
  void speak(uint64_t seq) {
    auto print = host_.printRequest();
    print.setText(kj::StringPtr("hello\n").asBytes());
    print.setSeq(seq);
    sent(print.send());
    auto report = host_.reportRequest();
    report.initReport().setText("x");
    report.getReport().setSeq(seq);
    sent(report.send());
    auto timer = host_.timerRequest();
    timer.initState().setNext(1005);
    sent(timer.send());
    auto publish = host_.publishRequest();
    auto message = publish.initMessages(1)[0];
    message.setTopic("t");
    message.setEvent("e");
    message.initArgs(1)[0].setCount(1);
    message.setSeq(seq);
    sent(publish.send());
    auto request = host_.requestRequest();
    request.setFunction("getenv");
    request.initArgs(1)[0].setText(kj::StringPtr("HOME").asBytes());
    sent(request.send().ignoreResult());
  }
  static void fillAnswer(schemas::Answer::Builder to, uint64_t seq) {
    to.setSeq(seq);
    to.setFunction("skip_further_processing");
    auto args = to.initArgs(2);
    args[0].setCount(1);
    auto list = args[1].initList(2);
    list[0].setPort(80);
    wire::writeAddress(list[1].initAddr(), *IpAddr::parse("192.0.2.1"));
  }
  static void sent(kj::Promise<void> call) {
    call.detach([](kj::Exception&& e) { std::fprintf(stderr, "%s\n", e.getDescription().cStr()); });
  }

  int kind_;
  schemas::Host::Client host_ = nullptr;
};

void writeFile(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  KJ_REQUIRE(!out.flush().fail(), path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: record-conversations STAGED-DIR FRAMES-DIR\n");
    return 2;
  }
  auto io = kj::setupAsyncIo();
  for (int kind = 0; kind < kinds; ++kind) {
    std::vector<std::string> stages;
    {
      auto pipe = io.provider->newTwoWayPipe();
      Recorder recorder(kj::mv(pipe.ends[1]), stages);
      capnp::TwoPartyClient server(recorder, kj::heap<Talker>(kind),
                                   capnp::rpc::twoparty::Side::SERVER);
      fuzz::CompartmentBench bench(io, kj::mv(pipe.ends[0]));
    }
    std::string staged;
    std::string frames;
    for (const auto& stage : stages) {
      if (stage.empty()) continue;
      KJ_REQUIRE(stage.size() <= 0xffff);
      staged += static_cast<char>(stage.size() & 0xff);
      staged += static_cast<char>(stage.size() >> 8);
      staged += stage;
      frames += stage;
    }
    writeFile(std::string(argv[1]) + "/talk-" + std::to_string(kind), staged);
    writeFile(std::string(argv[2]) + "/talk-" + std::to_string(kind), frames);
    std::printf("conversation %d: %zu stages, %zu bytes\n", kind, stages.size(), frames.size());
  }
  return 0;
}
