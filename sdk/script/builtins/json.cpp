// Values as JSON and back.

#include "sdk/script/builtins/support/json.h"

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/text.h"
#include "sdk/script/vm/pattern.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace bulkhead::builtins {

namespace {

// ---- to_json

constexpr int maxJsonOut = 200;  // levels

struct JsonStyle {
  bool onlyLogged = false;
  bool intervalAsDouble = false;
  // What it matches is taken from field names; null: nothing.
  const vm::CompiledPattern* fieldEscape = nullptr;
};

class ValueWriter {
 public:
  ValueWriter(NativeCall& call, const JsonStyle& style) : call_(call), style_(style) {}

  void write(JsonWriter& out, TypedSlot value, int depth) {
    value = vm::unboxed(value);
    if (depth > maxJsonOut) return out.null();
    switch (value.type->tag()) {
      case Tag::boolean:
        return out.boolean(value.slot.boolean());
      case Tag::count:
        return out.count(value.slot.count);
      case Tag::integer:
        return out.integer(value.slot.integer);
      case Tag::interval:
        if (!style_.intervalAsDouble) return out.string(call_.vm().describe(value));
        [[fallthrough]];
      case Tag::real:
      case Tag::time:
        return out.real(value.slot.real);
      case Tag::string:
        return out.string(printableUtf8(vm::textOf(value.slot)));
      case Tag::port:
        return port(out, value.slot.port());
      case Tag::record:
        return record(out, vm::recordOf(value.slot), depth);
      case Tag::vector:
        return vector(out, vm::vectorOf(value.slot), depth);
      case Tag::set:
        return set(out, vm::tableOf(value.slot), depth);
      case Tag::table:
        return table(out, vm::tableOf(value.slot), depth);
      case Tag::opaque:
        out.open('{');
        out.key("opaque_type");
        out.string(static_cast<const types::OpaqueType*>(value.type)->opaqueName());
        return out.close('}');
      case Tag::any:
        return out.null();
      case Tag::function:
        return out.string(trimmedText(call_.vm().describe(value)));
      default:
        return out.string(printableUtf8(call_.vm().describe(value)));
    }
  }

 private:
  static std::string trimmedText(std::string text) { return std::string(stripped(text)); }

  static void port(JsonWriter& out, Port port) {
    out.open('{');
    out.key("port");
    out.count(port.number);
    out.key("proto");
    out.string(port.transport == Transport::tcp    ? "tcp"
               : port.transport == Transport::udp  ? "udp"
               : port.transport == Transport::icmp ? "icmp"
                                                   : "unknown");
    out.close('}');
  }
  std::string fieldName(const std::string& name) const {
    size_t begin = 0, end = 0;
    if (style_.fieldEscape == nullptr || !style_.fieldEscape->find(name, 0, begin, end))
      return name;
    return name.substr(0, begin) + name.substr(end);
  }
  void record(JsonWriter& out, const vm::RecordObject& record, int depth) {
    out.open('{');
    for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
      const types::Field& field = record.layout->type->field(i);
      if (!record.has(i) || (style_.onlyLogged && !field.log)) continue;
      out.key(fieldName(field.name));
      write(out, {field.type, record.get(i)}, depth + 1);
    }
    out.close('}');
  }
  void vector(JsonWriter& out, const vm::VectorObject& vector, int depth) {
    out.open('[');
    for (uint32_t i = 0; i < vector.size; ++i)
      if (vector.has(i))
        write(out, {vector.type->element(), vector.data[i]}, depth + 1);
      else
        out.null();
    out.close(']');
  }
  // One index by itself, several as a list.
  void keys(JsonWriter& out, const vm::TableInfo& info, const Slot* keys, int depth) {
    if (info.keyCount > 1) out.open('[');
    for (uint32_t k = 0; k < info.keyCount; ++k) write(out, {info.keyTypes[k], keys[k]}, depth + 1);
    if (info.keyCount > 1) out.close(']');
  }
  void set(JsonWriter& out, vm::TableObject& set, int depth) {
    out.open('[');
    for (vm::TableWalk walk(set); !walk.done(); walk.advance())
      keys(out, *set.info, walk.keys(), depth);
    out.close(']');
  }
  void table(JsonWriter& out, vm::TableObject& table, int depth) {
    out.open('{');
    for (vm::TableWalk walk(table); !walk.done(); walk.advance()) {
      // What is no text in JSON is written as JSON, and that text is the name.
      JsonWriter key;
      keys(key, *table.info, walk.keys(), depth);
      std::string name = key.take();
      if (table.info->keyCount == 1 && name.starts_with('"'))
        out.rawKey(name);
      else
        out.key(name);
      write(out, {table.info->type->value(), walk.value()}, depth + 1);
    }
    out.close('}');
  }

