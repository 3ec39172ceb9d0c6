#pragma once
// Times as text and back, in the process's time zone.
//
// Any thread (libc's localtime_r, mktime). Formats come from a package: the output is bounded by
// maxFormattedTime. Source: strftime(3), strptime(3); Zeek script reference, strftime and strptime.

#include <optional>
#include <string>

namespace bulkhead::builtins {

constexpr size_t maxFormattedTime = 128;  // Zeek's bound

// Empty if the result is empty or too long, or the time is out of range.
std::optional<std::string> formatTime(const std::string& format, double seconds);
// Seconds since the epoch; empty if `text` does not fit `format`.
std::optional<double> parseTime(const std::string& format, const std::string& text);

// fmt()'s %D: "2013-03-07-17:04:32"; and %T, with nine digits of the seconds' fraction.
std::string dateText(double seconds);
std::string dateTextWithFraction(double seconds);

// A time of day such as "12:00" as seconds since midnight; empty if malformed.
std::optional<double> parseTimeOfDay(const std::string& text);
// Seconds from `now` until the next multiple of `interval` (positive), counted from `base` seconds
// after local midnight; without `base` from the epoch.
double untilNextRotation(double now, double interval, std::optional<double> base);

}  // namespace bulkhead::builtins
