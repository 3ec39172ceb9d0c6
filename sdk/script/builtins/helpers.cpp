#include "sdk/script/builtins/helpers.h"

#include "common/unique-id.h"
#include "sdk/script/builtins/reach.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/key-bytes.h"

#include <cstring>

namespace bulkhead::builtins {

std::optional<TypedSlot> fieldOf(const vm::RecordObject& record, std::string_view field) {
  auto offset = record.layout->type->offsetOf(field);
  if (!offset || !record.has(*offset)) return std::nullopt;
  return TypedSlot{record.layout->type->field(*offset).type, record.get(*offset)};
}

bool addText(NativeCall& call, vm::TableObject& table, std::string_view key, Slot value) {
  vm::StringObject* object = call.heap().string(key);
  if (object != nullptr) {
    Slot slot = Slot::ofObject(object);
    if (table.insert(&slot, value) != vm::TableObject::none) return true;
  }
  call.fail(outOfMemory);
  return false;
}

bool appendText(NativeCall& call, vm::VectorObject& vector, std::string_view text) {
  vm::StringObject* object = call.heap().string(text);
  if (object != nullptr && vector.append(Slot::ofObject(object))) return true;
  call.fail(outOfMemory);
  return false;
}

Ref<vm::VectorObject> resultVector(NativeCall& call) {
  const types::Type* type = call.functionType().result();
  return Ref<vm::VectorObject>::adopt(call.heap().vector(&type->asVector()));
}

Ref<vm::VectorObject> boxedVector(NativeCall& call, const types::Type* element) {
  auto vector =
      Ref<vm::VectorObject>::adopt(call.heap().vector(call.vm().types().boxedVector(element)));
  if (!vector) call.fail(outOfMemory);
  return vector;
}

Ref<vm::TableObject> resultTable(NativeCall& call) {
  const types::Type* type = call.functionType().result();
  return Ref<vm::TableObject>::adopt(call.heap().table(&type->asTable()));
}

void returnTexts(NativeCall& call, std::span<const std::string_view> texts) {
  auto vector = resultVector(call);
  for (std::string_view text : texts)
    if (!appendText(call, *vector, text)) return;
  call.returnRef(std::move(vector));
}

std::optional<TypedSlot> globalOf(vm::Vm& vm, std::string_view name) {
  auto index = vm.findGlobal(name);
  if (!index) return std::nullopt;
  Value value = vm.global(*index);
  if (value.empty()) return std::nullopt;
  // Borrowed from the Vm, which keeps its own count.
  return value.view();
}

std::string textGlobal(vm::Vm& vm, std::string_view name) {
  auto value = globalOf(vm, name);
  if (!value || !value->type->is(Tag::string)) return {};
  return std::string(vm::textOf(value->slot));
}

uint64_t countGlobal(vm::Vm& vm, std::string_view name, uint64_t otherwise) {
  auto value = globalOf(vm, name);
  if (!value || !(value->type->is(Tag::count) || value->type->is(Tag::integer))) return otherwise;
  return value->slot.count;
}

std::string_view enumName(const types::Type* type, int64_t value) {
  const auto* entry = type->asEnum().findValue(value);
  return entry ? std::string_view(entry->name) : std::string_view();
}

namespace {

// As UniqueIds have it: out of ZEEK_SEED_FILE, or a fixed one.
bulkhead::SipKey hashKey(vm::Vm& vm) {
  constexpr bulkhead::SipKey fixed = {'b', 'u', 'l', 'k', 'h', 'e', 'a', 'd'};
  return keyFromSeeds(vm.extension<Services>().facts.seeds).value_or(fixed);
}

}  // namespace

std::string keyBytes(NativeCall& call, TypedSlot value) {
  std::string key;
  // What can be no table index is told apart by its text.
  if (!vm::appendKey(key, value, hashKey(call.vm()))) key = call.vm().describe(value);
  return key;
}

SipKey runKey(vm::Vm& vm) {
  bulkhead::SipKey bytes = hashKey(vm);
  SipKey key;
  std::memcpy(&key.low, bytes.data(), sizeof key.low);
  std::memcpy(&key.high, bytes.data() + sizeof key.low, sizeof key.high);
  return key;
}

std::string hexText(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::vector<TypedSlot> argumentsOf(NativeCall& call) {
  std::vector<TypedSlot> out;
  for (size_t i = 0; i < call.argumentCount(); ++i) out.push_back(call.any(i));
  return out;
}

// A result that says nothing: what a compartment without the asked-for thing answers.
void returnNeutral(NativeCall& call) {
  const types::Type* type = call.functionType().result();
  switch (type->tag()) {
    case Tag::void_:
      return;
    case Tag::string:
      return call.returnText("");
    case Tag::addr:
      return call.returnAddr(IpAddr{});
    case Tag::set:
    case Tag::table:
      return call.returnRef(resultTable(call));
    case Tag::vector:
      return call.returnRef(resultVector(call));
    case Tag::record: {
      auto record = call.vm().makeRecord(&type->asRecord());
      if (!record) return call.fail(outOfMemory);
      return call.returnRef(std::move(record));
    }
    case Tag::boolean:
    case Tag::count:
    case Tag::integer:
    case Tag::real:
    case Tag::time:
    case Tag::interval:
    case Tag::enumeration:
      return call.returnSlot(Slot::ofCount(0));
    default:
      return call.fail("there is no value to answer with");
  }
}

}  // namespace bulkhead::builtins
