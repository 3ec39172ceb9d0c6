#pragma once
// The limits of one child: what an operator writes, in units. Parsing from text and to resource
// limits. Plain data; any thread. Parsers answer with a value or with a text for the user.

#include "sandbox/outcome/outcome.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <variant>
#include <vector>

namespace bulkhead::sandbox {

struct Limits {
  // Resident memory in bytes; past it the child is ended. Empty: no limit.
  std::optional<uint64_t> memoryBytes;
  // Share of one CPU in percent; 150 is one and a half. Empty: no limit. Slows, never ends.
  std::optional<uint32_t> cpuPercent;
  // Processes and threads.
  std::optional<uint32_t> pids;
  // CPU seconds in a whole life; past them the child is ended. Empty: no limit.
  std::optional<uint32_t> cpuSeconds;
  uint32_t openFiles = 64;
  // Largest file that may be written, in bytes. Empty: no limit.
  std::optional<uint64_t> fileBytes;
  uint64_t stackBytes = uint64_t{8} << 20;
  bool operator==(const Limits&) const = default;
};

// What a package gets when the operator says nothing.
inline constexpr uint64_t defaultMemoryBytes = uint64_t{256} << 20;
inline constexpr uint32_t defaultPids = 16;
// Below this a child cannot even start.
inline constexpr uint64_t leastMemoryBytes = uint64_t{4} << 20;
inline constexpr uint64_t mostMemoryBytes = uint64_t{1} << 50;
inline constexpr uint32_t mostCpuPercent = 102400;
inline constexpr uint32_t mostPids = 65536;
inline constexpr uint32_t leastOpenFiles = 16;
inline constexpr uint32_t mostOpenFiles = 1u << 20;

Limits packageDefaults();

template <class T>
using Parsed = std::variant<T, std::string>;

// "256M", "1.5G", "4096K", "268435456", with or without "iB"/"B": powers of 1024.
Parsed<uint64_t> parseBytes(std::string_view text);
// "256M" within the bounds above. "none" means no limit.
Parsed<std::optional<uint64_t>> parseMemory(std::string_view text);
// "50%", "150%"; a bare number is refused because it could mean cores. "none" means no limit.
Parsed<std::optional<uint32_t>> parseCpu(std::string_view text);
// "16"; "none" means no limit.
Parsed<std::optional<uint32_t>> parsePids(std::string_view text);
Parsed<uint32_t> parseOpenFiles(std::string_view text);

// "64 MiB", "1.5 GiB", "100 bytes".
std::string bytesText(uint64_t bytes);

// The limit's figure in words, for LimitHit.
std::string figureOf(const Limits& limits, Limit which);

struct ResourceLimit {
  int resource;  // RLIMIT_*
  uint64_t value;
};

// How the memory limit is enforced besides; the address space is a coarse second fence.
enum class MemoryFence { byCgroup, byAddressSpaceOnly };

// Hard and soft limits for setrlimit(2). RLIMIT_AS is left out in sanitizer builds, whose shadow
// memory needs terabytes of address space.
std::vector<ResourceLimit> resourceLimits(const Limits& limits, MemoryFence fence);

}  // namespace bulkhead::sandbox
