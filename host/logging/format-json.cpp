// JSON lines, one object a row. RapidJSON's writer, since its shortest round-trip doubles are what
// consumers of these logs already compare against.

#include "host/logging/format.h"

#include <cmath>
#include <cstdio>
#include <ctime>

// Its stack adds an offset to a null pointer before it first allocates.
#ifdef BULKHEAD_SANITIZED
#define RAPIDJSON_FORCEINLINE __attribute__((no_sanitize("pointer-overflow")))
#endif
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace bulkhead::logging {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

class JsonFormatter final : public RowFormatter {
 public:
  explicit JsonFormatter(const FormatOptions& options) : o_(options) {}

  std::string header(std::string_view, const std::vector<LogColumn>&, double) const override {
    return {};
  }
  std::string footer(double) const override { return {}; }

  void append(std::string& out, const std::vector<LogColumn>& columns,
              const std::vector<LogValue>& row) const override {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].isSet() && !o_.includeUnset) continue;
      writer.Key(columns[i].name.data(), static_cast<rapidjson::SizeType>(columns[i].name.size()));
      value(writer, row[i]);
    }
    writer.EndObject();
    out.append(buffer.GetString(), buffer.GetSize());
    out += '\n';
  }

 private:
  static void string(Writer& writer, const std::string& text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  static void number(Writer& writer, double v) {
    // JSON has no word for these.
    if (std::isfinite(v))
      writer.Double(v);
    else
      writer.Null();
  }

  void time(Writer& writer, double v) const {
    // A compartment may give any number; past this its milliseconds are none.
    constexpr double most = 9e15;
    if (o_.timestamps != FormatOptions::Timestamps::epoch && !(std::fabs(v) < most)) {
      writer.Null();
      return;
    }
    switch (o_.timestamps) {
      case FormatOptions::Timestamps::epoch:
        number(writer, v);
        return;
      case FormatOptions::Timestamps::millis:
        writer.Int64(static_cast<int64_t>(v * 1000));
        return;
      case FormatOptions::Timestamps::millisUnsigned:
        writer.Uint64(static_cast<uint64_t>(static_cast<int64_t>(v * 1000)));
        return;
      case FormatOptions::Timestamps::iso8601:
        break;
    }
    auto whole = static_cast<time_t>(std::floor(v));
    struct tm parts {};
    char day[48], all[64];
    if (gmtime_r(&whole, &parts) == nullptr ||
        std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
      writer.Null();
      return;
    }
    double micros = std::fabs(v - std::floor(v)) * 1e6;
    std::snprintf(all, sizeof all, "%s.%06.0fZ", day, std::fmin(micros, 999999));
    writer.String(all);
  }

  void value(Writer& writer, const LogValue& v) const {
    using Kind = LogValue::Kind;
    switch (v.kind) {
      case Kind::unset:
        writer.Null();
        break;
      case Kind::boolean:
        writer.Bool(std::get<bool>(v.data));
        break;
      case Kind::integer:
        writer.Int64(std::get<int64_t>(v.data));
        break;
      case Kind::count:
        writer.Uint64(std::get<uint64_t>(v.data));
        break;
      case Kind::real:
      case Kind::interval:
        number(writer, v.real());
        break;
      case Kind::time:
        time(writer, v.real());
        break;
      case Kind::string:
      case Kind::enumeration:
      case Kind::pattern:
      case Kind::function:
      case Kind::file:
        string(writer, escapedUtf8(v.text(), false));
        break;
      case Kind::addr:
        string(writer, std::get<IpAddr>(v.data).text());
        break;
      case Kind::subnet:
        string(writer, std::get<Subnet>(v.data).text());
        break;
      case Kind::port:
        writer.Uint(std::get<Port>(v.data).number);
        break;
      case Kind::set:
      case Kind::vector:
        writer.StartArray();
        for (const auto& element : v.elements()) value(writer, element);
        writer.EndArray();
        break;
    }
  }

  FormatOptions o_;
};

}  // namespace

std::unique_ptr<RowFormatter> makeJsonFormatter(const FormatOptions& options);
std::unique_ptr<RowFormatter> makeJsonFormatter(const FormatOptions& options) {
  return std::make_unique<JsonFormatter>(options);
}

}  // namespace bulkhead::logging
