#include "sdk/script/builtins/helpers.h"

#include "sdk/script/vm/describe.h"

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

std::string keyBytes(NativeCall& call, TypedSlot value) {
  if (value.type->is(Tag::string)) return std::string(vm::textOf(value.slot));
  if (!value.type->isManaged())
    return std::string(reinterpret_cast<const char*>(&value.slot.bits), sizeof value.slot.bits);
  // The description of a container is as exact as its elements' and needs no second walker.
  return call.vm().describe(value);
}

}  // namespace bulkhead::builtins