  NativeCall& call_;
  const JsonStyle& style_;
};

void toJson(NativeCall& call) {
  JsonStyle style{call.boolean(1), call.boolean(3), &call.pattern(2)};
  JsonWriter out;
  ValueWriter(call, style).write(out, call.any(0), 0);
  std::string text = out.take();
  call.charge(text.size() / 16);
  call.returnText(text);
}

// ---- from_json

// What a text or object means as a port, or why not.
std::optional<Port> portOf(std::string_view number, std::string_view protocol) {
  uint16_t value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() || number.empty())
    return std::nullopt;
  if (protocol == "tcp") return Port{value, Transport::tcp};
  if (protocol == "udp") return Port{value, Transport::udp};
  if (protocol == "icmp") return Port{value, Transport::icmp};
  if (protocol == "unknown") return Port{value, Transport::unknown};
  return std::nullopt;
}

std::optional<double> secondsOf(std::string_view unit) {
  if (unit.ends_with('s')) unit.remove_suffix(1);
  if (unit == "day") return 86400;
  if (unit == "hr") return 3600;
  if (unit == "min") return 60;
  if (unit == "sec") return 1;
  if (unit == "msec") return 1e-3;
  if (unit == "usec") return 1e-6;
  return std::nullopt;
}

std::string_view withoutBrackets(std::string_view text) {
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  return text;
}

// Makes values of a wanted type out of parsed JSON. Recursion is bounded by the parser's depth.
class JsonReader {
  using Kind = JsonValue::Kind;

 public:
  // `mapper` is null where names are taken as they are.
  JsonReader(NativeCall& call, vm::FunctionObject* mapper) : call_(call), mapper_(mapper) {}

