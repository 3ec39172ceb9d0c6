#pragma once
// What the benchmark programs share: clocks, the median of several rounds, and the lines they
// print. One thread.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

namespace bulkhead::bench {

inline double secondsOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}
inline double wallSeconds() { return secondsOf(CLOCK_MONOTONIC); }
// CPU time of this process; of another one by its id.
inline double cpuSeconds() { return secondsOf(CLOCK_PROCESS_CPUTIME_ID); }
inline double cpuSecondsOf(int process) {
  clockid_t clock{};
  return clock_getcpuclockid(process, &clock) == 0 ? secondsOf(clock) : 0;
}

inline double median(std::vector<double> rounds) {
  if (rounds.empty()) return 0;
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

inline void say(const char* name, double value) {
  std::printf("%s\t%.9g\n", name, value);
  std::fflush(stdout);
}

}  // namespace bulkhead::bench
