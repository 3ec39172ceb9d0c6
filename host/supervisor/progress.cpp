#include "host/supervisor/progress.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <string>

namespace bulkhead::supervisor {

namespace {
constexpr int barWidth = 30;
constexpr double mebi = 1024.0 * 1024.0;
}  // namespace

Progress::Progress(std::FILE* out, bool enabled, uint64_t size)
    : out_(out), enabled_(enabled), size_(size), begin_(std::chrono::steady_clock::now()) {}

void Progress::show(uint64_t packets, uint64_t bytes, double networkTime) {
  if (!enabled_) return;
  std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
  std::string line;
  if (size_ > 0) {
    double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(size_));
    int full = static_cast<int>(share * barWidth);
    line = fmt::format("[{}{}] {:3.0f}%  ", std::string(full, '#'),
                       std::string(barWidth - full, ' '), share * 100);
  }
  line += fmt::format("{} packets, {:.1f} MiB, {:.1f} MiB/s", packets,
                      static_cast<double>(bytes) / mebi,
                      static_cast<double>(bytes) / mebi / std::max(passed.count(), 1e-3));
  auto seconds = static_cast<std::time_t>(networkTime);
  std::tm parts{};
  if (networkTime > 0 && ::gmtime_r(&seconds, &parts) != nullptr) {
    char text[32];
    if (std::strftime(text, sizeof text, "  %F %T", &parts) > 0) line += text;
  }
  fmt::print(out_, "\r\x1b[K{}", line);
  std::fflush(out_);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", out_);
  std::fflush(out_);
  shown_ = false;
}

}  // namespace bulkhead::supervisor
