// Values looked at from outside: types, fields, names; and values made from JSON.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/community-id.h"
#include "sdk/script/builtins/support/json.h"

#include <cmath>
#include <cstring>

namespace bulkhead::builtins {

namespace {

void tableValues(NativeCall& call) {
  TypedSlot table = call.any(0);
  auto out = resultVector(call);
  if (!table.type->is(Tag::table)) {
    call.warn("table_values() takes a table");
    return call.returnRef(std::move(out));
  }
  const types::Type* type = table.type->asTable().value();
  for (vm::TableWalk walk(vm::tableOf(table.slot)); !walk.done(); walk.advance()) {
    if (type->isManaged()) vm::retain(walk.value());
    if (!out->append(call.heap().box(type, walk.value()))) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

void sameObject(NativeCall& call) {
  TypedSlot a = call.any(0), b = call.any(1);
  call.returnBool(a.type == b.type && a.slot.bits == b.slot.bits);
}

const types::Type* namedType(TypedSlot value) {
  return value.type->is(Tag::type) ? value.slot.type() : value.type;
}

void enumNames(NativeCall& call) {
  auto out = resultTable(call);
  TypedSlot given = call.any(0);
  const types::Type* type = namedType(given);
  if (type->is(Tag::string)) type = call.vm().program().findType(vm::textOf(given.slot));
  if (type == nullptr || !type->is(Tag::enumeration)) {
    call.warn("enum_names() takes an enum type or its name");
    return call.returnRef(std::move(out));
  }
  for (const auto& entry : type->asEnum().entries())
    if (!addText(call, *out, entry.name)) return;
  call.returnRef(std::move(out));
}

void recordFields(NativeCall& call) {
  auto out = resultTable(call);
  TypedSlot given = call.any(0);
  const types::Type* type = namedType(given);
  if (type->is(Tag::string)) type = call.vm().program().findType(vm::textOf(given.slot));
  if (type == nullptr || !type->is(Tag::record)) {
    call.warn("record_fields() requires a record value or type");
    return call.returnRef(std::move(out));
  }
  const vm::RecordObject* record =
      given.type->is(Tag::record) ? &vm::recordOf(given.slot) : nullptr;
  for (uint32_t i = 0; i < type->asRecord().fields().size(); ++i) {
    const types::Field& field = type->asRecord().field(i);
    RecordBuilder entry(call, call.functionType().result()->asTable().value());
    if (!entry) return;
    entry.text("type_name", types::typeText(field.type));
    entry.boolean("log", field.log);
    entry.boolean("optional", field.optional);
    if (record != nullptr && record->has(i)) {
      if (field.type->isManaged()) vm::retain(record->get(i));
      entry.set("value", call.heap().box(field.type, record->get(i)));
    }
    if (!addText(call, *out, field.name, entry.take().take())) return;
  }
  call.returnRef(std::move(out));
}

void globalIds(NativeCall& call) {
  auto out = resultTable(call);
  const auto& globals = call.vm().program().globals;
  for (uint32_t i = 0; i < globals.size(); ++i) {
    const auto& global = globals[i];
    RecordBuilder entry(call, call.functionType().result()->asTable().value());
    if (!entry) return;
    entry.text("type_name", types::typeText(global.type));
    entry.boolean("exported", global.isExported);
    entry.boolean("constant", global.isConst);
    entry.boolean("enum_constant", false);
    entry.boolean("option_value", global.isOption);
    entry.boolean("redefinable", global.isConst || global.isOption);
    entry.boolean("broker_backend", false);
    Value value = call.vm().global(i);
    if (!value.empty()) {
      const types::Type* type = value.type();
      entry.set("value", call.heap().box(type, value.take()));
    }
    if (!addText(call, *out, global.name, entry.take().take())) return;
  }
  call.returnRef(std::move(out));
}

void modulo(NativeCall& call) {
  int64_t a = call.integer(0), b = call.integer(1);
  if (b == 0) return call.fail("modulo by zero");
  if (b == -1) return call.returnInt(0);
  int64_t rest = a % b;
  call.returnInt(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

void bytesToFloat(NativeCall& call) {
  std::string_view bytes = call.text(0);
  if (bytes.size() != 4) {
    call.warn("bytes conversion to float");
    return call.returnReal(0);
  }
  uint32_t bits = 0;
  for (char c : bytes) bits = bits << 8 | static_cast<uint8_t>(c);
  float out;
  std::memcpy(&out, &bits, sizeof out);
  call.returnReal(static_cast<double>(out));
}

void ptrNameToAddr(NativeCall& call) {
  std::vector<std::string> parts(1);
  for (char c : call.text(0))
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  std::string address;
  size_t n = parts.size();
  if (n == 6 && parts[4] == "in-addr" && parts[5] == "arpa") {
    address = parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0];
  } else if (n == 34 && parts[32] == "ip6" && parts[33] == "arpa") {
    for (size_t i = 32; i-- > 0;) {
      address += parts[i];
      if (i % 4 == 0 && i > 0) address += ':';
    }
  }
  auto out = IpAddr::parse(address);
  if (!out) call.warn("bad PTR name: " + std::string(call.text(0)));
  call.returnAddr(out.value_or(IpAddr{}));
}

// Half-ASCII of RFC 1001, section 14.1: two letters A to P a byte.
std::optional<std::string> netbiosBytes(std::string_view name) {
  if (name.size() != 32) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < 32; i += 2) {
    int high = (name[i] & ~0x20) - 'A', low = (name[i + 1] & ~0x20) - 'A';
    if (high < 0 || high > 15 || low < 0 || low > 15) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}
void netbiosName(NativeCall& call) {
  std::string bytes = netbiosBytes(call.text(0)).value_or("");
  if (!bytes.empty()) bytes.pop_back();  // the type
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<unsigned char>(bytes[i]);
    if (c < 3 || (c >= 32 && c < 127)) continue;
    bytes.resize(i);
  }
  while (!bytes.empty() && (bytes.back() == ' ' || bytes.back() == '\0')) bytes.pop_back();
  call.returnText(bytes);
}
void netbiosType(NativeCall& call) {
  auto bytes = netbiosBytes(call.text(0));
  call.returnCount(bytes ? static_cast<unsigned char>(bytes->back()) : 256);
}

void communityId(NativeCall& call) {
  const vm::RecordObject& id = call.record(0);
  auto source = fieldOf(id, "orig_h"), destination = fieldOf(id, "resp_h");
  auto from = fieldOf(id, "orig_p"), to = fieldOf(id, "resp_p");
  if (!source || !destination || !from || !to) return call.returnText("");
  CommunityIdFlow flow;
  flow.source = vm::addrOf(source->slot);
  flow.destination = vm::addrOf(destination->slot);
  flow.sourcePort = from->slot.port().number;
  flow.destinationPort = to->slot.port().number;
  flow.seed = static_cast<uint16_t>(call.count(1));
  switch (from->slot.port().transport) {
    case Transport::tcp:
      flow.protocol = 6;
      break;
    case Transport::udp:
      flow.protocol = 17;
      break;
    case Transport::icmp:
      flow.protocol = flow.source.isV4() ? 1 : 58;
      break;
    default:
      return call.returnText("");
  }
  call.returnText(
      communityIdV1(flow, call.boolean(2) ? CommunityIdForm::base64 : CommunityIdForm::hex));
}

// ---- from_json

struct JsonReader {
  NativeCall& call;
  std::string error;

  Value fail(std::string why) {
    if (error.empty()) error = std::move(why);
    return {};
  }
  Value mismatch(const JsonValue& json, const types::Type* type) {
    return fail("cannot convert JSON type '" + std::string(json.kindName()) + "' to Zeek type '" +
                std::string(types::tagText(type->tag())) + "'");
  }
  Value text(const types::Type* type, std::string_view bytes) {
    vm::StringObject* object = call.heap().string(bytes);
    if (object == nullptr) return fail(outOfMemory);
    return Value::adopt(type, Slot::ofObject(object));
  }

  Value read(const JsonValue& json, const types::Type* type) {
    using Kind = JsonValue::Kind;
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
      case Tag::real:
      case Tag::time:
      case Tag::interval:
        if (!json.isNumber()) return mismatch(json, type);
        return Value::adopt(type, Slot::ofReal(json.real));
      case Tag::string:
        return isText ? text(type, json.text) : mismatch(json, type);
      case Tag::addr: {
        auto address = isText ? IpAddr::parse(json.text) : std::nullopt;
        if (!address) return mismatch(json, type);
        return Value::adopt(type, call.heap().addr(*address));
      }
      case Tag::subnet: {
        auto subnet = isText ? Subnet::parse(json.text) : std::nullopt;
        if (!subnet) return mismatch(json, type);
        return Value::adopt(type, call.heap().subnet(*subnet));
      }
      case Tag::enumeration: {
        const auto* entry = isText ? type->asEnum().findName(json.text) : nullptr;
        if (entry == nullptr) return mismatch(json, type);
        return Value::adopt(type, Slot::ofInt(entry->value));
      }
      case Tag::vector:
        return readVector(json, type);
      case Tag::set:
        return readSet(json, type);
      case Tag::record:
        return readRecord(json, type);
      default:
        return fail("type '" + std::string(types::tagText(type->tag())) + "' unsupported");
    }
  }
  Value readVector(const JsonValue& json, const types::Type* type) {
    if (json.kind != JsonValue::Kind::array) return mismatch(json, type);
    auto out = Ref<vm::VectorObject>::adopt(call.heap().vector(&type->asVector()));
    for (const JsonValue& item : json.items) {
      Value value = read(item, type->asVector().element());
      if (value.empty()) return {};
      if (!out->append(value.take())) return fail(outOfMemory);
    }
    return Value::adopt(type, out.take());
  }
  Value readSet(const JsonValue& json, const types::Type* type) {
    const auto& indices = type->asTable().indices();
    if (json.kind != JsonValue::Kind::array) return mismatch(json, type);
    if (indices.size() != 1) return fail("sets with several indices are not supported");
    auto out = Ref<vm::TableObject>::adopt(call.heap().table(&type->asTable()));
    for (const JsonValue& item : json.items) {
      Value value = read(item, indices[0]);
      if (value.empty()) return {};
      Slot key = value.take();
      if (out->insert(&key, Slot::unset()) == vm::TableObject::none) return fail(outOfMemory);
    }
    return Value::adopt(type, out.take());
  }
  Value readRecord(const JsonValue& json, const types::Type* type) {
    if (json.kind != JsonValue::Kind::object) return mismatch(json, type);
    auto out = call.vm().makeRecord(&type->asRecord());
    if (!out) return fail(outOfMemory);
    for (uint32_t i = 0; i < type->asRecord().fields().size(); ++i) {
      const types::Field& field = type->asRecord().field(i);
      const JsonValue* member = json.member(field.name);
      if (member != nullptr && member->kind != JsonValue::Kind::null) {
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
};

// Renames the members of all objects as the script's function says.
bool mapKeys(NativeCall& call, JsonValue& json, vm::FunctionObject& mapper) {
  for (JsonValue& item : json.items)
    if (!mapKeys(call, item, mapper)) return false;
  for (auto& [name, member] : json.members) {
    auto text = Ref<vm::StringObject>::adopt(call.heap().string(name));
    if (!text) return false;
    const types::Type* string = call.vm().types().basic(Tag::string);
    TypedSlot argument{string, text.slot()};
    Value answer = call.invoke(mapper, {&argument, 1}, string);
    if (call.failed() || answer.empty()) return false;
    name = vm::textOf(answer.slot());
    if (!mapKeys(call, member, mapper)) return false;
  }
  return true;
}

void fromJson(NativeCall& call) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  out.boolean("valid", false);
  TypedSlot wanted = call.any(1);
  JsonReader reader{call, {}};
  Value value;
  if (!wanted.type->is(Tag::type)) {
    reader.fail("from_json() requires a type argument");
  } else {
    JsonParsed parsed = parseJson(call.text(0));
    call.charge(call.text(0).size() / 16);
    if (!parsed.value) {
      reader.fail("JSON parse error: " + parsed.error +
                  " Offset: " + std::to_string(parsed.offset));
    } else {
      vm::FunctionObject& mapper = call.function(2);
      bool plain =
          call.vm().program().functions[mapper.function].name == "from_json_default_key_mapper";
      if (!plain && !mapKeys(call, *parsed.value, mapper)) {
        if (call.failed()) return;
        reader.fail("the key function failed");
      } else {
        value = reader.read(*parsed.value, wanted.slot.type());
      }
    }
  }
  if (value.empty()) {
    out.text("err", reader.error);
  } else {
    const types::Type* type = value.type();
    out.set("v", call.heap().box(type, value.take()));
    out.boolean("valid", true);
  }
  call.returnRef(out.take());
}

constexpr vm::NativeRow rows[] = {
    {"table_values", "function(t: any): any_vec", "The values of a table.", tableValues},
    {"same_object", "function(o1: any, o2: any): bool", "Whether both are one object in memory.",
     sameObject},
    {"enum_names", "function(et: any): string_set", "The names of an enum's values.", enumNames},
    {"record_fields", "function(rec: any): record_field_table", "What a record's fields are.",
     recordFields},
    {"global_ids", "function(): id_table", "What the globals are.", globalIds},
    {"modulo", "function(a: int, b: int): int", "The remainder with the sign of `b`.", modulo},
    {"bytestring_to_float", "function(s: string): double",
     "The IEEE 754 single of 4 bytes in network order.", bytesToFloat},
    {"ptr_name_to_addr", "function(s: string): addr", "The reverse of addr_to_ptr_name.",
     ptrNameToAddr},
    {"decode_netbios_name", "function(name: string): string",
     "A NetBIOS name without padding and type; empty if malformed.", netbiosName},
    {"decode_netbios_name_type", "function(name: string): count",
     "The type of a NetBIOS name; 256 if malformed.", netbiosType},
    {"community_id_v1",
     "function(cid: conn_id, seed: count &default=0, do_base64: bool &default=T): string",
     "The Community ID of a connection.", communityId},
    {"from_json",
     "function(s: string, t: any, key_func: string_mapper &default=from_json_default_key_mapper): "
     "from_json_result",
     "The value of a type that a JSON text describes.", fromJson},
};

}  // namespace

Rows reflectionRows() { return rows; }

}  // namespace bulkhead::builtins