  const std::string& error() const { return error_; }
  Value fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return {};
  }

  // Empty after fail(). Null in JSON is for the caller to see to.
  Value read(const JsonValue& json, const types::Type* type) {
    bool isText = json.kind == Kind::string;
    switch (type->tag()) {
      case Tag::boolean:
        if (json.kind != Kind::boolean) return mismatch(json, type);
        return Value::adopt(type, Slot::ofBool(json.boolean));
      case Tag::count:
        if (json.kind != Kind::count) return mismatch(json, type);
        return Value::adopt(type, Slot::ofCount(json.count));
      case Tag::integer:
        if (json.kind == Kind::integer) return Value::adopt(type, Slot::ofInt(json.integer));
        if (json.kind == Kind::count && json.count <= INT64_MAX)
          return Value::adopt(type, Slot::ofInt(static_cast<int64_t>(json.count)));
        return mismatch(json, type);
      case Tag::interval:
        if (isText) return interval(json.text, type);
        [[fallthrough]];
      case Tag::real:
      case Tag::time:
        if (!json.isNumber()) return mismatch(json, type);
        return Value::adopt(type, Slot::ofReal(json.real));
      case Tag::string:
        return isText ? text(type, json.text) : mismatch(json, type);
      case Tag::port:
        return port(json, type);
      case Tag::pattern:
        return isText ? pattern(json.text, type) : mismatch(json, type);
      case Tag::addr: {
        if (!isText) return mismatch(json, type);
        auto address = IpAddr::parse(withoutBrackets(json.text));
        if (!address) return fail("invalid value for addr: '" + json.text + "'");
        return Value::adopt(type, call_.heap().addr(*address));
      }
      case Tag::subnet: {
        if (!isText) return mismatch(json, type);
        size_t slash = std::min(json.text.find('/'), json.text.size());
        std::string plain(withoutBrackets(std::string_view(json.text).substr(0, slash)));
        plain += withoutBrackets(std::string_view(json.text).substr(slash));
        auto subnet = Subnet::parse(plain);
        if (!subnet) return fail("invalid value for subnet: '" + json.text + "'");
        return Value::adopt(type, call_.heap().subnet(*subnet));
      }
      case Tag::enumeration: {
        if (!isText) return mismatch(json, type);
        const auto* entry = type->asEnum().findName(json.text);
        if (entry == nullptr)
          return fail("'" + json.text + "' is not a valid enum for '" + type->name() + "'.");
        return Value::adopt(type, Slot::ofInt(entry->value));
      }
      case Tag::vector:
        return vector(json, type);
      case Tag::set:
        return set(json, type);
      case Tag::table:
        return table(json, type);
      case Tag::record:
        return record(json, type);
      default:
        return fail("type '" + std::string(types::tagText(type->tag())) + "' unsupported");
    }
  }

 private:
  Value mismatch(const JsonValue& json, const types::Type* type) {
    // A set is a table to messages.
    std::string_view tag = types::tagText(type->is(Tag::set) ? Tag::table : type->tag());
    return fail("cannot convert JSON type '" + std::string(json.kindName()) + "' to Zeek type '" +
                std::string(tag) + "'");
  }
  Value text(const types::Type* type, std::string_view bytes) {
    vm::StringObject* object = call_.heap().string(bytes);
    if (object == nullptr) return fail(outOfMemory);
    return Value::adopt(type, Slot::ofObject(object));
  }

  Value interval(std::string_view given, const types::Type* type) {
    double seconds = 0;
    std::vector<std::string_view> parts;
    while (!given.empty()) {
      size_t end = std::min(given.find(' '), given.size());
      if (end > 0) parts.push_back(given.substr(0, end));
      given.remove_prefix(std::min(end + 1, given.size()));
    }
    if (parts.size() % 2 != 0)
      return fail("wrong interval format, must be pairs of values with units");
    for (size_t i = 0; i < parts.size(); i += 2) {
      double number = 0;
      auto [end, error] =
          std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), number);
      if (error != std::errc()) return fail("wrong interval format, invalid number");
      auto unit = secondsOf(parts[i + 1]);
      if (!unit)
        return fail("wrong interval format, invalid unit type " + std::string(parts[i + 1]));
      seconds += number * *unit;
    }
    return Value::adopt(type, Slot::ofReal(seconds));
  }

  Value port(const JsonValue& json, const types::Type* type) {
    std::optional<Port> port;
    if (json.kind == Kind::string) {
      size_t slash = json.text.find('/');
      if (slash != std::string::npos)
        port = portOf(json.text.substr(0, slash), json.text.substr(slash + 1));
      if (!port)
        return fail("wrong port format, string must be /[0-9]{1,5}\\/(tcp|udp|icmp|unknown)/");
    } else if (json.kind == Kind::object) {
      const JsonValue *number = json.member("port"), *protocol = json.member("proto");
      if (number == nullptr || protocol == nullptr)
        return fail("wrong port format, object must have 'port' and 'proto' members");
      if (!number->isNumber()) return fail("wrong port format, port must be a number");
      if (protocol->kind != Kind::string)
        return fail("wrong port format, protocol must be a string");
      if (number->kind == Kind::count) port = portOf(std::to_string(number->count), protocol->text);
      if (!port) return fail("wrong port format, invalid protocol string");
    } else {
      return fail("wrong port format, must be string or object");
    }
    return Value::adopt(type, Slot::ofPort(*port));
  }

  // As it is printed, or as it stands between slashes, or bare.
  Value pattern(std::string_view given, const types::Type* type) {
    if (given.size() > 2 && given.starts_with('/') && given.ends_with('/'))
      given = given.substr(1, given.size() - 2);
    constexpr std::string_view open = "^?(", close = ")$?";
    if (given.size() > open.size() + close.size() && given.starts_with(open) &&
        given.ends_with(close))
      given = given.substr(open.size(), given.size() - open.size() - close.size());
    std::string error;
    auto compiled = vm::CompiledPattern::compile(given, {}, error);
    if (!compiled) {
      call_.warn("error compiling pattern /" + std::string(given) + "/: " + error);
      return fail("error compiling pattern");
    }
    return Value::adopt(type, Slot::ofObject(call_.heap().pattern(std::move(compiled))));
  }

  // Null elements are left out of containers.
  Value vector(const JsonValue& json, const types::Type* type) {
    if (json.kind != Kind::array) return mismatch(json, type);
    auto out = Ref<vm::VectorObject>::adopt(call_.heap().vector(&type->asVector()));
    for (const JsonValue& item : json.items) {
      if (item.kind == Kind::null) continue;
      Value value = read(item, type->asVector().element());
      if (value.empty()) return {};
      if (!out->append(value.take())) return fail(outOfMemory);
    }
    return Value::adopt(type, out.take());
  }

  // Several indices are a list in JSON.
  bool indices(const JsonValue& json, const std::vector<const types::Type*>& wanted,
               std::vector<Value>& out) {
    if (wanted.size() == 1) {
      out.push_back(read(json, wanted[0]));
      return !out.back().empty();
    }
    if (json.kind != Kind::array) {
      fail("cannot convert JSON type '" + std::string(json.kindName()) + "' to Zeek type 'list'");
      return false;
    }
    if (json.items.size() < wanted.size()) {
      fail("index type doesn't match");
      return false;
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      out.push_back(read(json.items[i], wanted[i]));
      if (out.back().empty()) return false;
    }
    return true;
  }
  bool insert(vm::TableObject& table, std::vector<Value>& keys, Slot value) {
    std::vector<Slot> slots;
    for (Value& key : keys) slots.push_back(key.take());
    if (table.insert(slots.data(), value) != vm::TableObject::none) return true;
    fail(outOfMemory);
    return false;
  }
  Value set(const JsonValue& json, const types::Type* type) {
    if (json.kind != Kind::array) return mismatch(json, type);
    auto out = Ref<vm::TableObject>::adopt(call_.heap().table(&type->asTable()));
    for (const JsonValue& item : json.items) {
      if (item.kind == Kind::null) continue;
      std::vector<Value> keys;
      if (!indices(item, type->asTable().indices(), keys) || !insert(*out, keys, Slot::unset()))
        return {};
    }
    return Value::adopt(type, out.take());
  }
  // A name is the text of its index, or JSON for what is more than a text.
  Value table(const JsonValue& json, const types::Type* type) {
    if (json.kind != Kind::object) return mismatch(json, type);
    auto out = Ref<vm::TableObject>::adopt(call_.heap().table(&type->asTable()));
    const auto& wanted = type->asTable().indices();
    for (const auto& [name, item] : json.members) {
      if (item.kind == Kind::null) continue;
      JsonValue key;
      key.kind = Kind::string;
      key.text = name;
      if (wanted.size() > 1 || !isTextInJson(wanted[0])) {
        JsonParsed parsed = parseJson(name);
        if (!parsed.value) return fail("JSON parse error in the index '" + name + "'");
        key = std::move(*parsed.value);
      }
      if (key.kind == Kind::null) continue;
      std::vector<Value> keys;
      if (!indices(key, wanted, keys)) return {};
      Value value = read(item, type->asTable().value());
      if (value.empty() || !insert(*out, keys, value.take())) return {};
    }
    return Value::adopt(type, out.take());
  }
  static bool isTextInJson(const types::Type* type) {
    switch (type->tag()) {
      case Tag::string:
      case Tag::addr:
      case Tag::subnet:
      case Tag::pattern:
      case Tag::enumeration:
      case Tag::interval:
      case Tag::port:
        return true;
      default:
        return false;
    }
  }

  Value record(const JsonValue& json, const types::Type* type) {
    if (json.kind != Kind::object) return mismatch(json, type);
    auto out = call_.vm().makeRecord(&type->asRecord());
    if (!out) return fail(outOfMemory);
    std::vector<std::string> names;
    if (!fieldNames(json, names)) return fail("key function error");
    for (uint32_t i = 0; i < type->asRecord().fields().size(); ++i) {
      const types::Field& field = type->asRecord().field(i);
      // The last of several members with one name counts.
      auto found = std::find(names.rbegin(), names.rend(), field.name);
      const JsonValue* member =
          found == names.rend()
              ? nullptr
              : &json.members[static_cast<size_t>(names.rend() - found) - 1].value;
      if (member != nullptr && member->kind != Kind::null) {
        Value value = read(*member, field.type);
        if (value.empty()) return {};
        out->set(i, value.take());
      } else if (!field.optional && !out->has(i)) {
        return fail("required field " + type->name() + "$" + field.name + " is " +
                    (member == nullptr ? "missing" : "null") + " in JSON");
      }
    }
    return Value::adopt(type, out.take());
  }
  // The names of an object's members as the script's function says.
  bool fieldNames(const JsonValue& json, std::vector<std::string>& out) {
    const types::Type* string = call_.vm().types().basic(Tag::string);
    for (const auto& [name, member] : json.members) {
      if (mapper_ == nullptr) {
        out.push_back(name);
        continue;
      }
      auto text = Ref<vm::StringObject>::adopt(call_.heap().string(name));
      if (!text) return false;
      TypedSlot argument{string, text.slot()};
      Value answer = call_.invoke(*mapper_, {&argument, 1}, string);
      if (call_.failed() || answer.empty()) return false;
      out.emplace_back(vm::textOf(answer.slot()));
    }
    return true;
  }

  NativeCall& call_;
  vm::FunctionObject* mapper_;
  std::string error_;
};

