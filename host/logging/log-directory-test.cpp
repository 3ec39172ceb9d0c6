#include "host/logging/log-directory.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

namespace bulkhead::logging {
namespace {

class LogDirectoryTest : public ::testing::Test {
 protected:
  LogDirectoryTest() {
    char name[] = "/tmp/log-directory-XXXXXX";
    folder_ = mkdtemp(name);
    directory_ = std::make_unique<LogDirectory>(open(name, O_RDONLY | O_DIRECTORY));
  }
  ~LogDirectoryTest() override { std::filesystem::remove_all(folder_); }

  std::string content(const std::string& name) {
    std::ifstream in(folder_ / name);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }

  std::filesystem::path folder_;
  std::unique_ptr<LogDirectory> directory_;
};

TEST(LogPath, AcceptsWhatStaysInsideAndNamesWhatDoesNot) {
  for (auto good : {"conn", "http-by_host.1", "a/b/c"}) EXPECT_EQ(checkLogPath(good), "") << good;
  for (auto bad : {"", "/etc/cron.d/x", "../conn", "a/../../b", "a//b", "./a", ".ssh", "a\nb", "a/",
                   "conn.log/x", "a/conn.log/x"})
    EXPECT_NE(checkLogPath(bad), "") << bad;
}

TEST(LogPath, AnExtensionIsNoWayOut) {
  for (auto good : {"log", "json.log", "tsv_1"}) EXPECT_EQ(checkLogExtension(good), "") << good;
  for (auto bad : {"", "/../../outside", "x/../conn.log", "a\nb", "l og"})
    EXPECT_NE(checkLogExtension(bad), "") << bad;
  EXPECT_EQ(checkLogExtension(std::string(32, 'a')), "");
  EXPECT_NE(checkLogExtension(std::string(33, 'a')), "");
}

TEST(LogPath, HoldsItsLimitsOnBothSides) {
  const std::string most(200, 'a');
  EXPECT_EQ(checkLogPath(most), "");
  EXPECT_NE(checkLogPath(most + "a"), "");
  EXPECT_EQ(checkLogPath(most + "/" + std::string(54, 'a')), "");
  EXPECT_NE(checkLogPath(most + "/" + std::string(55, 'a')), "");
  EXPECT_EQ(checkLogPath("1/2/3/4/5/6/7/8"), "");
  EXPECT_NE(checkLogPath("1/2/3/4/5/6/7/8/9"), "");
}

TEST_F(LogDirectoryTest, CreatesFoldersOfThePath) {
  auto file = directory_->create("a/b", "log", 0);
  file->append("row\n");
  file->close();
  EXPECT_EQ(file->error(), "");
  EXPECT_EQ(content("a/b.log"), "row\n");
}

TEST_F(LogDirectoryTest, TheLongestNameIsAFile) {
  auto file = directory_->create(std::string(maxPartLength, 'a') + "-1000000000000",
                                 std::string(maxExtensionLength, 'e'), 1);
  file->close();
  EXPECT_EQ(file->error(), "");
}

TEST_F(LogDirectoryTest, FollowsNoLinkOutOfTheFolder) {
  std::filesystem::create_symlink("/tmp", folder_ / "out");
  std::filesystem::create_symlink("/tmp/never-written", folder_ / "conn.log");
  EXPECT_NE(directory_->create("out/x", "log", 0)->error(), "");
  EXPECT_NE(directory_->create("conn", "log", 0)->error(), "");
  EXPECT_EQ(directory_->create("control", "log", 0)->error(), "");
}

TEST_F(LogDirectoryTest, KeepsTheFirstFailureAsAValue) {
  std::filesystem::create_directory(folder_ / "conn.log");
  auto file = directory_->create("conn", "log", 0);
  file->append("row\n");
  file->close();
  EXPECT_NE(file->error().find("conn.log: "), std::string::npos);
}

TEST_F(LogDirectoryTest, CompressesWhereAsked) {
  auto file = directory_->create("conn", "log", 6);
  file->append("row\n");
  file->close();
  EXPECT_EQ(content("conn.log.gz").substr(0, 2), "\x1f\x8b");
}

}  // namespace
}  // namespace bulkhead::logging
