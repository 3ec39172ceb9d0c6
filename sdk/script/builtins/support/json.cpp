#include "sdk/script/builtins/support/json.h"

#include "sdk/script/builtins/support/escape.h"

#include <array>
#include <charconv>
#include <cmath>

namespace bulkhead::builtins {

namespace {

// Length of the valid UTF-8 sequence at text[at], 0 if there is none or it is a control character.
size_t utf8Length(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  unsigned char lead = byte(0);
  size_t length = lead >= 0xf0 && lead <= 0xf4  ? 4
                  : lead >= 0xe0 && lead < 0xf0 ? 3
                  : lead >= 0xc2 && lead < 0xe0 ? 2
                                                : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
  if (lead == 0xed && byte(1) > 0x9f) return 0;  // surrogates
  if (lead == 0xf0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // beyond U+10FFFF
  if (lead == 0xc2 && byte(1) < 0xa0) return 0;  // C1 controls
  return length;
}

bool plainAscii(char c) {
  return (c >= 32 && c < 127) || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t';
}

void appendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

std::string printableUtf8(std::string_view bytes) {
  bool valid = true;
  for (size_t i = 0; i < bytes.size() && valid;) {
    size_t length = plainAscii(bytes[i]) ? 1 : utf8Length(bytes, i);
    valid = length > 0;
    i += length;
  }
  if (valid) return std::string(bytes);
  std::string out;
  for (char c : bytes) {
    if (plainAscii(c))
      out += c;
    else
      out += "\\x" + hexDigits({&c, 1});
  }
  return out;
}

std::string jsonRealText(double v) {
  if (!std::isfinite(v)) return "null";
  std::array<char, 64> buffer;
  auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, std::chars_format::scientific);
  // "-d.ddde±xx": take the digits and the exponent apart.
  std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  std::string out;
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  size_t e = text.find('e');
  int exponent = 0;
  std::string_view digitsOfExponent = text.substr(e + 1);
  if (digitsOfExponent.starts_with('+')) digitsOfExponent.remove_prefix(1);
  std::from_chars(digitsOfExponent.data(), digitsOfExponent.data() + digitsOfExponent.size(),
                  exponent);
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  int point = exponent + 1;  // digits before the decimal point
  auto length = static_cast<int>(digits.size());
  if (v == 0) return out + "0.0";
  if (length <= point && point <= 21)
    return out + digits + std::string(static_cast<size_t>(point - length), '0') + ".0";
  if (0 < point && point <= 21)
    return out + digits.substr(0, static_cast<size_t>(point)) + "." +
           digits.substr(static_cast<size_t>(point));
  if (-6 < point && point <= 0)
    return out + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  out += digits[0];
  if (length > 1) out += "." + digits.substr(1);
  return out + "e" + std::to_string(exponent);
}

void JsonWriter::separate() {
  if (needComma_) out_ += ',';
  needComma_ = true;
}

void JsonWriter::literal(std::string_view text) {
  separate();
  out_ += text;
}

void JsonWriter::real(double v) { literal(jsonRealText(v)); }

void JsonWriter::string(std::string_view v) {
  separate();
  out_ += '"';
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char c : v) {
    auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\b':
        out_ += "\\b";
        break;
      case '\f':
        out_ += "\\f";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\r':
        out_ += "\\r";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        if (byte < 32) {
          out_ += "\\u00";
          out_ += digits[byte >> 4];
          out_ += digits[byte & 15];
        } else {
          out_ += c;
        }
    }
  }
  out_ += '"';
}

void JsonWriter::key(std::string_view v) {
  string(v);
  out_ += ':';
  needComma_ = false;
}

void JsonWriter::rawKey(std::string_view v) {
  literal(v);
  out_ += ':';
  needComma_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  needComma_ = false;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  needComma_ = true;
}

