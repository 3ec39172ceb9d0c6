#include "host/logging/logger.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

namespace bulkhead::logging {
namespace {

using Kind = LogValue::Kind;
constexpr auto package = LogColumnOrigin::package;

LogDescriptor connLog(std::vector<LogColumn> extra = {}) {
  LogDescriptor log{.stream = "Conn::LOG",
                    .filter = "default",
                    .path = "conn",
                    .writer = "Log::WRITER_ASCII",
                    .standard = true,
                    .standardStream = true};
  log.columns = {
      {.name = "uid", .type = Kind::string, .identifying = true},
      {.name = "tags", .type = Kind::set, .elementType = Kind::string, .optional = true}};
  for (auto& column : extra) log.columns.push_back(column);
  return log;
}

LogDescriptor ownLog(std::string path) {
  LogDescriptor log{.stream = "Own::LOG",
                    .filter = "default",
                    .path = std::move(path),
                    .writer = "Log::WRITER_ASCII"};
  log.columns = {{.name = "x", .type = Kind::string}};
  return log;
}

LogValue text(std::string value) { return LogValue::ofString(std::move(value)); }
LogValue tags(std::vector<std::string> names) {
  LogValue::Elements elements;
  for (auto& name : names) elements.push_back(text(name));
  return LogValue::ofSet(std::move(elements));
}

class LoggerTest : public ::testing::Test {
 protected:
  LoggerTest() {
    char name[] = "/tmp/logger-XXXXXX";
    folder_ = mkdtemp(name);
    directory_ = std::make_unique<LogDirectory>(open(name, O_RDONLY | O_DIRECTORY));
    start({});
  }
  ~LoggerTest() override { std::filesystem::remove_all(folder_); }

  void start(LoggerLimits limits) {
    logger_ = std::make_unique<Logger>(*directory_, 3, limits,
                                       [this](std::string_view s) { printed_ += s; });
  }
  // The rows of a log, header left out.
  std::string rows(const std::string& name) {
    std::ifstream in(folder_ / (name + ".log"));
    std::string line, out;
    while (std::getline(in, line))
      if (line.empty() || line[0] != '#') out += line + "\n";
    return out;
  }
  std::string fields(const std::string& name) {
    std::ifstream in(folder_ / (name + ".log"));
    std::string line;
    while (std::getline(in, line))
      if (line.starts_with("#fields\t")) return line.substr(8);
    return {};
  }
  // The first column is what identifies the record.
  void write(unsigned c, uint64_t seq, std::vector<LogValue> values,
             LogRowKind kind = LogRowKind::whole, uint32_t log = 0) {
    EXPECT_EQ(logger_->write(c, {.log = log,
                                 .seq = seq,
                                 .rootSeq = seq,
                                 .identity = std::hash<std::string>{}(values[0].text()),
                                 .kind = kind,
                                 .values = std::move(values)}),
              "");
  }

  std::filesystem::path folder_;
  std::unique_ptr<LogDirectory> directory_;
  std::unique_ptr<Logger> logger_;
  std::string printed_;
};

TEST_F(LoggerTest, OrdersRowsBySeqWhoeverSpeaksFirst) {
  auto notice = connLog();
  notice.stream = "Notice::LOG";
  notice.path = "notice";
  ASSERT_EQ(logger_->openLog(0, 0, notice), "");
  ASSERT_EQ(logger_->openLog(1, 0, notice), "");
  write(1, 2, {text("second"), {}});
  logger_->mark(1, 5);
  write(0, 1, {text("first"), {}});
  write(0, 3, {text("third"), {}});
  logger_->mark(0, 5);
  logger_->mark(2, 5);
  logger_->finish();
  EXPECT_EQ(rows("notice"), "first\t-\nsecond\t-\nthird\t-\n");
}

TEST_F(LoggerTest, WaitsForEveryLivingCompartmentAndForNoDeadOne) {
  ASSERT_EQ(logger_->print(0, 1, "a\n"), "");
  logger_->mark(0, 1);
  logger_->mark(1, 1);
  EXPECT_EQ(printed_, "");
  logger_->gone(2);
  EXPECT_EQ(printed_, "a\n");
}

TEST_F(LoggerTest, JoinsAContributionToTheRowOfTheSameCauseAndIdentity) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score})), "");
  write(0, 7, {text("C1"), {}});
  write(0, 8, {text("C2"), {}});
  write(1, 7, {text("C1"), {}, LogValue::ofCount(9)}, LogRowKind::contribution);
  write(1, 8, {text("other"), {}, LogValue::ofCount(5)}, LogRowKind::contribution);
  auto counts = logger_->finish().counts;
  EXPECT_EQ(fields("conn"), "uid\ttags\tscore");
  EXPECT_EQ(rows("conn"), "C1\t-\t9\nC2\t-\t-\n");
  EXPECT_EQ(counts[1].joined, 1u);
  EXPECT_EQ(counts[1].unmatched, 1u);
}

