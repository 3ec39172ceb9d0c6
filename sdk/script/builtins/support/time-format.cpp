#include "sdk/script/builtins/support/time-format.h"

#include <cmath>
#include <cstdio>
#include <ctime>

namespace bulkhead::builtins {

namespace {

std::optional<std::tm> localTime(double seconds) {
  if (!(std::fabs(seconds) < 1e15)) return std::nullopt;
  auto whole = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (!localtime_r(&whole, &parts)) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<std::string> formatTime(const std::string& format, double seconds) {
  auto parts = localTime(seconds);
  if (!parts) return std::nullopt;
  char buffer[maxFormattedTime];
  size_t length = std::strftime(buffer, sizeof buffer, format.c_str(), &*parts);
  if (length == 0) return std::nullopt;
  return std::string(buffer, length);
}

std::optional<double> parseTime(const std::string& format, const std::string& text) {
  auto parts = localTime(0);
  if (!parts || !strptime(text.c_str(), format.c_str(), &*parts)) return std::nullopt;
  return static_cast<double>(std::mktime(&*parts));
}

std::string dateText(double seconds) {
  return formatTime("%Y-%m-%d-%H:%M:%S", seconds).value_or("<bad time>");
}

std::string dateTextWithFraction(double seconds) {
  auto minutes = formatTime("%Y-%m-%d-%H:%M", seconds);
  if (!minutes) return "<bad time>";
  double whole = std::trunc(seconds);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, ":%012.9f", std::fmod(whole, 60) + (seconds - whole));
  return *minutes + buffer;
}

std::optional<double> parseTimeOfDay(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%H:%M", &parts);
  if (!end || *end != '\0') return std::nullopt;
  return parts.tm_hour * 3600.0 + parts.tm_min * 60.0;
}

double untilNextRotation(double now, double interval, std::optional<double> base) {
  auto parts = localTime(now);
  if (!parts || !base) return std::floor(now / interval) * interval + interval - now;
  parts->tm_hour = parts->tm_min = parts->tm_sec = 0;
  double start = static_cast<double>(std::mktime(&*parts)) + *base;
  double wait = start + std::ceil((now - start) / interval) * interval - now;
  return wait > 0 ? wait : interval;
}

}  // namespace bulkhead::builtins
