#include "sandbox/cgroup/cgroup.h"

#include "sandbox/cgroup/cgroup-files.h"

#include <kj/exception.h>
#include <kj/io.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

TEST(CgroupFiles, FolderNamesCannotLeadElsewhere) {
  EXPECT_STREQ(safeFolderName("known-clients").cStr(), "known-clients");
  EXPECT_STREQ(safeFolderName("../../etc").cStr(), "_._.._etc");
  EXPECT_STREQ(safeFolderName("a/b\nc").cStr(), "a_b_c");
  EXPECT_STREQ(safeFolderName("").cStr(), "_");
  EXPECT_EQ(safeFolderName(kj::str(kj::repeat('x', 500))).size(), 64u);
}

TEST(CgroupFiles, AMissingFileIsNotAnError) {
  EXPECT_TRUE(readSmallFile("/no/such/file") == nullptr);
  EXPECT_EQ(numberAfter("/no/such/file", "oom_kill"), 0u);
  EXPECT_FALSE(tryWriteSmallFile("/no/such/file", "1"));
  EXPECT_THROW(writeSmallFile("/no/such/file", "1"), kj::Exception);
}

TEST(CgroupFiles, AFolderThatIsThereAlreadyIsSomebodyElses) {
  char parent[] = "/tmp/bulkhead-cgroup-XXXXXX";
  ASSERT_NE(mkdtemp(parent), nullptr);
  for (unsigned n = 0; n < mostOwnFolders; ++n) {
    auto expected = kj::str(parent, "/bulkhead-", getpid());
    if (n > 0) expected = kj::str(expected, '.', n);
    KJ_IF_MAYBE (made, makeOwnFolder(parent)) {
      EXPECT_STREQ(made->cStr(), expected.cStr());
    } else {
      ADD_FAILURE() << "no folder " << n;
    }
  }
  EXPECT_TRUE(makeOwnFolder(parent) == nullptr) << "one more than the limit";
  std::filesystem::remove_all(parent);
  EXPECT_TRUE(makeOwnFolder(parent) == nullptr);
  EXPECT_EQ(errno, ENOENT);
}

// A process that waits until it is let go.
struct Waiting {
  int release[2];
  pid_t pid;
  Waiting() {
    EXPECT_EQ(pipe(release), 0);
    pid = fork();
    if (pid == 0) {
      close(release[1]);
      char byte;
      _exit(read(release[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(release[0]);
  }
  ~Waiting() {
    close(release[1]);
    waitpid(pid, nullptr, 0);
  }
};

class CgroupKernel : public testing::Test {
 public:
  ~CgroupKernel() noexcept override {}

 protected:
  void SetUp() override {
    result = openCgroupTree();
    KJ_IF_MAYBE (found, result.tree) {
      tree = found->get();
    } else {
      GTEST_SKIP() << "no cgroups here: " << result.reason.cStr();
    }
  }
  CgroupTreeResult result;
  CgroupTree* tree = nullptr;
};

TEST_F(CgroupKernel, AProcessIsAdmittedAndItsFolderGoesAwayAfterIt) {
  auto cgroup = tree->create("test");
  Limits limits;
  limits.memoryBytes = uint64_t{64} << 20;
  limits.cpuPercent = 50;
  limits.pids = 4;
  cgroup->applyLimits(limits);
  if (cgroup->cloneDescriptor() != nullptr) GTEST_SKIP() << "version 2 has children born inside";
  {
    const Waiting process;
    cgroup->admit(process.pid);
  }
  cgroup = nullptr;
  // The number is used again only if the first is gone; the name is another.
  EXPECT_NO_THROW(tree->create("test"));
}

TEST_F(CgroupKernel, LimitsAreInTheKernelsFiles) {
  auto cgroup = tree->create("test");
  Limits limits;
  limits.memoryBytes = uint64_t{64} << 20;
  limits.cpuPercent = 50;
  limits.pids = 4;
  cgroup->applyLimits(limits);
  size_t seen = 0;
  for (const CgroupMount& mount : findCgroupMounts()) {
    const auto folder = kj::str(mount.ownDirectory, "/bulkhead-", getpid(), "/1-test/");
    for (const auto& [file, value] :
         {std::pair("memory.limit_in_bytes", "67108864\n"), std::pair("memory.max", "67108864\n"),
          std::pair("cpu.cfs_quota_us", "50000\n"), std::pair("cpu.max", "50000 100000\n"),
          std::pair("pids.max", "4\n")}) {
      KJ_IF_MAYBE (text, readSmallFile(kj::str(folder, file))) {
        EXPECT_STREQ(text->cStr(), value) << file;
        ++seen;
      }
    }
  }
  EXPECT_EQ(seen, tree->layers().list().size());
}

TEST_F(CgroupKernel, AProcessThatDoesNotExistCannotBeAdmitted) {
  auto cgroup = tree->create("test");
  const pid_t gone = [] {
    const Waiting process;
    return process.pid;
  }();
  EXPECT_THROW(cgroup->admit(gone), kj::Exception);
}

TEST_F(CgroupKernel, ALimitThatTheKernelRefusesIsAnError) {
  auto cgroup = tree->create("test");
  Limits limits;
  limits.cpuPercent = 0;
  EXPECT_THROW(cgroup->applyLimits(limits), kj::Exception);
}

TEST_F(CgroupKernel, NothingIsUsedInTheBeginning) {
  auto cgroup = tree->create("test");
  const CgroupUsage usage = cgroup->usage();
  EXPECT_EQ(usage.cpuNanoseconds, 0u);
  EXPECT_EQ(usage.outOfMemoryKills, 0u);
}

}  // namespace
}  // namespace bulkhead::sandbox