TEST_F(LoggerTest, PairsTheNthContributionWithTheNthRow) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score})), "");
  for (uint64_t n : {1, 2}) {
    write(0, 7, {text("C1"), {}});
    write(1, 7, {text("C1"), {}, LogValue::ofCount(n)}, LogRowKind::contribution);
  }
  logger_->finish();
  EXPECT_EQ(rows("conn"), "C1\t-\t1\nC1\t-\t2\n");
}

TEST_F(LoggerTest, UnitesElementsAddedToASetOfTheBase) {
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(2, 0, connLog()), "");
  write(0, 1, {text("C1"), tags({"a"})});
  write(1, 1, {text("C1"), tags({"a", "b"})}, LogRowKind::contribution);
  write(2, 1, {text("C1"), tags({"c", "a"})}, LogRowKind::contribution);
  logger_->finish();
  EXPECT_EQ(rows("conn"), "C1\ta,b,c\n");
}

TEST_F(LoggerTest, LetsAContributionChangeNoScalarOfTheBaseAndNoOtherPackagesColumn) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score})), "");
  ASSERT_EQ(logger_->openLog(2, 0, connLog({score})), "");
  write(0, 1, {text("C1"), {}});
  write(1, 1, {text("C1"), {}, LogValue::ofCount(1)}, LogRowKind::contribution);
  write(2, 1, {text("C1"), {}, LogValue::ofCount(2)}, LogRowKind::contribution);
  logger_->finish();
  EXPECT_EQ(rows("conn"), "C1\t-\t1\n");
}

TEST_F(LoggerTest, GivesTheRowsOfAnyFilterTheColumnsThatOthersAddedToTheStream) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  LogColumn secret{.name = "secret", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score, secret})), "");
  auto thin = connLog();
  thin.filter = "thin";
  thin.path = "thin";
  thin.standard = false;
  thin.names = {.exclude = {"secret"}, .renames = {{"score", "points"}}};
  ASSERT_EQ(logger_->openLog(2, 0, thin), "");
  write(0, 7, {text("C1"), {}});
  write(2, 7, {text("C1"), {}});
  write(1, 7, {text("C1"), {}, LogValue::ofCount(9), LogValue::ofCount(1)},
        LogRowKind::contribution);
  auto counts = logger_->finish().counts;
  EXPECT_EQ(fields("conn"), "uid\ttags\tscore\tsecret");
  EXPECT_EQ(rows("conn"), "C1\t-\t9\t1\n");
  EXPECT_EQ(fields("thin"), "uid\ttags\tpoints");
  EXPECT_EQ(rows("thin"), "C1\t-\t9\n");
  EXPECT_EQ(counts[1].joined, 1u);
  EXPECT_EQ(counts[1].unmatched, 0u);
}