const JsonValue* JsonValue::member(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

std::string_view JsonValue::kindName() const {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
    case Kind::count:
    case Kind::real:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "unknown";
}

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  JsonParsed run() {
    JsonParsed out;
    JsonValue value;
    skipSpace();
    if (at_ == text_.size()) fail("The document is empty.");
    if (error_.empty()) parse(value, 0);
    if (error_.empty()) {
      skipSpace();
      if (at_ < text_.size()) fail("The document root must not be followed by other values.");
    }
    if (error_.empty())
      out.value = std::move(value);
    else
      out.error = error_;
    out.offset = at_;
    return out;
  }

 private:
  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }
  void skipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("Invalid value.");
    at_ += expected.size();
    return true;
  }

  bool parse(JsonValue& value, size_t depth) {
    if (depth >= maxJsonDepth) return fail("Nested too deeply.");
    if (++nodes_ > maxJsonNodes) return fail("Too many values.");
    skipSpace();
    if (at_ == text_.size()) return fail("Invalid value.");
    switch (text_[at_]) {
      case 'n':
        return word("null");
      case 't':
        value.kind = JsonValue::Kind::boolean;
        value.boolean = true;
        return word("true");
      case 'f':
        value.kind = JsonValue::Kind::boolean;
        return word("false");
      case '"':
        value.kind = JsonValue::Kind::string;
        return string(value.text);
      case '[':
        return array(value, depth);
      case '{':
        return object(value, depth);
      default:
        return number(value);
    }
  }

  bool array(JsonValue& value, size_t depth) {
    value.kind = JsonValue::Kind::array;
    ++at_;
    skipSpace();
    if (take(']')) return true;
    for (;;) {
      if (!parse(value.items.emplace_back(), depth + 1)) return false;
      skipSpace();
      if (take(']')) return true;
      if (!take(',')) return fail("Missing a comma or ] after an array element.");
    }
  }

  bool object(JsonValue& value, size_t depth) {
    value.kind = JsonValue::Kind::object;
    ++at_;
    skipSpace();
    if (take('}')) return true;
    for (;;) {
      skipSpace();
      if (at_ >= text_.size() || text_[at_] != '"')
        return fail("Missing a name for object member.");
      auto& [name, member] = value.members.emplace_back();
      if (!string(name)) return false;
      skipSpace();
      if (!take(':')) return fail("Missing a colon after a name of object member.");
      if (!parse(member, depth + 1)) return false;
      skipSpace();
      if (take('}')) return true;
      if (!take(',')) return fail("Missing a comma or } after an object member.");
    }
  }

  std::optional<uint32_t> hexFour() {
    uint32_t code = 0;
    if (at_ + 4 > text_.size()) return std::nullopt;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 32) return fail("Invalid encoding in string.");
      ++at_;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ == text_.size()) break;
      char escape = text_[at_++];
      switch (escape) {
        case '"':
        case '\\':
        case '/':
          out += escape;
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'u':
          if (!unicodeEscape(out)) return false;
          break;
        default:
          return fail("Invalid escape character in string.");
      }
    }
    return fail("Missing a closing quotation mark in string.");
  }

  bool unicodeEscape(std::string& out) {
    auto code = hexFour();
    if (!code) return fail("Incorrect hex digit after \\u escape in string.");
    if (*code >= 0xd800 && *code < 0xe000) {
      if (*code >= 0xdc00 || !take('\\') || !take('u'))
        return fail("The surrogate pair in string is invalid.");
      auto low = hexFour();
      if (!low || *low < 0xdc00 || *low > 0xdfff)
        return fail("The surrogate pair in string is invalid.");
      code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
    }
    appendUtf8(out, *code);
    return true;
  }

  bool digits() {
    size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  bool number(JsonValue& value) {
    size_t begin = at_;
    bool negative = take('-');
    bool whole = true;
    if (take('0')) {
    } else if (!digits()) {
      return fail("Invalid value.");
    }
    if (take('.')) {
      whole = false;
      if (!digits()) return fail("Miss fraction part in number.");
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      whole = false;
      if (!take('-')) take('+');
      if (!digits()) return fail("Miss exponent in number.");
    }
    const char* first = text_.data() + begin;
    const char* last = text_.data() + at_;
    if (std::from_chars(first, last, value.real).ec != std::errc{})
      return fail("Number too big to be stored in double.");
    value.kind = JsonValue::Kind::real;
    if (whole && !negative && std::from_chars(first, last, value.count).ec == std::errc{})
      value.kind = JsonValue::Kind::count;
    else if (whole && negative && std::from_chars(first, last, value.integer).ec == std::errc{})
      value.kind = JsonValue::Kind::integer;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t nodes_ = 0;
  std::string error_;
};

}  // namespace

JsonParsed parseJson(std::string_view text) { return Parser(text).run(); }

}  // namespace bulkhead::builtins
