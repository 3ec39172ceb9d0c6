// Numbers from text and each other; arithmetic; times.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/time-format.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>

namespace bulkhead::builtins {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

template <typename Number>
std::optional<Number> parseNumber(std::string_view text, int base) {
  text = trimmed(text);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  // A count may be written as a negative number, which wraps around.
  bool wraps = std::is_unsigned_v<Number> && text.starts_with('-');
  if (wraps) text.remove_prefix(1);
  Number out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return wraps ? static_cast<Number>(Number{0} - out) : out;
}

bool usableBase(NativeCall& call) {
  if (call.count(1) >= 2 && call.count(1) <= 36) return true;
  call.warn("base out of range: " + std::to_string(call.count(1)));
  return false;
}
void toCount(NativeCall& call) {
  if (!usableBase(call)) return call.returnCount(0);
  auto number = parseNumber<uint64_t>(call.text(0), static_cast<int>(call.count(1)));
  if (!number) call.warn("bad conversion to count: " + std::string(call.text(0)));
  call.returnCount(number.value_or(0));
}
void toInt(NativeCall& call) {
  if (!usableBase(call)) return call.returnInt(0);
  auto number = parseNumber<int64_t>(call.text(0), static_cast<int>(call.count(1)));
  if (!number) call.warn("bad conversion to integer: " + std::string(call.text(0)));
  call.returnInt(number.value_or(0));
}
void toDouble(NativeCall& call) {
  std::string text(call.text(0));
  char* end = nullptr;
  double out = std::strtod(text.c_str(), &end);
  bool good = !text.empty() && end == text.c_str() + text.size();
  if (!good) call.warn("bad conversion to double: " + text);
  call.returnReal(good ? out : 0);
}
void roundedToCount(NativeCall& call) {
  double d = std::rint(call.real(0));
  if (std::isnan(d) || d < 0 || d >= 18446744073709551616.0) {
    call.warn("bad conversion to count");
    return call.returnCount(0);
  }
  call.returnCount(static_cast<uint64_t>(d));
}
void roundedToInt(NativeCall& call) {
  double d = std::rint(call.real(0));
  if (std::isnan(d) || d <= -9223372036854775808.0 || d >= 9223372036854775808.0) {
    call.warn("bad conversion to int");
    return call.returnInt(0);
  }
  call.returnInt(static_cast<int64_t>(d));
}
void sameReal(NativeCall& call) { call.returnReal(call.real(0)); }
void countToDouble(NativeCall& call) { call.returnReal(static_cast<double>(call.count(0))); }
void intToDouble(NativeCall& call) { call.returnReal(static_cast<double>(call.integer(0))); }
void intToCount(NativeCall& call) {
  if (call.integer(0) < 0) {
    call.warn("bad conversion to count: " + std::to_string(call.integer(0)));
    return call.returnCount(0);
  }
  call.returnCount(static_cast<uint64_t>(call.integer(0)));
}
void enumToInt(NativeCall& call) {
  TypedSlot value = call.any(0);
  if (!value.type->is(Tag::enumeration)) {
    complain(call, "enum_to_int() requires enum value", value);
    return call.returnInt(-1);
  }
  call.returnInt(value.slot.integer);
}
void bytesToCount(NativeCall& call) {
  std::string_view bytes = call.text(0);
  bool little = call.boolean(1);
  if (bytes.size() > 8) {
    call.warn("byte string must be at most 8 bytes long");
    return call.returnCount(0);
  }
  uint64_t out = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    out = out << 8 | static_cast<uint8_t>(little ? bytes[bytes.size() - 1 - i] : bytes[i]);
  call.returnCount(out);
}
void bytesToDouble(NativeCall& call) {
  std::string_view bytes = call.text(0);
  if (bytes.size() != 8) {
    call.warn("bytes conversion to double");
    return call.returnReal(0);
  }
  uint64_t bits = 0;
  for (char c : bytes) bits = bits << 8 | static_cast<uint8_t>(c);
  double out;
  std::memcpy(&out, &bits, sizeof out);
  call.returnReal(out);
}

void floorOf(NativeCall& call) { call.returnReal(std::floor(call.real(0))); }
void ceilOf(NativeCall& call) { call.returnReal(std::ceil(call.real(0))); }
void roundOf(NativeCall& call) { call.returnReal(std::round(call.real(0))); }
void sqrtOf(NativeCall& call) {
  if (call.real(0) < 0) {
    call.warn("negative sqrt argument");
    return call.returnReal(-1);
  }
  call.returnReal(std::sqrt(call.real(0)));
}
void expOf(NativeCall& call) { call.returnReal(std::exp(call.real(0))); }
void lnOf(NativeCall& call) { call.returnReal(std::log(call.real(0))); }
void log2Of(NativeCall& call) { call.returnReal(std::log2(call.real(0))); }
void log10Of(NativeCall& call) { call.returnReal(std::log10(call.real(0))); }
void powOf(NativeCall& call) { call.returnReal(std::pow(call.real(0), call.real(1))); }

// Great-circle distance in miles, on a sphere of the earth's mean radius.
void haversine(NativeCall& call) {
  constexpr double radians = 3.14159265358979323846 / 180, earth = 3958.8;
  double lat1 = call.real(0) * radians, lat2 = call.real(2) * radians;
  double half = std::sin((call.real(3) - call.real(1)) * radians / 2);
  double tilt = std::sin((lat2 - lat1) / 2);
  double a = tilt * tilt + half * half * std::cos(lat1) * std::cos(lat2);
  call.returnReal(2 * earth * std::asin(std::sqrt(a)));
}

void networkTime(NativeCall& call) { call.returnReal(call.vm().networkTime()); }
void currentTime(NativeCall& call) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  call.returnReal(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9);
}
void formattedTime(NativeCall& call) {
  call.returnText(formatTime(std::string(call.text(0)), call.real(1)).value_or(""));
}
void parsedTime(NativeCall& call) {
  auto time = parseTime(std::string(call.text(0)), std::string(call.text(1)));
  if (!time)
    call.caution("strptime conversion failed: fmt:" + std::string(call.text(0)) +
                 " d:" + std::string(call.text(1)));
  call.returnReal(time.value_or(0));
}
void rotateInterval(NativeCall& call) {
  std::string base = textGlobal(call.vm(), "log_rotate_base_time");
  std::optional<double> offset;
  if (!base.empty()) offset = parseTimeOfDay(base);
  double interval = call.real(0);
  call.returnReal(interval > 0 ? untilNextRotation(call.vm().networkTime(), interval, offset) : 0);
}

