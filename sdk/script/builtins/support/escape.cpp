#include "sdk/script/builtins/support/escape.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <vector>

namespace bulkhead::builtins {

namespace {

constexpr std::string_view hexAlphabet = "0123456789abcdef";

void appendHex(std::string& out, unsigned char byte) {
  out += hexAlphabet[byte >> 4];
  out += hexAlphabet[byte & 15];
}

int hexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool allHex(std::string_view text) {
  for (char c : text)
    if (hexDigitValue(c) < 0) return false;
  return true;
}

char hexByte(std::string_view twoDigits) {
  return static_cast<char>(hexDigitValue(twoDigits[0]) * 16 + hexDigitValue(twoDigits[1]));
}

}  // namespace

std::string escapeBytes(std::string_view bytes, BackslashStyle backslash, QuoteStyle quotes) {
  std::string out;
  out.reserve(bytes.size());
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\\' && backslash == BackslashStyle::doubled) {
      out += "\\\\";
    } else if ((c == '\'' || c == '"') && quotes == QuoteStyle::backslashed) {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte > 126) {
      out += "\\x";
      appendHex(out, byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string hexDigits(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) appendHex(out, static_cast<unsigned char>(c));
  return out;
}

std::optional<std::string> bytesOfHex(std::string_view digits) {
  if (digits.size() % 2 != 0 || !allHex(digits)) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) out += hexByte(digits.substr(i, 2));
  return out;
}

std::string hexDump(std::string_view bytes) {
  constexpr size_t perLine = 16;
  constexpr size_t textColumn = 56;  // 4 digits, 2 spaces, 16 * 3 and one between the groups, 1
  std::string out;
  for (size_t start = 0; start < bytes.size(); start += perLine) {
    std::string_view line = bytes.substr(start, perLine);
    std::string text;
    size_t begin = out.size();
    for (int shift = 12; shift >= 0; shift -= 4) out += hexAlphabet[(start >> shift) & 15];
    out += "  ";
    for (size_t i = 0; i < line.size(); ++i) {
      auto byte = static_cast<unsigned char>(line[i]);
      appendHex(out, byte);
      out += i == 7 ? "  " : " ";
      text += byte >= 32 && byte < 127 ? line[i] : '.';
      if (i == 7) text += ' ';
    }
    out.append(begin + textColumn - out.size(), ' ');
    out += text;
    out += '\n';
  }
  return out;
}

std::optional<std::string> uuidText(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  constexpr std::array<int, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string out;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    appendHex(out, static_cast<unsigned char>(bytes[static_cast<size_t>(order[i])]));
  }
  return out;
}

std::string shellQuoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '`' || c == '"' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

std::string patternQuoted(std::string_view text) {
  constexpr std::string_view special = "^$-:\"\\/|*+?.(){}[]";
  std::string out;
  for (char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string unescapeUri(std::string_view uri) {
  std::string out;
  out.reserve(uri.size());
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      out += uri[i];
      continue;
    }
    std::string_view rest = uri.substr(i + 1);
    if (rest.size() < 2) {
      out += '%';
      out += rest;
      break;
    }
    if (rest[0] == '%') continue;  // of "%%" the first is dropped, the second starts over
    if (allHex(rest.substr(0, 2))) {
      out += hexByte(rest.substr(0, 2));
      i += 2;
    } else if (rest[0] == 'u' && rest.size() >= 5 && allHex(rest.substr(1, 4))) {
      // A zero high byte is plain text in a 16-bit escape.
      if (rest.substr(1, 2) != "00") out += hexByte(rest.substr(1, 2));
      out += hexByte(rest.substr(3, 2));
      i += 5;
    } else {
      out += '%';
      out += rest[0];
      ++i;
    }
  }
  return out;
}

std::string compressPath(std::string_view path) {
  bool absolute = path.starts_with('/');
  std::vector<std::string_view> kept;
  size_t position = 0;
  while (position <= path.size()) {
    size_t slash = path.find('/', position);
    if (slash == std::string_view::npos) slash = path.size();
    std::string_view part = path.substr(position, slash - position);
    position = slash + 1;
    if (part.empty()) continue;
    // A leading "." of a relative path says "relative to here" and stays.
    if (part == "." && (absolute || !kept.empty())) continue;
    if (part == "..") {
      if (!kept.empty() && kept.back() == ".") kept.pop_back();
      if (!kept.empty() && kept.back() != "..") {
        kept.pop_back();
        continue;
      }
      if (absolute && kept.empty()) continue;
    }
    kept.push_back(part);
  }
  std::string out = absolute ? "/" : "";
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out;
}

std::string fileModeText(uint64_t mode) {
  std::string out;
  struct Group {
    unsigned shift;
    unsigned special;
    char set, setOnly;
  };
  constexpr std::array<Group, 3> groups{Group{6, 04000, 's', 'S'}, Group{3, 02000, 's', 'S'},
                                        Group{0, 01000, 't', 'T'}};
  for (const Group& group : groups) {
    uint64_t bits = mode >> group.shift;
    out += bits & 4 ? 'r' : '-';
    out += bits & 2 ? 'w' : '-';
    bool execute = bits & 1;
    if (mode & group.special)
      out += execute ? group.set : group.setOnly;
    else
      out += execute ? 'x' : '-';
  }
  return out;
}

}  // namespace bulkhead::builtins
