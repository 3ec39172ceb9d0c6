#include "sdk/script/vm/describe.h"

#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/program.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

namespace bulkhead::vm {

using types::Tag;

std::string realText(double value) {
  if (std::isnan(value)) return "nan";
  char buffer[400];
  char* end = buffer + sizeof buffer;
  char* begin = buffer;
  if (value < 0) {
    *begin++ = '-';
    value = -value;
  }
  if (value == 0) value = 0.0;  // drops the sign of -0.0
  constexpr int digits = 6;
  std::to_chars_result result{};
  if (value > static_cast<double>(std::numeric_limits<int>::max())) {
    result = std::to_chars(begin, end, value, std::chars_format::scientific);
  } else if (value < 1e-6) {
    result = std::to_chars(begin, end, value, std::chars_format::general, digits);
  } else {
    result = std::to_chars(begin, end, value, std::chars_format::fixed, digits);
    // Trailing zeros and a bare point go.
    while (result.ptr[-1] == '0') --result.ptr;
    if (result.ptr[-1] == '.') --result.ptr;
  }
  std::string text(buffer, result.ptr);
  if (std::isfinite(value) && std::fabs(value - std::nearbyint(value)) < 1e-9 &&
      text.find('e') == std::string::npos) {
    text += ".0";
  }
  return text;
}

std::string intervalText(double seconds) {
  struct Unit {
    double seconds;
    const char* word;
  };
  static constexpr Unit units[] = {
      {86400, "day"}, {3600, "hr"}, {60, "min"}, {1, "sec"}, {1e-3, "msec"}};
  constexpr double microsecond = 1e-6;
  auto near = [](double a, double b) { return std::fabs(a - b) < 1e-6; };
  if (seconds == 0) return "0 secs";
  std::string text;
  auto add = [&](double amount, const char* word) {
    if (!text.empty()) text += ' ';
    text += realText(amount) + " " + word;
    if (!near(amount, 1) && !near(amount, -1)) text += 's';
  };
  for (const Unit& unit : units) {
    if (seconds < unit.seconds && seconds > -unit.seconds) continue;
    double amount = seconds / unit.seconds;
    amount = amount < 0 ? std::ceil(amount) : std::floor(amount);
    seconds -= amount * unit.seconds;
    add(amount, unit.word);
  }
  double rest = seconds / microsecond;
  if (near(rest, 0)) {
    if (text.empty()) text = "0 secs";
  } else {
    add(rest, "usec");
  }
  return text;
}

std::string timeText(double seconds) { return realText(seconds); }

namespace {

class Describer {
 public:
  Describer(std::string& out, const Program* program, const DescribeOptions& options)
      : out_(out), start_(out.size()), program_(program), options_(options) {}

  void value(const Type* type, Slot slot) {
    switch (type->tag()) {
      case Tag::boolean:
        put(slot.boolean() ? 'T' : 'F');
        return;
      case Tag::count:
        put(std::to_string(slot.count));
        return;
      case Tag::integer:
        put(std::to_string(slot.integer));
        return;
      case Tag::real:
        put(realText(slot.real));
        return;
      case Tag::time:
        put(timeText(slot.real));
        return;
      case Tag::interval:
        put(intervalText(slot.real));
        return;
      case Tag::port:
        put(slot.port().text());
        return;
      case Tag::enumeration: {
        const auto* entry = type->asEnum().findValue(slot.integer);
        put(entry == nullptr ? "<undefined>" : types::valueText(type->asEnum(), *entry));
        return;
      }
      case Tag::void_:
      case Tag::error:
        put("<void value description>");
        return;
      default:
        break;
    }
    if (slot.isUnset()) {
      put("<uninitialized>");
      return;
    }
    switch (type->tag()) {
      case Tag::string:
        string(textOf(slot));
        return;
      case Tag::addr:
        put(addrOf(slot).text());
        return;
      case Tag::subnet:
        put(subnetOf(slot).text());
        return;
      case Tag::pattern:
        put(patternOf(slot).pattern->text());
        return;
      case Tag::type:
        put(types::typeText(slot.type()));
        return;
      case Tag::function: {
        if (program_ == nullptr) {
          put("<function>");
          return;
        }
        const Function& function = program_->functions[functionOf(slot).function];
        put(function.shown.empty() ? function.name : function.shown);
        return;
      }
      case Tag::file: {
        const FileObject& file = fileOf(slot);
        put("file \"");
        put(file.name->view());
        put("\" of string");
        return;
      }
      case Tag::opaque:
        put("<opaque of " + static_cast<const types::OpaqueType*>(type)->opaqueName() + ">");
        return;
      case Tag::any: {
        TypedSlot inner = unboxed({type, slot});
        if (inner.type->is(Tag::any)) {
          put("<uninitialized>");
        } else {
          value(inner.type, inner.slot);
        }
        return;
      }
      default:
        break;
    }
    if (std::find(open_.begin(), open_.end(), slot.object) != open_.end()) {
      put("<cycle>");
      return;
    }
    if (open_.size() >= static_cast<size_t>(maxDescribeDepth)) {
      put("<...>");
      return;
    }
    open_.push_back(slot.object);
    switch (slot.object->kind) {
      case Kind::record:
        record(recordOf(slot));
        break;
      case Kind::vector:
        vector(vectorOf(slot));
        break;
      case Kind::table:
        table(tableOf(slot));
        break;
      default:
        put("<no value description>");
    }
    open_.pop_back();
  }

