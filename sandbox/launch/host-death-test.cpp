// The host may be killed at any time: its children end with it, and the janitor removes the
// cgroups.

#include "sandbox/launch/test-bench.h"

#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace bulkhead::sandbox {
namespace {

struct Witness {
  pid_t child = 0;
  bool withCgroup = false;
  char cgroup[512] = {};
};

// The last of the child's cgroups, as a folder.
std::string folderOf(pid_t pid) {
  FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/cgroup").c_str(), "re");
  if (file == nullptr) return "";
  char line[512];
  std::string found;
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    const std::string text(line);
    const size_t at = text.find("/bulkhead-");
    if (at != std::string::npos && found.empty()) {
      found = text.substr(at, text.find('\n') - at);
    }
  }
  std::fclose(file);
  return found;
}

// Becomes a host, starts a child that spins, tells of it and is killed.
[[noreturn]] void beAHostThatIsKilled(int report) {
  TestBench bench;
  auto child = bench.startHostile("spin");
  child->onLocked().wait(bench.io.waitScope);
  Witness witness;
  witness.child = child->pid();
  witness.withCgroup = bench.tree != nullptr;
  std::snprintf(witness.cgroup, sizeof(witness.cgroup), "%s", folderOf(child->pid()).c_str());
  if (write(report, &witness, sizeof(witness)) != sizeof(witness)) _exit(1);
  raise(SIGKILL);
  _exit(1);
}

TEST(HostDeath, ChildrenEndAndCgroupsAreRemovedWhenTheHostIsKilled) {
  // Orphans become ours, so that their end can be waited for.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int report[2];
  ASSERT_EQ(pipe2(report, O_CLOEXEC), 0);
  const pid_t host = fork();
  ASSERT_GE(host, 0);
  if (host == 0) beAHostThatIsKilled(report[1]);
  close(report[1]);
  Witness witness;
  ASSERT_EQ(read(report[0], &witness, sizeof(witness)), ssize_t{sizeof(witness)});
  close(report[0]);

  alarm(30);  // a child that lives on would keep us here
  std::map<pid_t, int> ends;
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) ends[pid] = status;
  alarm(0);
  prctl(PR_SET_CHILD_SUBREAPER, 0);

  ASSERT_EQ(ends.count(host), 1u);
  EXPECT_TRUE(WIFSIGNALED(ends[host]));
  ASSERT_EQ(ends.count(witness.child), 1u);
  EXPECT_TRUE(WIFSIGNALED(ends[witness.child]));
  if (!witness.withCgroup) return;
  EXPECT_EQ(ends.size(), 3u);  // the janitor too
  ASSERT_STRNE(witness.cgroup, "");
  for (const char* tree : {"/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/cpu"}) {
    const std::string outer =
        std::string(witness.cgroup).substr(0, std::string(witness.cgroup).rfind('/'));
    struct stat status2 {};
    EXPECT_NE(stat((std::string(tree) + outer).c_str(), &status2), 0) << tree << outer;
  }
}

}  // namespace
}  // namespace bulkhead::sandbox
