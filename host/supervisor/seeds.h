#pragma once
// Where a run's identifiers come from: a seed file in Zeek's format, or the capture itself.
//
// Any thread. Format of ZEEK_SEED_FILE and of the file that zeek -H writes: 21 decimal numbers,
// each a 32-bit word, separated by white space.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::supervisor {

inline constexpr size_t seedWords = 21;

// Answers "" or what is wrong; then `to` has seedWords numbers.
std::string loadSeeds(const std::string& path, std::vector<uint32_t>& to);
std::string parseSeeds(std::string_view text, std::vector<uint32_t>& to);

// Seeds that depend on the file's size and beginning alone: a capture gives the same uids on every
// run, and two captures give different ones. Of a pipe they are always the same.
std::vector<uint32_t> seedsOfCapture(int fd);

}  // namespace bulkhead::supervisor