constexpr vm::NativeRow rows[] = {
    {"to_count", "function(str: string, base: count &default=10): count",
     "The count of a text; 0 if it is none.", toCount},
    {"to_int", "function(str: string, base: count &default=10): int",
     "The int of a text; 0 if it is none.", toInt},
    {"to_double", "function(str: string): double", "The double of a text; 0 if it is none.",
     toDouble},
    {"double_to_count", "function(d: double): count", "The nearest count.", roundedToCount},
    {"double_to_int", "function(d: double): int", "The nearest int.", roundedToInt},
    {"double_to_time", "function(d: double): time", "Seconds since the epoch as a time.", sameReal},
    {"time_to_double", "function(t: time): double", "A time as seconds since the epoch.", sameReal},
    {"double_to_interval", "function(d: double): interval", "Seconds as an interval.", sameReal},
    {"interval_to_double", "function(i: interval): double", "An interval in seconds.", sameReal},
    {"count_to_double", "function(c: count): double", "The count as a double.", countToDouble},
    {"int_to_double", "function(i: int): double", "The int as a double.", intToDouble},
    {"int_to_count", "function(n: int): count", "The int as a count; 0 if it is negative.",
     intToCount},
    {"enum_to_int", "function(e: any): int", "The number behind an enum value.", enumToInt},
    {"bytestring_to_count", "function(s: string, is_le: bool &default=F): count",
     "The number of up to 8 bytes.", bytesToCount},
    {"bytestring_to_double", "function(s: string): double",
     "The IEEE 754 double of 8 bytes in network order.", bytesToDouble},
    {"floor", "function(d: double): double", "The next whole number down.", floorOf},
    {"ceil", "function(d: double): double", "The next whole number up.", ceilOf},
    {"round", "function(d: double): double", "The nearest whole number, halves away from zero.",
     roundOf},
    {"sqrt", "function(x: double): double", "The square root; -1 of a negative number.", sqrtOf},
    {"exp", "function(d: double): double", "e to the power of `d`.", expOf},
    {"ln", "function(d: double): double", "The natural logarithm.", lnOf},
    {"log2", "function(d: double): double", "The logarithm to base 2.", log2Of},
    {"log10", "function(d: double): double", "The logarithm to base 10.", log10Of},
    {"pow", "function(x: double, y: double): double", "`x` to the power of `y`.", powOf},
    {"haversine_distance",
     "function(lat1: double, long1: double, lat2: double, long2: double): double",
     "The distance in miles between two places given in degrees.", haversine},
    {"network_time", "function(): time", "The time of the packet that is being analysed.",
     networkTime},
    {"current_time", "function(): time", "The clock's time.", currentTime},
    {"strftime", "function(fmt: string, d: time): string", "A time as text, by strftime(3).",
     formattedTime},
    {"strptime", "function(fmt: string, d: string): time", "The time of a text, by strptime(3).",
     parsedTime},
    {"calc_next_rotate", "function(i: interval): interval",
     "How long until files with that interval rotate.", rotateInterval},
};

}  // namespace

Rows conversionRows() { return rows; }

}  // namespace bulkhead::builtins