TEST_F(LoggerTest, KeepsSoManyContributionsOfOneIdentityAndNoMore) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score})), "");
  for (uint64_t n = 0; n < 257; ++n) {
    write(0, 7, {text("C1"), {}});
    write(1, 7, {text("C1"), {}, LogValue::ofCount(n)}, LogRowKind::contribution);
  }
  auto counts = logger_->finish().counts;
  EXPECT_EQ(counts[1].joined, 256u);
  EXPECT_EQ(counts[1].unmatched, 1u);
}

TEST_F(LoggerTest, LeavesTheColumnUnsetForADeadContributor) {
  LogColumn score{.name = "score", .type = Kind::count, .optional = true, .origin = package};
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({score})), "");
  logger_->gone(1);
  write(0, 1, {text("C1"), {}});
  logger_->finish();
  EXPECT_EQ(fields("conn"), "uid\ttags\tscore");
  EXPECT_EQ(rows("conn"), "C1\t-\t-\n");
}

TEST_F(LoggerTest, GivesTheSecondWriterOfAPathASuffixAndKeepsStandardPathsFree) {
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("conn")), "");
  ASSERT_EQ(logger_->openLog(2, 0, ownLog("packages")), "");
  write(1, 1, {text("mine")});
  write(0, 2, {text("C1"), {}});
  write(2, 2, {text("fake")});
  logger_->finish();
  EXPECT_EQ(rows("conn"), "C1\t-\n");
  EXPECT_EQ(rows("conn-2"), "mine\n");
  EXPECT_EQ(rows("packages-2"), "fake\n");
}

TEST_F(LoggerTest, TakesNoPackagesRowForOneOfTheSites) {
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog()), "");
  write(1, 1, {text("forged"), {}});
  write(0, 2, {text("C1"), {}});
  auto counts = logger_->finish().counts;
  EXPECT_EQ(rows("conn"), "C1\t-\n");
  EXPECT_EQ(counts[1].written, 0u);
  EXPECT_EQ(counts[1].refused, 1u);
}

TEST_F(LoggerTest, KeepsTheSitesOwnPathsFreeAndTakesNobodyElsesWordForStandard) {
  auto claimed = connLog();
  claimed.stream = "Theirs::LOG";
  claimed.path = "theirs";
  ASSERT_EQ(logger_->openLog(0, 0, ownLog("mine")), "");
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("mine")), "");
  ASSERT_EQ(logger_->openLog(1, 1, claimed), "");
  ASSERT_EQ(logger_->openLog(2, 0, ownLog("theirs")), "");
  write(1, 1, {text("early")});
  write(0, 2, {text("mine")});
  write(2, 2, {text("theirs")});
  logger_->finish();
  EXPECT_EQ(rows("mine"), "mine\n");
  EXPECT_EQ(rows("mine-2"), "early\n");
  EXPECT_EQ(rows("theirs"), "theirs\n");
}

TEST_F(LoggerTest, NamesWhatBreaksTheRules) {
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("own")), "");
  EXPECT_NE(logger_->openLog(1, 5, ownLog("own")), "");
  EXPECT_NE(logger_->write(1, {.log = 9}), "");
  EXPECT_NE(logger_->write(1, {.log = 0, .seq = 1, .values = {LogValue::ofCount(1)}}), "");
  EXPECT_NE(logger_->write(1, {.log = 0, .seq = 1, .values = {}}), "");
  write(1, 5, {text("x")});
  EXPECT_NE(logger_->write(1, {.log = 0, .seq = 4, .values = {text("late")}}), "");
}

TEST_F(LoggerTest, RefusesARowOneByteOverTheLimitAndTakesOneAtIt) {
  start({.rowBytes = 101});
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("own")), "");
  write(1, 1, {text(std::string(100, 'a'))});
  write(1, 1, {text(std::string(101, 'a'))});
  auto counts = logger_->finish().counts;
  EXPECT_EQ(counts[1].written, 1u);
  EXPECT_EQ(counts[1].refused, 1u);
}

