// Values looked at from outside: types, fields, names.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/reach.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/community-id.h"

#include <cmath>
#include <cstring>
#include <set>
#include <string>

namespace bulkhead::builtins {

namespace {

void tableValues(NativeCall& call) {
  TypedSlot table = call.any(0);
  if (!table.type->is(Tag::table) || table.type->asTable().unspecified()) {
    if (!table.type->is(Tag::table)) call.warn("table_values() takes a table");
    return call.returnRef(resultVector(call));
  }
  const types::Type* type = table.type->asTable().value();
  auto out = boxedVector(call, type);
  if (!out) return;
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

// The type that a script names: a type, the type of a value, or the name of a type as a text.
const types::Type* typeGiven(NativeCall& call, TypedSlot given) {
  if (given.type->is(Tag::type)) return given.slot.type();
  if (given.type->is(Tag::string)) return call.vm().program().findType(vm::textOf(given.slot));
  return given.type;
}

void enumNames(NativeCall& call) {
  auto out = resultTable(call);
  const types::Type* type = typeGiven(call, call.any(0));
  if (type == nullptr || !type->is(Tag::enumeration)) {
    call.warn("enum_names() takes an enum type or its name");
    return call.returnRef(std::move(out));
  }
  for (const auto& entry : type->asEnum().entries())
    if (!addText(call, *out, entry.name)) return;
  call.returnRef(std::move(out));
}

// As typeText(), with "record" and "enum" before the names of such types.
std::string fieldTypeText(const types::Type* type) {
  switch (type->tag()) {
    case Tag::record:
      return type->name().empty() ? types::typeText(type) : "record " + type->name();
    case Tag::enumeration:
      return "enum " + type->name();
    case Tag::vector:
      if (type->asVector().unspecified()) break;
      return "vector of " + fieldTypeText(type->asVector().element());
    case Tag::set:
    case Tag::table: {
      if (type->asTable().unspecified()) break;
      std::string out = type->is(Tag::set) ? "set[" : "table[";
      for (const types::Type* index : type->asTable().indices()) {
        if (out.back() != '[') out += ',';
        out += fieldTypeText(index);
      }
      out += ']';
      if (type->is(Tag::table)) out += " of " + fieldTypeText(type->asTable().value());
      return out;
    }
    default:
      break;
  }
  return types::typeText(type);
}

void recordFields(NativeCall& call) {
  // In the order of declaration, whatever the seeds.
  static const vm::TableAttributes inOrder = [] {
    vm::TableAttributes attributes;
    attributes.ordered = true;
    return attributes;
  }();
  auto out = resultTable(call);
  if (!out->attach(&inOrder)) return call.fail(outOfMemory);
  TypedSlot given = call.any(0);
  const types::Type* type = typeGiven(call, given);
  if (type == nullptr) call.warn("record_fields string argument does not name a record type");
  if (type == nullptr || !type->is(Tag::record)) return call.returnRef(std::move(out));
  const vm::RecordObject* record =
      given.type->is(Tag::record) ? &vm::recordOf(given.slot) : nullptr;
  // One with nothing but its defaults.
  auto fresh = call.vm().makeRecord(&type->asRecord());
  if (!fresh) return call.fail(outOfMemory);
  auto boxed = [&](const types::Field& field, Slot slot) {
    if (field.type->isManaged()) vm::retain(slot);
    return call.heap().box(field.type, slot);
  };
  for (uint32_t i = 0; i < type->asRecord().fields().size(); ++i) {
    const types::Field& field = type->asRecord().field(i);
    bool hasDefault = field.defaultExpr != types::noIndex;
    RecordBuilder entry(call, call.functionType().result()->asTable().value());
    if (!entry) return;
    entry.text("type_name", fieldTypeText(field.type));
    entry.boolean("log", field.log);
    entry.boolean("optional", field.optional || hasDefault);
    if (record != nullptr && record->has(i)) entry.set("value", boxed(field, record->get(i)));
    if (hasDefault && fresh->has(i)) entry.set("default_val", boxed(field, fresh->get(i)));
    if (call.failed() || !addText(call, *out, field.name, entry.take().take())) return;
  }
  call.returnRef(std::move(out));
}

// All names under which the value's or the type's own type is known.
void typeAliases(NativeCall& call) {
  auto out = resultTable(call);
  TypedSlot given = call.any(0);
  const types::Type* type = given.type->is(Tag::type) ? given.slot.type() : given.type;
  for (const std::string& name : call.vm().types().namesOf(type))
    if (!addText(call, *out, name)) return;
  call.returnRef(std::move(out));
}

// ---- Components

// What a category of components is known as in scripts.
const types::Type* tagsOf(NativeCall& call, std::string_view category) {
  const std::pair<std::string_view, std::string_view> known[] = {
      {"ANALYZER", "Analyzer::Tag"},
      {"PACKET_ANALYZER", "PacketAnalyzer::Tag"},
      {"FILE_ANALYZER", "Files::Tag"},
      {"READER", "Input::Reader"},
      {"WRITER", "Log::Writer"}};
  for (auto [name, type] : known)
    if (name == category) return call.vm().program().findType(type);
  return nullptr;
}
void components(NativeCall& call) {
  auto out = resultVector(call);
  std::string category(call.text(0));
  const types::Type* tags = tagsOf(call, category);
  if (tags == nullptr) {
    call.warn("Unknown category type: " + category);
    return call.returnRef(std::move(out));
  }
  for (const auto& entry : tags->asEnum().entries()) {
    // "Analyzer::ANALYZER_FTP"
    size_t at = entry.name.rfind(category.substr(category.rfind('_') + 1) + "_");
    if (at == std::string::npos) continue;
    std::string name = entry.name.substr(entry.name.find('_', at) + 1);
    RecordBuilder component(call, out->type->element());
    if (!component) return;
    component.text("name", name);
    component.text("canonical_name", name);
    component.text("tag", category + "_" + name);
    component.boolean("enabled", true);
    if (call.failed()) return;
    if (!out->append(component.take().take())) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

// ---- The names of a program

class Listing {
 public:
  explicit Listing(NativeCall& call) : call_(call), out_(resultTable(call)) {}

  bool failed() const { return call_.failed(); }
  void add(const std::string& name, std::string_view type, const vm::Global* global, Value value) {
    if (failed()) return;
    RecordBuilder entry(call_, call_.functionType().result()->asTable().value());
    if (!entry) return;
    entry.text("type_name", type);
    entry.boolean("exported", global != nullptr && global->isExported);
    entry.boolean("constant", global != nullptr && global->isConst);
    entry.boolean("enum_constant", false);
    entry.boolean("option_value", global != nullptr && global->isOption);
    entry.boolean("redefinable", global != nullptr && (global->isConst || global->isOption));
    entry.boolean("broker_backend", false);
    if (!value.empty()) {
      const types::Type* own = value.type();
      entry.set("value", call_.heap().box(own, value.take()));
    }
    const auto& attributes = call_.vm().program().writtenAttributes;
    if (auto written = attributes.find(name); global != nullptr && written != attributes.end())
      addAttributes(entry, written->second);
    if (!failed()) addText(call_, *out_, name, entry.take().take());
  }
  void finish() {
    if (!failed()) call_.returnRef(std::move(out_));
  }

 private:
  void addAttributes(RecordBuilder& entry,
                     const std::vector<vm::Program::WrittenAttribute>& written) {
    auto list =
        Ref<vm::VectorObject>::adopt(call_.heap().vector(&entry.typeOf("attributes")->asVector()));
    if (!list) return call_.fail(outOfMemory);
    for (const auto& each : written) {
      RecordBuilder attribute(call_, list->type->element());
      if (!attribute) return;
      attribute.text("name", each.name);
      if (!each.value.empty()) attribute.text("expr", each.value);
      if (failed()) return;
      if (!list->append(attribute.take().take())) return call_.fail(outOfMemory);
    }
    entry.set("attributes", list.take());
  }

  NativeCall& call_;
  Ref<vm::TableObject> out_;
};

void globalIds(NativeCall& call) {
  if (!call.vm().initialized())
    return call.fail("global_ids() cannot be called while globals get their first values");
  Listing out(call);
  const vm::Program& program = call.vm().program();
  for (uint32_t i = 0; i < program.globals.size(); ++i) {
    const vm::Global& global = program.globals[i];
    out.add(global.name, types::typeText(global.type), &global, call.vm().global(i));
  }
  for (uint32_t i = 0; i < program.functions.size(); ++i) {
    const vm::Function& function = program.functions[i];
    // What has no name that a script could write.
    if (function.name.empty() || function.name.find('<') != std::string::npos) continue;
    Value value = Value::adopt(function.type, call.vm().functionValue(i).take());
    out.add(function.name, types::typeText(function.type), nullptr, std::move(value));
  }
  for (const std::string& module : program.modules)
    if (!module.empty()) out.add("module " + module, "module", nullptr, {});
  out.finish();
}

void globalOptions(NativeCall& call) {
  auto out = resultTable(call);
  for (const vm::Global& global : call.vm().program().globals)
    if (global.isOption && !addText(call, *out, global.name)) return;
  call.returnRef(std::move(out));
}

// ---- Sizes

// As the reference counts: one for each part, and for strings one more for each 16 bytes.
class Footprint {
 public:
  explicit Footprint(NativeCall& call) : call_(call) {}

  uint64_t of(TypedSlot value) {
    value = vm::unboxed(value);
    call_.charge(1);
    bool container =
        value.type->isTableOrSet() || value.type->is(Tag::vector) || value.type->is(Tag::record);
    if (!container)
      return 1 + (value.type->is(Tag::string) ? vm::textOf(value.slot).size() / 16 : 0);
    // A container within itself, or nested deeper than anybody would.
    constexpr size_t deepest = 500;
    if (path_.size() > deepest || !path_.insert(value.slot.object).second) return 1;
    uint64_t size = value.type->is(Tag::record)   ? ofRecord(vm::recordOf(value.slot))
                    : value.type->is(Tag::vector) ? ofVector(vm::vectorOf(value.slot))
                                                  : ofTable(vm::tableOf(value.slot));
    path_.erase(value.slot.object);
    return size;
  }

 private:
  uint64_t ofRecord(const vm::RecordObject& record) {
    uint64_t size = record.layout->fieldCount;
    for (uint32_t i = 0; i < record.layout->fieldCount; ++i)
      if (record.has(i)) size += of({record.layout->type->field(i).type, record.get(i)});
    return size;
  }
  uint64_t ofVector(const vm::VectorObject& vector) {
    uint64_t size = vector.size;
    for (uint32_t i = 0; i < vector.size; ++i)
      if (vector.has(i)) size += of({vector.type->element(), vector.data[i]});
    return size;
  }
  uint64_t ofTable(vm::TableObject& table) {
    uint64_t size = table.size();
    for (vm::TableWalk walk(table); !walk.done(); walk.advance()) {
      // The indices are a list, which counts too.
      size += table.info->keyCount;
      for (uint32_t k = 0; k < table.info->keyCount; ++k)
        size += of({table.info->keyTypes[k], walk.keys()[k]});
      if (table.info->hasValue) size += of({table.info->type->value(), walk.value()});
    }
    return size;
  }

  NativeCall& call_;
  std::set<const vm::Object*> path_;
};

void footprint(NativeCall& call) { call.returnCount(Footprint(call).of(call.any(0))); }
void containerFootprints(NativeCall& call) {
  auto out = resultTable(call);
  const auto& globals = call.vm().program().globals;
  for (uint32_t i = 0; i < globals.size(); ++i) {
    Value value = call.vm().global(i);
    if (value.empty()) continue;
    const types::Type* type = value.type();
    if (!type->isTableOrSet() && !type->is(Tag::vector) && !type->is(Tag::record)) continue;
    uint64_t size = Footprint(call).of(value.view());
    if (!addText(call, *out, globals[i].name, Slot::ofCount(size))) return;
  }
  call.returnRef(std::move(out));
}

// ---- Numbers, names and flows

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
  auto protocol = fieldOf(id, "proto");
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
      if (!protocol || protocol->slot.count > 255) {
        complain(call, "CommunityID: unknown transport layer", call.any(0));
        return call.returnText("");
      }
      flow.protocol = static_cast<uint8_t>(protocol->slot.count);
  }
  call.returnText(
      communityIdV1(flow, call.boolean(2) ? CommunityIdForm::base64 : CommunityIdForm::hex));
}

constexpr vm::NativeRow rows[] = {
    {"table_values", "function(t: any): any_vec", "The values of a table, in its order.",
     tableValues},
    {"same_object", "function(o1: any, o2: any): bool", "Whether both are one object in memory.",
     sameObject},
    {"enum_names", "function(et: any): string_set",
     "The names of the values of an enum, which is given as a type or by its name.", enumNames},
    {"record_fields", "function(rec: any): record_field_table",
     "What the fields of a record are, which is given as a value, a type or by its type's name. "
     "Empty for other types.",
     recordFields},
    {"type_aliases", "function(x: any): string_set",
     "All names of the type of a value, or of a type; empty if it has no name.", typeAliases},
    {"get_record_field_comments", "function(name: string): string",
     "Always empty: comments are not kept at run time.", returnNeutral},
    {"get_record_field_declaring_script", "function(name: string): string",
     "Always empty: where names stand is not kept at run time.", returnNeutral},
    {"get_identifier_comments", "function(name: string): string",
     "Always empty: comments are not kept at run time.", returnNeutral},
    {"get_identifier_declaring_script", "function(name: string): string",
     "Always empty: where names stand is not kept at run time.", returnNeutral},
    {"get_script_comments", "function(name: string): string",
     "Always empty: comments are not kept at run time.", returnNeutral},
    {"get_package_readme", "function(name: string): string",
     "Always empty: what is no script does not reach a compartment.", returnNeutral},
    {"get_plugin_components", "function(category: string): plugin_component_vec",
     "The analyzers, readers or writers there are: `category` is ANALYZER, PACKET_ANALYZER, "
     "FILE_ANALYZER, READER or WRITER.",
     components},
    {"global_ids", "function(): id_table",
     "All globals and functions by name, globals with their attributes, and each module as "
     "\"module NAME\".",
     globalIds},
    {"global_options", "function(): string_set", "The names of all options.", globalOptions},
    {"val_footprint", "function(v: any): count",
     "A measure of a value's size: the number of its parts. Longer strings count more.", footprint},
    {"global_container_footprints", "function(): var_sizes",
     "That measure for each global that is a container or record.", containerFootprints},
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
};

}  // namespace

Rows reflectionRows() { return rows; }

}  // namespace bulkhead::builtins
