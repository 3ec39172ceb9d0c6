// bulkhead-logger, confined as in a run: what is written is in the files when it says so.

#include "tests/process/bench.h"

#include <sys/mount.h>

namespace bulkhead::test {
namespace {

using sandbox::TestBench;

// Opens log 0 of a compartment: one column `x`, a string.
void openLog(schemas::Logger::Client logger, uint32_t compartment, const char* path,
             kj::WaitScope& wait) {
  auto request = logger.openLogRequest();
  request.setCompartment(compartment);
  LogDescriptor log{.stream = std::string(path) + "::LOG",
                    .filter = "default",
                    .path = path,
                    .writer = "Log::WRITER_ASCII",
                    .columns = {{.name = "x", .type = LogValue::Kind::string}},
                    .standard = true};
  wire::write(request.initLog(), 0, log);
  request.send().wait(wait);
}

void writeRow(schemas::Logger::Client logger, uint32_t compartment, uint64_t seq,
              const std::string& text, kj::WaitScope& wait) {
  auto request = logger.writeRowsRequest();
  request.setCompartment(compartment);
  auto row = request.initBatches(1).init(0, 1)[0];
  row.setSeq(seq);
  row.setRootSeq(seq);
  wire::write(row.initValues(1)[0], LogValue::ofString(text));
  request.send().wait(wait);
}

TEST(LoggerProcess, RowsOfSupervisorAndWorkerAreInTheFilesWhenFinishAnswers) {
  TestBench bench;
  LogFolder folder;
  LoggerProcess logger(bench, folder.path(), 2);
  auto& wait = bench.io.waitScope;
  auto stream = bench.io.lowLevelProvider->wrapSocketFd(logger.takeWorkerSocket());
  capnp::TwoPartyClient worker(*stream);
  auto fromWorker = worker.bootstrap().castAs<schemas::Logger>();

  openLog(logger.rpc(), 0, "s", wait);
  openLog(fromWorker, 1, "by-host/p", wait);
  writeRow(fromWorker, 1, 2, "package", wait);
  writeRow(logger.rpc(), 0, 1, "site", wait);
  auto print = fromWorker.printRequest();
  print.setCompartment(1);
  print.setSeq(3);
  print.setText(kj::StringPtr("hello\n").asBytes());
  print.send().wait(wait);
  fromWorker.settleRequest().send().wait(wait);
  auto result = logger.rpc().finishRequest().send().wait(wait);

  EXPECT_STREQ(result.getError().cStr(), "");
  ASSERT_EQ(result.getCounts().size(), 2u);
  EXPECT_EQ(result.getCounts()[0].getRows(), 1u);
  EXPECT_EQ(result.getCounts()[1].getRows(), 1u);
  EXPECT_EQ(folder.rows("s.log"), std::vector<std::string>{"site"});
  EXPECT_EQ(folder.rows("by-host/p.log"), std::vector<std::string>{"package"});
  EXPECT_EQ(describe(logger.end()), describe(sandbox::Outcome{sandbox::Exited{0}}));
  EXPECT_EQ(logger.printed(), "hello\n");
  EXPECT_EQ(logger.violations, std::vector<std::string>());
}

TEST(LoggerProcess, AFullDiskIsToldByFinish) {
  LogFolder folder;
  // A disk of one page. Mounting needs rights that not every machine gives.
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4k") != 0) {
    GTEST_SKIP() << "no small file system here: mount: " << strerror(errno);
  }
  {
    TestBench bench;
    LoggerProcess logger(bench, folder.path(), 1);
    auto& wait = bench.io.waitScope;
    openLog(logger.rpc(), 0, "s", wait);
    for (uint64_t seq = 1; seq <= 10; ++seq) {
      writeRow(logger.rpc(), 0, seq, std::string(16384, 'x'), wait);
    }
    auto result = logger.rpc().finishRequest().send().wait(wait);
    EXPECT_STREQ(result.getError().cStr(), "s.log is incomplete: No space left on device");
    EXPECT_EQ(describe(logger.end()), describe(sandbox::Outcome{sandbox::Exited{0}}));
  }
  EXPECT_EQ(umount(folder.path().c_str()), 0);
}

}  // namespace
}  // namespace bulkhead::test
