#include "sandbox/limits/limits.h"

#include <gtest/gtest.h>

namespace bulkhead::sandbox {
namespace {

template <class T>
std::string errorOf(const Parsed<T>& parsed) {
  const auto* text = std::get_if<std::string>(&parsed);
  return text != nullptr ? *text : "";
}

TEST(Limits, SizesAreReadInPowersOf1024) {
  EXPECT_EQ(std::get<uint64_t>(parseBytes("256M")), 256u << 20);
  EXPECT_EQ(std::get<uint64_t>(parseBytes("1.5G")), 3ull << 29);
  EXPECT_EQ(std::get<uint64_t>(parseBytes("4096k")), 4u << 20);
  EXPECT_EQ(std::get<uint64_t>(parseBytes("64MiB")), 64u << 20);
  EXPECT_EQ(std::get<uint64_t>(parseBytes("123")), 123u);
}

TEST(Limits, BadSizesSayWhatIsWrong) {
  EXPECT_EQ(errorOf(parseMemory("lots")),
            "memory limit: 'lots' is not a size; write for example 256M or 1.5G");
  EXPECT_EQ(errorOf(parseMemory("5X")),
            "memory limit: '5X' has an unknown unit 'X'; known are K, M, G and T (powers of 1024)");
  EXPECT_EQ(errorOf(parseMemory("1K")),
            "memory limit '1K' is out of range; it must be from 4 MiB to 1024 TiB");
  EXPECT_NE(errorOf(parseMemory("-5M")), "");
  EXPECT_NE(errorOf(parseMemory("nan")), "");
  EXPECT_NE(errorOf(parseMemory("99999999999999999999T")), "");
  EXPECT_NE(errorOf(parseMemory("")), "");
}

TEST(Limits, TheSmallestMemoryLimitFitsAndOneLessDoesNot) {
  EXPECT_EQ(errorOf(parseMemory("4M")), "");
  EXPECT_NE(errorOf(parseMemory("4194303")), "");
}

TEST(Limits, CpuIsAPercentageOfOneCpu) {
  EXPECT_EQ(std::get<0>(parseCpu("50%")), 50u);
  EXPECT_EQ(std::get<0>(parseCpu("150%")), 150u);
  EXPECT_EQ(errorOf(parseCpu("2")),
            "cpu limit: '2' must be a percentage of one CPU, for example 50%");
  EXPECT_NE(errorOf(parseCpu("0%")), "");
  EXPECT_NE(errorOf(parseCpu("%")), "");
}

TEST(Limits, CountsAreWholeNumbersInRange) {
  EXPECT_EQ(std::get<0>(parsePids("16")), 16u);
  EXPECT_EQ(std::get<0>(parsePids("none")), std::nullopt);
  EXPECT_EQ(errorOf(parsePids("0")),
            "pids limit: the number of processes must be from 1 to 65536, not '0'");
  EXPECT_EQ(errorOf(parsePids("sixteen")), "pids limit: 'sixteen' is not a number of processes");
  EXPECT_NE(errorOf(parsePids("99999999999")), "");
  EXPECT_NE(errorOf(parseOpenFiles("15")), "");
  EXPECT_EQ(errorOf(parseOpenFiles("16")), "");
}

TEST(Limits, ControlBytesOfForeignTextAreNotRepeated) {
  EXPECT_EQ(errorOf(parsePids("\x1b[31m")), "pids limit: '?[31m' is not a number of processes");
}

TEST(Limits, SizesReadWellAgain) {
  EXPECT_EQ(bytesText(64u << 20), "64 MiB");
  EXPECT_EQ(bytesText(3ull << 29), "1.5 GiB");
  EXPECT_EQ(bytesText(100), "100 bytes");
}

TEST(Limits, CoreFilesAreNeverWritten) {
  for (const ResourceLimit& limit : resourceLimits(packageDefaults(), MemoryFence::byCgroup)) {
    if (limit.resource == RLIMIT_CORE) {
      EXPECT_EQ(limit.value, 0u);
      return;
    }
  }
  FAIL() << "no core limit";
}

}  // namespace
}  // namespace bulkhead::sandbox
