#include "sandbox/limits/limits.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace bulkhead::sandbox {
namespace {

std::string quoted(std::string_view text) {
  // The text comes from a command line or a file; show no more than a glance of it.
  constexpr size_t shown = 40;
  std::string result = "'";
  for (char c : text.substr(0, shown)) {
    result += (c >= 0x20 && c < 0x7f) ? c : '?';
  }
  return result + (text.size() > shown ? "...'" : "'");
}

bool isNone(std::string_view text) { return text == "none" || text == "unlimited"; }

// A decimal number with an optional fraction; the rest of the text after it.
std::optional<std::pair<double, std::string_view>> readNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !(value >= 0)) return std::nullopt;
  return std::pair(value, text.substr(static_cast<size_t>(end - text.data())));
}

std::optional<int> unitShift(std::string_view unit) {
  if (unit == "" || unit == "B") return 0;
  static constexpr std::string_view letters = "KMGT";
  const char first = unit[0] >= 'a' && unit[0] <= 'z' ? static_cast<char>(unit[0] - 32) : unit[0];
  const size_t index = letters.find(first);
  const std::string_view rest = unit.substr(1);
  if (index == std::string_view::npos || !(rest == "" || rest == "B" || rest == "iB")) {
    return std::nullopt;
  }
  return static_cast<int>(10 * (index + 1));
}

Parsed<uint32_t> parseCount(std::string_view text, const char* what, uint32_t least,
                            uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return quoted(text) + " is not a number of " + what;
  }
  if (error != std::errc() || value < least || value > most) {
    return "the number of " + std::string(what) + " must be from " + std::to_string(least) +
           " to " + std::to_string(most) + ", not " + std::string(quoted(text));
  }
  return value;
}

}  // namespace

Limits packageDefaults() {
  Limits limits;
  limits.memoryBytes = defaultMemoryBytes;
  limits.pids = defaultPids;
  // A package has no file to write to; its rows go to the host.
  limits.fileBytes = 0;
  return limits;
}

Parsed<uint64_t> parseBytes(std::string_view text) {
  const auto number = readNumber(text);
  if (!number) return quoted(text) + " is not a size; write for example 256M or 1.5G";
  const auto shift = unitShift(number->second);
  if (!shift) {
    return quoted(text) + " has an unknown unit " + quoted(number->second) +
           "; known are K, M, G and T (powers of 1024)";
  }
  const double bytes = std::ldexp(number->first, *shift);
  if (bytes > std::ldexp(1.0, 62)) return quoted(text) + " is too large a size";
  return static_cast<uint64_t>(bytes);
}

Parsed<std::optional<uint64_t>> parseMemory(std::string_view text) {
  if (isNone(text)) return std::optional<uint64_t>();
  auto bytes = parseBytes(text);
  if (auto* error = std::get_if<std::string>(&bytes)) return "memory limit: " + *error;
  const uint64_t value = std::get<uint64_t>(bytes);
  if (value < leastMemoryBytes || value > mostMemoryBytes) {
    return "memory limit " + quoted(text) + " is out of range; it must be from " +
           bytesText(leastMemoryBytes) + " to " + bytesText(mostMemoryBytes);
  }
  return std::optional<uint64_t>(value);
}

Parsed<std::optional<uint32_t>> parseCpu(std::string_view text) {
  if (isNone(text)) return std::optional<uint32_t>();
  if (text.empty() || text.back() != '%') {
    return "cpu limit: " + quoted(text) + " must be a percentage of one CPU, for example 50%";
  }
  auto count = parseCount(text.substr(0, text.size() - 1), "percent", 1, mostCpuPercent);
  if (auto* error = std::get_if<std::string>(&count)) return "cpu limit: " + *error;
  return std::optional<uint32_t>(std::get<uint32_t>(count));
}

Parsed<std::optional<uint32_t>> parsePids(std::string_view text) {
  if (isNone(text)) return std::optional<uint32_t>();
  auto count = parseCount(text, "processes", 1, mostPids);
  if (auto* error = std::get_if<std::string>(&count)) return "pids limit: " + *error;
  return std::optional<uint32_t>(std::get<uint32_t>(count));
}

Parsed<uint32_t> parseOpenFiles(std::string_view text) {
  auto count = parseCount(text, "open files", leastOpenFiles, mostOpenFiles);
  if (auto* error = std::get_if<std::string>(&count)) return "open files limit: " + *error;
  return count;
}

std::string bytesText(uint64_t bytes) {
  static constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof(text), value == std::floor(value) ? "%.0f %s" : "%.1f %s", value,
                units[unit]);
  return text;
}

std::string figureOf(const Limits& limits, Limit which) {
  switch (which) {
    case Limit::memory:
      return limits.memoryBytes ? bytesText(*limits.memoryBytes) : "";
    case Limit::cpuTime:
      return limits.cpuSeconds ? std::to_string(*limits.cpuSeconds) + " s" : "";
    case Limit::pids:
      return limits.pids ? std::to_string(*limits.pids) : "";
    case Limit::openFiles:
      return std::to_string(limits.openFiles);
    case Limit::fileSize:
      return limits.fileBytes ? bytesText(*limits.fileBytes) : "";
  }
  return "";
}

std::vector<ResourceLimit> resourceLimits(const Limits& limits, MemoryFence fence) {
  std::vector<ResourceLimit> result = {
      {RLIMIT_CORE, 0},
      {RLIMIT_NOFILE, limits.openFiles},
      {RLIMIT_STACK, limits.stackBytes},
      {RLIMIT_MEMLOCK, 0},
      {RLIMIT_MSGQUEUE, 0},
      {RLIMIT_SIGPENDING, 16},
  };
  if (limits.fileBytes) result.push_back({RLIMIT_FSIZE, *limits.fileBytes});
  if (limits.pids) result.push_back({RLIMIT_NPROC, *limits.pids});
  if (limits.cpuSeconds) result.push_back({RLIMIT_CPU, *limits.cpuSeconds});
#ifndef BULKHEAD_SANITIZED
  if (limits.memoryBytes) {
    // With a cgroup the address space must not be what gives out first: a refused allocation looks
    // like a crash, an out-of-memory kill is a clear cause.
    const uint64_t bytes = *limits.memoryBytes;
    result.push_back(
        {RLIMIT_AS, fence == MemoryFence::byCgroup ? 2 * bytes + (uint64_t{256} << 20) : bytes});
  }
#else
  (void)fence;
#endif
  return result;
}

}  // namespace bulkhead::sandbox