TEST_F(LoggerTest, EndsACompartmentThatPilesUpRows) {
  start({.pendingBytes = 1000});
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("own")), "");
  Violation violation;
  int rows = 0;
  while (violation.empty() && rows < 100) {
    violation = logger_->write(1, {.log = 0, .seq = 1, .values = {text(std::string(99, 'a'))}});
    if (violation.empty()) ++rows;
  }
  EXPECT_EQ(rows, 10);
}

TEST_F(LoggerTest, CountsWhatACompartmentWritesOverAllItsFilesAndNobodyElses) {
  auto notice = connLog();
  notice.stream = "Notice::LOG";
  notice.path = "notice";
  start({.writtenBytes = 1000});
  ASSERT_EQ(logger_->openLog(0, 0, notice), "");
  for (uint32_t log = 0; log < 4; ++log)
    ASSERT_EQ(logger_->openLog(1, log, ownLog("own" + std::to_string(log))), "");
  ASSERT_EQ(logger_->openLog(1, 4, notice), "");
  ASSERT_EQ(logger_->openLog(2, 0, notice), "");
  for (int i = 0; i < 20; ++i) write(0, 1, {text(std::string(99, 's')), {}});
  write(2, 1, {text("theirs"), {}});
  for (uint32_t log = 0; log < 4; ++log)
    for (int i = 0; i < 5; ++i) write(1, 1, {text(std::string(99, 'a'))}, LogRowKind::whole, log);
  ASSERT_EQ(logger_->print(1, 1, "too much\n"), "");
  write(1, 1, {text("too much"), {}}, LogRowKind::whole, 4);
  auto counts = logger_->finish().counts;
  EXPECT_EQ(counts[0].written, 20u);
  EXPECT_EQ(counts[1].written, 11u);
  EXPECT_EQ(counts[1].refused, 11u);
  EXPECT_EQ(counts[2].written, 1u);
  EXPECT_EQ(printed_, "");
}

TEST_F(LoggerTest, HoldsNoMoreContributionsThanTheLimit) {
  LogColumn note{.name = "note", .type = Kind::string, .optional = true, .origin = package};
  start({.heldBytes = 1000});
  ASSERT_EQ(logger_->openLog(0, 0, connLog()), "");
  ASSERT_EQ(logger_->openLog(1, 0, connLog({note})), "");
  ASSERT_EQ(logger_->openLog(1, 1, ownLog("own")), "");
  for (uint64_t seq = 1; seq <= 20; ++seq) {
    write(1, seq, {text("C"), {}, text(std::string(80, 'a'))}, LogRowKind::contribution);
    write(1, seq, {text("own")}, LogRowKind::whole, 1);
    write(0, seq, {text("C"), {}});
  }
  auto counts = logger_->finish().counts;
  EXPECT_EQ(counts[0].written, 20u);
  EXPECT_EQ(counts[1].written, 20u);
  EXPECT_EQ(counts[1].joined, 10u);
  EXPECT_EQ(counts[1].unmatched, 10u);
}

TEST_F(LoggerTest, PrintsOfPackagesNothingThatATerminalActsOn) {
  ASSERT_EQ(logger_->print(0, 1, "site\x1b[0m\n"), "");
  ASSERT_EQ(logger_->print(1, 1, "a\tb\x1b]0;x\x07\r\x7f\xc2\x9b \xc3\xa9 \xc2\xa7\n"), "");
  logger_->finish();
  EXPECT_EQ(printed_, "site\x1b[0m\na\tb\\x1b]0;x\\x07\\x0d\\x7f\\xc2\\x9b \xc3\xa9 \xc2\xa7\n");
}

TEST_F(LoggerTest, RefusesPathsOutsideTheFolderByCountingThem) {
  ASSERT_EQ(logger_->openLog(1, 0, ownLog("../escape")), "");
  write(1, 1, {text("x")});
  EXPECT_EQ(logger_->finish().counts[1].refused, 1u);
  EXPECT_FALSE(std::filesystem::exists(folder_.parent_path() / "escape.log"));
}

}  // namespace
}  // namespace bulkhead::logging
