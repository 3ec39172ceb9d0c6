#include "host/analyzers/http/http-uri.h"

namespace bulkhead::analyzers::http {
namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte written as two digits at the front; -1 if they are none.
int hexByte(std::string_view text) {
  if (text.size() < 2) return -1;
  int high = hexDigit(text[0]), low = hexDigit(text[1]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

}  // namespace

bool isUriChar(char c) {
  bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || c == '\0' ||
         std::string_view(":/?#[]@!$&'()*+,;=-_.~").find(c) != std::string_view::npos;
}

std::string unescapeUri(std::string_view uri, flow::ConnectionContext& context) {
  auto weird = [&](std::string_view name) { context.weird(name, {}, "HTTP"); };
  std::string out;
  out.reserve(uri.size());
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      out += uri[i];
      continue;
    }
    auto rest = uri.substr(i + 1);
    if (rest.empty()) {
      weird("illegal_%_at_end_of_URI");
      out += '%';
    } else if (rest.size() == 1) {
      weird("partial_escape_at_end_of_URI");
      out += '%';
      out += rest[0];
      ++i;
    } else if (rest[0] == '%') {
      // A worm's disguise or a bug: the first one is dropped, the second taken as the escape.
      weird("double_%_in_URI");
    } else if (int byte = hexByte(rest); byte >= 0) {
      out += static_cast<char>(byte);
      i += 2;
    } else if (rest.size() >= 5 && rest[0] == 'u' && hexByte(rest.substr(1)) >= 0 &&
               hexByte(rest.substr(3)) >= 0) {
      if (int high = hexByte(rest.substr(1)); high > 0) out += static_cast<char>(high);
      out += static_cast<char>(hexByte(rest.substr(3)));
      i += 5;
    } else {
      weird("unescaped_%_in_URI");
      out += '%';
      out += rest[0];
      ++i;
    }
  }
  return out;
}

}  // namespace bulkhead::analyzers::http
