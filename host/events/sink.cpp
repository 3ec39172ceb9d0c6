#include "host/events/sink.h"

#include <algorithm>
#include <cstdio>

namespace bulkhead::events {

std::string toText(const Value& v) {
  auto join = [](std::span<const Value> items, const char* open, const char* close) {
    std::string out = open;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i) out += ", ";
      out += toText(items[i]);
    }
    return out + close;
  };
  auto number = [](double d) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.6f", d);
    return std::string(buffer);
  };
  switch (v.kind) {
    case Value::Kind::absent:
      return "-";
    case Value::Kind::boolean:
      return v.boolean ? "T" : "F";
    case Value::Kind::count:
    case Value::Kind::enumeration:
      return std::to_string(v.number);
    case Value::Kind::integer:
      return std::to_string(v.integer);
    case Value::Kind::real:
    case Value::Kind::time:
    case Value::Kind::interval:
      return number(v.real);
    case Value::Kind::text: {
      std::string out;
      for (unsigned char c : v.view()) {
        if (c >= 0x20 && c < 0x7f && c != '\\') {
          out += static_cast<char>(c);
        } else {
          char buffer[8];
          std::snprintf(buffer, sizeof buffer, "\\x%02x", c);
          out += buffer;
        }
      }
      return out;
    }
    case Value::Kind::addr:
      return v.address->text();
    case Value::Kind::port:
      return v.portValue.text();
    case Value::Kind::subnet:
      return Subnet{*v.address, v.width}.text();
    case Value::Kind::list:
      return join(v.list(), "[", "]");
    case Value::Kind::table:
      return join(v.list(), "{", "}");
    case Value::Kind::connection:
      return v.connectionState->uid;
    case Value::Kind::file:
      return v.fileState->id;
  }
  return "?";
}

bool RecordingSink::wants(EventId event) const {
  return only.empty() || std::find(only.begin(), only.end(), event) != only.end();
}

void RecordingSink::raise(EventId event, std::span<const Value> args) {
  if (!wants(event)) return;
  std::string line(eventName(event));
  line += '(';
  for (size_t i = 0; i < args.size(); ++i) {
    if (i) line += ", ";
    line += toText(args[i]);
  }
  lines.push_back(line + ")");
  arena_.reset();
}

}  // namespace bulkhead::events