 private:
  // Everything but raw strings goes through here: text at the start of a line is indented.
  void put(std::string_view text) {
    if (text.empty()) return;
    if (options_.indent && out_.size() > start_ && out_.back() == '\n') out_.append(indent_, '\t');
    out_ += text;
  }
  void put(char c) { put(std::string_view(&c, 1)); }

  void string(std::string_view text) {
    if (!options_.escape) {
      out_ += text;
      return;
    }
    static constexpr char hex[] = "0123456789abcdef";
    std::string escaped;
    for (char c : text) {
      auto byte = static_cast<unsigned char>(c);
      if (byte < ' ' || byte > 126) {
        escaped += "\\x";
        escaped += hex[byte >> 4];
        escaped += hex[byte & 15];
      } else {
        escaped += c;
      }
    }
    put(escaped);
  }

  void record(const RecordObject& record) {
    put('[');
    bool first = true;
    for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
      const types::Field& field = record.layout->type->field(i);
      if (options_.onlyLogged && !field.log) continue;
      if (!first) put(", ");
      first = false;
      put(field.name + "=");
      if (record.has(i)) {
        value(field.type, record.get(i));
      } else {
        put("<uninitialized>");
      }
    }
    put(']');
  }

  void vector(VectorObject& vector) {
    put('[');
    for (uint32_t i = 0; i < vector.size; ++i) {
      if (i > 0) put(", ");
      if (vector.has(i)) value(vector.type->element(), vector.data[i]);
    }
    put(']');
  }

  void newLine() { out_ += options_.oneLine ? ' ' : '\n'; }

  void table(TableObject& table) {
    put('{');
    ++indent_;
    bool isSet = !table.info->hasValue;
    bool first = true;
    for (TableWalk walk(table); !walk.done(); walk.advance()) {
      uint32_t e = walk.entry();
      if (!first) put(',');
      first = false;
      newLine();
      bool brackets = !isSet || table.info->keyCount != 1;
      if (brackets) put('[');
      for (uint32_t k = 0; k < table.info->keyCount; ++k) {
        if (k > 0) put(", ");
        value(table.info->keyTypes[k], table.keysOf(e)[k]);
      }
      if (brackets) put(']');
      if (!isSet) {
        put(" = ");
        value(table.info->type->value(), *table.valueOf(e));
      }
    }
    --indent_;
    if (first && !options_.oneLine) newLine();
    newLine();
    put('}');
  }

  std::string& out_;
  size_t start_;
  const Program* program_;
  const DescribeOptions& options_;
  size_t indent_ = 0;
  std::vector<const Object*> open_;
};

}  // namespace

void describe(std::string& out, const Program* program, const Type* type, Slot value,
              const DescribeOptions& options) {
  Describer(out, program, options).value(type, value);
}

std::string describe(const Program* program, TypedSlot value, const DescribeOptions& options) {
  std::string out;
  describe(out, program, value.type, value.slot, options);
  return out;
}

}  // namespace bulkhead::vm
