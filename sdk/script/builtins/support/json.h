#pragma once
// JSON text: a writer that gives the bytes Zeek gives, and a bounded parser.
//
// Any thread; pure. The parser reads foreign bytes: it never recurses past maxJsonDepth and keeps
// no more nodes than maxJsonNodes. Numbers keep what they were written as, since `count`, `int` and
// `double` differ for the caller. Source: RFC 8259; Zeek script reference, to_json and from_json.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::builtins {

constexpr size_t maxJsonDepth = 256;
constexpr size_t maxJsonNodes = 4'000'000;

// Appends pieces of JSON; commas and colons come by themselves. The caller opens and closes in
// pairs.
class JsonWriter {
 public:
  void null() { literal("null"); }
  void boolean(bool v) { literal(v ? "true" : "false"); }
  void integer(int64_t v) { literal(std::to_string(v)); }
  void count(uint64_t v) { literal(std::to_string(v)); }
  // Shortest digits that read back equal; null if not finite.
  void real(double v);
  // Quotes and escapes `v` as it is.
  void string(std::string_view v);
  void key(std::string_view v);
  // A key that is a JSON string already, quotes included.
  void rawKey(std::string_view v);
  void open(char bracket);   // '{' or '['
  void close(char bracket);  // '}' or ']'
  std::string take() { return std::move(out_); }
  size_t size() const { return out_.size(); }

 private:
  void separate();
  void literal(std::string_view text);
  std::string out_;
  bool needComma_ = false;
};

std::string jsonRealText(double v);  // "null" if not finite
// Bytes that are not printable UTF-8 become \xHH; if one does, then all non-ASCII ones do. The
// control characters with a short escape in JSON stay.
std::string printableUtf8(std::string_view bytes);

struct JsonMember;

struct JsonValue {
  enum class Kind : uint8_t { null, boolean, integer, count, real, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  int64_t integer = 0;  // negative numbers without fraction that fit
  uint64_t count = 0;   // other numbers without fraction that fit
  double real = 0;      // any number
  std::string text;
  std::vector<JsonValue> items;     // array
  std::vector<JsonMember> members;  // object, in the order of the text

  bool isNumber() const {
    return kind == Kind::integer || kind == Kind::count || kind == Kind::real;
  }
  // The first member of that name, or null.
  const JsonValue* member(std::string_view name) const;
  std::string_view kindName() const;  // "number", "bool", ...
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

struct JsonParsed {
  std::optional<JsonValue> value;
  std::string error;  // a sentence, if there is no value
  size_t offset = 0;  // where
};
JsonParsed parseJson(std::string_view text);

}  // namespace bulkhead::builtins
