#include "host/logging/service.h"

#include "schemas/wire/log-wire.h"

#include <capnp/rpc-twoparty.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace bulkhead::logging {
namespace {

class Told final : public schemas::Violations::Server {
 public:
  explicit Told(std::vector<std::string>& texts) : texts_(texts) {}
  kj::Promise<void> violation(ViolationContext context) override {
    texts_.push_back(context.getParams().getText().cStr());
    return kj::READY_NOW;
  }

 private:
  std::vector<std::string>& texts_;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : io_(kj::setupAsyncIo()), logger_(nullptr) {
    char name[] = "/tmp/logger-service-XXXXXX";
    folder_ = mkdtemp(name);
    logger_ = makeLoggerService(open(name, O_RDONLY | O_DIRECTORY), -1);
    auto request = logger_.configureRequest();
    request.setCompartments(2);
    request.setViolations(kj::heap<Told>(violations_));
    request.send().wait(io_.waitScope);
  }
  ~ServiceTest() noexcept override { std::filesystem::remove_all(folder_); }

  void open1(unsigned compartment, const char* path = "s",
             LogValue::Kind kind = LogValue::Kind::string) {
    auto request = logger_.openLogRequest();
    request.setCompartment(compartment);
    LogDescriptor log{.stream = "Notice::LOG",
                      .filter = "default",
                      .path = path,
                      .writer = "Log::WRITER_ASCII",
                      .columns = {{.name = "x", .type = kind}},
                      .standard = true};
    wire::write(request.initLog(), 0, log);
    request.send().wait(io_.waitScope);
  }
  void write(unsigned compartment, uint64_t seq, const LogValue& value) {
    auto request = logger_.writeRowsRequest();
    request.setCompartment(compartment);
    auto row = request.initBatches(1).init(0, 1)[0];
    row.setSeq(seq);
    row.setRootSeq(seq);
    wire::write(row.initValues(1)[0], value);
    request.send().wait(io_.waitScope);
  }

  kj::AsyncIoContext io_;
  std::filesystem::path folder_;
  schemas::Logger::Client logger_;
  std::vector<std::string> violations_;
};

TEST_F(ServiceTest, TakesNothingMoreFromACompartmentThatBrokeTheRules) {
  open1(0);
  open1(1);
  write(1, 1, LogValue::ofString("good"));
  write(1, 2, LogValue::ofCount(5));
  write(1, 3, LogValue::ofString("after"));
  write(0, 4, LogValue::ofString("site"));
  auto result = logger_.finishRequest().send().wait(io_.waitScope);
  EXPECT_EQ(violations_, std::vector<std::string>{"a row whose column x is no string"});
  EXPECT_EQ(result.getCounts()[1].getRows(), 1u);
  EXPECT_EQ(result.getCounts()[0].getRows(), 1u);
  std::ifstream in(folder_ / "s.log");
  std::string line, rows;
  while (std::getline(in, line))
    if (line[0] != '#') rows += line + "\n";
  EXPECT_EQ(rows, "good\nsite\n");
}

// A text without its last byte of zero: copied as it is on the way, and found out when it is read.
void spoil(capnp::Text::Builder text) { text.begin()[text.size()] = 'x'; }

TEST_F(ServiceTest, TextsThatCannotBeReadAreTheirSendersFaultAlone) {
  open1(0);
  auto open = logger_.openLogRequest();
  open.setCompartment(1);
  wire::write(open.initLog(), 0, LogDescriptor{.stream = "A::LOG", .path = "a"});
  spoil(open.getLog().initPath(3));
  open.send().wait(io_.waitScope);
  write(0, 4, LogValue::ofString("site"));
  auto result = logger_.finishRequest().send().wait(io_.waitScope);
  ASSERT_EQ(violations_.size(), 1u);
  EXPECT_EQ(violations_[0].substr(0, 25), "sent what cannot be read:");
  EXPECT_EQ(result.getCounts()[0].getRows(), 1u);
}

TEST_F(ServiceTest, SoAreValuesThatCannotBeRead) {
  open1(0);
  open1(1, "e", LogValue::Kind::enumeration);
  auto request = logger_.writeRowsRequest();
  request.setCompartment(1);
  auto row = request.initBatches(1).init(0, 1)[0];
  row.setSeq(1);
  row.setRootSeq(1);
  spoil(row.initValues(1)[0].initEnumName(3));
  request.send().wait(io_.waitScope);
  write(1, 2, LogValue::ofString("after"));
  write(0, 4, LogValue::ofString("site"));
  auto result = logger_.finishRequest().send().wait(io_.waitScope);
  ASSERT_EQ(violations_.size(), 1u);
  EXPECT_EQ(violations_[0].substr(0, 25), "sent what cannot be read:");
  EXPECT_EQ(result.getCounts()[1].getRows(), 0u);
  EXPECT_EQ(result.getCounts()[0].getRows(), 1u);
}

}  // namespace
}  // namespace bulkhead::logging
