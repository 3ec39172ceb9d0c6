#pragma once
// Short forms that several families share. Private to builtins and frameworks.
//
// None of these keeps state. A null or empty result means the heap's hard limit (the call is then
// failed already) unless it says otherwise.

#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/vm/heap.h"
#include "sdk/script/vm/native.h"
#include "sdk/script/vm/table.h"
#include "sdk/script/vm/vm.h"

#include <cassert>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

using types::Tag;
using vm::NativeCall;
using vm::Ref;
using vm::Slot;
using vm::TypedSlot;
using vm::Value;

constexpr const char* outOfMemory = "the memory limit does not allow this result";

// A message at the calling expression that shows the offending value, as Zeek's do.
inline void complain(NativeCall& call, std::string message, TypedSlot shown) {
  call.warn(std::move(message) + " (" + call.vm().describe(shown) + ")");
}

// Fields of a record by name, for records that the base library declares. A name that it does not
// declare is skipped: an older or reduced library still works.
class RecordBuilder {
 public:
  RecordBuilder(NativeCall& call, const types::Type* type)
      : call_(call), record_(call.vm().makeRecord(&type->asRecord())) {
    if (!record_) call.fail(outOfMemory);
  }
  explicit operator bool() const { return static_cast<bool>(record_); }
  // Takes over one count of `value`.
  void set(std::string_view field, Slot value) {
    if (auto offset = record_->layout->type->offsetOf(field))
      record_->set(*offset, value);
    else
      assert(false);
  }
  void text(std::string_view field, std::string_view value) {
    if (vm::StringObject* object = call_.heap().string(value))
      set(field, Slot::ofObject(object));
    else
      call_.fail(outOfMemory);
  }
  void boolean(std::string_view field, bool value) { set(field, Slot::ofBool(value)); }
  void count(std::string_view field, uint64_t value) { set(field, Slot::ofCount(value)); }
  void real(std::string_view field, double value) { set(field, Slot::ofReal(value)); }
  const types::Type* typeOf(std::string_view field) const {
    auto offset = record_->layout->type->offsetOf(field);
    return offset ? record_->layout->type->field(*offset).type : nullptr;
  }
  vm::RecordObject& object() { return *record_; }
  Ref<vm::RecordObject> take() { return std::move(record_); }

 private:
  NativeCall& call_;
  Ref<vm::RecordObject> record_;
};

// A field's slot, or empty if the record has no such field or it is not set. Borrowed.
std::optional<TypedSlot> fieldOf(const vm::RecordObject& record, std::string_view field);

// A set or table with one string key: adds the key (and value, which is taken over).
bool addText(NativeCall& call, vm::TableObject& table, std::string_view key,
             Slot value = Slot::unset());
bool appendText(NativeCall& call, vm::VectorObject& vector, std::string_view text);

// An empty container of the call's result type.
Ref<vm::VectorObject> resultVector(NativeCall& call);
Ref<vm::TableObject> resultTable(NativeCall& call);
// A vector of any for values that are all of one type.
Ref<vm::VectorObject> boxedVector(NativeCall& call, const types::Type* element);
void returnTexts(NativeCall& call, std::span<const std::string_view> texts);

// The value of a global that the base library declares; empty if it does not.
std::optional<TypedSlot> globalOf(vm::Vm& vm, std::string_view name);
std::string textGlobal(vm::Vm& vm, std::string_view name);
uint64_t countGlobal(vm::Vm& vm, std::string_view name, uint64_t otherwise);

// The name of an enum value, such as "Notice::LOG"; empty if the type has none for it.
std::string_view enumName(const types::Type* type, int64_t value);

// Bytes that tell apart any two different values of one type: for hashes and sketches.
std::string keyBytes(NativeCall& call, TypedSlot value);

// The key of the run's keyed hashes: out of ZEEK_SEED_FILE, or a fixed one.
SipKey runKey(vm::Vm& vm);

// Two lower-case hex digits a byte.
std::string hexText(std::string_view bytes);

}  // namespace bulkhead::builtins
