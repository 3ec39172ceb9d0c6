#include "host/logging/format.h"

#include "common/escape.h"
#include "host/logging/log-directory.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <ctime>

namespace bulkhead::logging {

namespace {

// Length of the UTF-8 sequence at `at`, or 0 if it is not one that a log shows: overlong,
// surrogate, control (C0, DEL, C1), private use, or U+FFF0..U+FFFF.
size_t shownSequence(std::string_view bytes, size_t at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  unsigned char lead = byte(at);
  size_t length = lead < 0x80                   ? 1
                  : lead >= 0xc2 && lead < 0xe0 ? 2
                  : lead >= 0xe0 && lead < 0xf0 ? 3
                  : lead >= 0xf0 && lead < 0xf5 ? 4
                                                : 0;
  if (length == 0 || at + length > bytes.size()) return 0;
  uint32_t point = length == 1 ? lead : lead & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(at + i) & 0x3f);
  }
  static constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
    return 0;
  if (point < 0x20 || (point >= 0x7f && point <= 0x9f)) return 0;
  if ((point >= 0xe000 && point <= 0xf8ff) || (point >= 0xfff0 && point <= 0xffff)) return 0;
  return length;
}

bool isSoftControl(char c) { return c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t'; }

bool isTrue(std::string_view text) { return text == "T" || text == "true" || text == "1"; }

}  // namespace

std::string doubleText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[400];
  std::string out;
  if (value < 0) out = "-";
  double magnitude = std::fabs(value);
  auto result =
      std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::fixed, 6);
  std::string digits(buffer, result.ptr);
  if (digits.find('.') != std::string::npos) {
    while (digits.back() == '0') digits.pop_back();
    if (digits.back() == '.') digits.pop_back();
  }
  out += digits;
  if (out == "-0") out = "0";
  // Told apart from an integer, as Zeek does within the same tolerance.
  double nearest = std::nearbyint(value);
  if (digits.find('.') == std::string::npos &&
      std::fabs(value - nearest) <= 1e-9 * std::fmax(1.0, std::fabs(value)))
    out += ".0";
  return out;
}

std::string escapedUtf8(std::string_view bytes, bool escapeWhitespaceControls) {
  std::string out;
  out.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    auto c = static_cast<unsigned char>(bytes[at]);
    if ((c >= 0x20 && c < 0x7f) || (!escapeWhitespaceControls && isSoftControl(bytes[at]))) {
      out += bytes[at++];
      continue;
    }
    size_t length = shownSequence(bytes, at);
    if (length > 0) {
      out.append(bytes, at, length);
      at += length;
      continue;
    }
    // One undecodable byte means that the text is no UTF-8: then no byte of it is shown as such.
    out.clear();
    for (char each : bytes) {
      auto u = static_cast<unsigned char>(each);
      if ((u >= 0x20 && u < 0x7f) || (!escapeWhitespaceControls && isSoftControl(each)))
        out += each;
      else
        appendEscaped(out, u);
    }
    return out;
  }
  return out;
}

std::string timestampText(double seconds) {
  auto whole = static_cast<time_t>(seconds);
  if (whole == 0) whole = std::time(nullptr);
  struct tm parts {};
  localtime_r(&whole, &parts);
  char buffer[64];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%d-%H-%M-%S", &parts);
  return buffer;
}

FormatOptions FormatOptions::fromConfig(
    const std::vector<std::pair<std::string, std::string>>& config, std::string& problem) {
  FormatOptions o;
  for (const auto& [key, value] : config) {
    if (key == "use_json") {
      o.json = isTrue(value);
    } else if (key == "tsv") {
      o.tsvOnly = isTrue(value);
    } else if (key == "include_meta" || key == "output_meta") {
      o.includeMeta = isTrue(value);
    } else if (key == "enable_utf_8") {
      o.utf8 = isTrue(value);
    } else if (key == "json_include_unset_fields") {
      o.includeUnset = isTrue(value);
    } else if (key == "json_timestamps") {
      if (value == "JSON::TS_EPOCH")
        o.timestamps = Timestamps::epoch;
      else if (value == "JSON::TS_MILLIS")
        o.timestamps = Timestamps::millis;
      else if (value == "JSON::TS_MILLIS_UNSIGNED")
        o.timestamps = Timestamps::millisUnsigned;
      else if (value == "JSON::TS_ISO8601")
        o.timestamps = Timestamps::iso8601;
      else
        problem =
            "json_timestamps: expected JSON::TS_EPOCH, JSON::TS_MILLIS, "
            "JSON::TS_MILLIS_UNSIGNED or JSON::TS_ISO8601";
    } else if (key == "meta_prefix") {
      o.metaPrefix = value;
    } else if (key == "separator") {
      if (value.empty())
        problem = "separator: expected at least one character";
      else
        o.separator = value;
    } else if (key == "set_separator") {
      if (value.empty())
        problem = "set_separator: expected at least one character";
      else
        o.setSeparator = value;
    } else if (key == "empty_field") {
      o.emptyField = value;
    } else if (key == "unset_field") {
      o.unsetField = value;
    } else if (key == "gzip_level") {
      int level = 0;
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), level);
      if (error != std::errc{} || end != value.data() + value.size() || level < 0 || level > 9)
        problem = "gzip_level: expected a number from 0 to 9";
      else
        o.gzipLevel = level;
    } else if (key == "log_file_extension" || key == "file_extension") {
      if (auto wrong = checkLogExtension(value); wrong.empty())
        o.fileExtension = value;
      else
        problem = key + ": " + wrong;
    }
  }
  return o;
}

namespace {

class TsvFormatter final : public RowFormatter {
 public:
  explicit TsvFormatter(const FormatOptions& options) : o_(options) {}