void fromJson(NativeCall& call) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  out.boolean("valid", false);
  TypedSlot wanted = call.any(1);
  if (!wanted.type->is(Tag::type)) {
    call.warn("from_json() requires a type argument");
    return call.returnRef(out.take());
  }
  vm::FunctionObject& mapper = call.function(2);
  bool plain =
      call.vm().program().functions[mapper.function].name == "from_json_default_key_mapper";
  JsonReader reader(call, plain ? nullptr : &mapper);
  Value value;
  JsonParsed parsed = parseJson(call.text(0));
  call.charge(call.text(0).size() / 16);
  if (!parsed.value) {
    reader.fail("JSON parse error: " + parsed.error + " Offset: " + std::to_string(parsed.offset));
  } else if (parsed.value->kind == JsonValue::Kind::null) {
    reader.fail("there is no value for null in JSON");
  } else {
    value = reader.read(*parsed.value, wanted.slot.type());
  }
  if (call.failed()) return;
  if (value.empty()) {
    out.text("err", reader.error());
  } else {
    const types::Type* type = value.type();
    out.set("v", call.heap().box(type, value.take()));
    out.boolean("valid", true);
  }
  call.returnRef(out.take());
}

constexpr vm::NativeRow rows[] = {
    {"to_json",
     "function(val: any, only_loggable: bool &default=F, field_escape_pattern: pattern "
     "&default=/^_/, interval_as_double: bool &default=F): string",
     "The value as JSON. With `only_loggable` fields of records without &log are left out. What "
     "`field_escape_pattern` matches is taken from the names of fields.",
     toJson},
    {"from_json",
     "function(s: string, t: any, key_func: string_mapper &default=from_json_default_key_mapper): "
     "from_json_result",
     "The value of the type `t` that a JSON text describes: members of objects by the name of "
     "fields, which `key_func` may make of what JSON has. `err` says what did not fit.",
     fromJson},
};

}  // namespace

Rows jsonRows() { return rows; }

}  // namespace bulkhead::builtins