  std::string header(std::string_view path, const std::vector<LogColumn>& columns,
                     double openTime) const override {
    if (!o_.includeMeta) return {};
    std::string names, types;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i) names += o_.separator, types += o_.separator;
      names += columns[i].name;
      types += logTypeText(columns[i]);
    }
    if (o_.tsvOnly) return names + "\n";
    auto line = [&](std::string_view key, std::string_view value) {
      return o_.metaPrefix + std::string(key) + o_.separator + std::string(value) + "\n";
    };
    return o_.metaPrefix + "separator " + literal(o_.separator) + "\n" +
           line("set_separator", literal(o_.setSeparator)) +
           line("empty_field", literal(o_.emptyField)) +
           line("unset_field", literal(o_.unsetField)) + line("path", literal(path)) +
           line("open", timestampText(openTime)) + line("fields", names) + line("types", types);
  }

  void append(std::string& out, const std::vector<LogColumn>&,
              const std::vector<LogValue>& row) const override {
    size_t start = out.size();
    for (size_t i = 0; i < row.size(); ++i) {
      if (i) out += o_.separator;
      value(out, row[i], false);
    }
    // A row that reads as a header line is escaped at its first byte.
    if (!o_.metaPrefix.empty() && out.compare(start, o_.metaPrefix.size(), o_.metaPrefix) == 0) {
      std::string first;
      appendEscaped(first, static_cast<unsigned char>(out[start]));
      out.replace(start, 1, first);
    }
    out += '\n';
  }

  std::string footer(double closeTime) const override {
    if (!o_.includeMeta || o_.tsvOnly) return {};
    return o_.metaPrefix + "close" + o_.separator + timestampText(closeTime) + "\n";
  }

 private:
  // A separator in the header: unprintable bytes as \xNN.
  static std::string literal(std::string_view text) {
    std::string out;
    for (unsigned char c : text) {
      if (c < 0x20 || c >= 0x7f)
        appendEscaped(out, c);
      else if (c == '\\')
        out += "\\\\";
      else
        out += static_cast<char>(c);
    }
    return out;
  }

  size_t specialAt(std::string_view bytes, size_t at, bool inSet) const {
    if (bytes[at] == '\\') return 1;
    if (!o_.utf8 && (static_cast<unsigned char>(bytes[at]) < 0x20 ||
                     static_cast<unsigned char>(bytes[at]) >= 0x7f))
      return 1;
    if (bytes.substr(at, o_.separator.size()) == o_.separator) return o_.separator.size();
    if (inSet && bytes.substr(at, o_.setSeparator.size()) == o_.setSeparator)
      return o_.setSeparator.size();
    return 0;
  }

  void text(std::string& out, std::string_view bytes, bool inSet) const {
    if (bytes.empty()) {
      out += o_.emptyField;
      return;
    }
    if (bytes == o_.unsetField || bytes == o_.emptyField) {
      appendEscaped(out, static_cast<unsigned char>(bytes[0]));
      out += bytes.substr(1);
      return;
    }
    size_t runStart = 0;
    for (size_t at = 0; at < bytes.size();) {
      size_t special = specialAt(bytes, at, inSet);
      if (special == 0) {
        ++at;
        continue;
      }
      out += escapedUtf8(bytes.substr(runStart, at - runStart), true);
      for (size_t i = at; i < at + special; ++i) {
        if (bytes[i] == '\\')
          out += "\\\\";
        else
          appendEscaped(out, static_cast<unsigned char>(bytes[i]));
      }
      at += special;
      runStart = at;
    }
    out += escapedUtf8(bytes.substr(runStart), true);
  }

  void value(std::string& out, const LogValue& v, bool inSet) const {
    using Kind = LogValue::Kind;
    char buffer[350];
    auto put = [&](auto number) {
      auto r = std::to_chars(buffer, buffer + sizeof buffer, number);
      out.append(buffer, r.ptr);
    };
    switch (v.kind) {
      case Kind::unset:
        out += o_.unsetField;
        break;
      case Kind::boolean:
        out += std::get<bool>(v.data) ? 'T' : 'F';
        break;
      case Kind::integer:
        put(std::get<int64_t>(v.data));
        break;
      case Kind::count:
        put(std::get<uint64_t>(v.data));
        break;
      case Kind::real:
        out += doubleText(v.real());
        break;
      case Kind::time:
      case Kind::interval: {
        auto r =
            std::to_chars(buffer, buffer + sizeof buffer, v.real(), std::chars_format::fixed, 6);
        out.append(buffer, r.ptr);
        break;
      }
      case Kind::string:
      case Kind::enumeration:
      case Kind::pattern:
      case Kind::function:
      case Kind::file:
        text(out, v.text(), inSet);
        break;
      case Kind::addr:
        out += std::get<IpAddr>(v.data).text();
        break;
      case Kind::subnet:
        out += std::get<Subnet>(v.data).text();
        break;
      case Kind::port:
        put(std::get<Port>(v.data).number);
        break;
      case Kind::set:
      case Kind::vector: {
        const auto& elements = v.elements();
        if (elements.empty()) out += o_.emptyField;
        for (size_t i = 0; i < elements.size(); ++i) {
          if (i) out += o_.setSeparator;
          value(out, elements[i], true);
        }
        break;
      }
    }
  }

  FormatOptions o_;
};

}  // namespace

std::unique_ptr<RowFormatter> makeJsonFormatter(const FormatOptions& options);

std::unique_ptr<RowFormatter> makeFormatter(const FormatOptions& options) {
  if (options.json) return makeJsonFormatter(options);
  return std::make_unique<TsvFormatter>(options);
}

}  // namespace bulkhead::logging
