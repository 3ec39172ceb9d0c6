#pragma once
// What the log framework keeps of streams, filters, writers and waiting rows. Private to it.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/frameworks/log/log-framework.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bulkhead::frameworks {

using builtins::enumName;
using builtins::fieldOf;
using builtins::globalOf;
using types::Tag;
using vm::Slot;
using vm::TypedSlot;
using vm::Value;

struct LogFramework::Writer {
  uint32_t id = 0;
};

struct LogFramework::Filter {
  std::string name;
  Value record;  // the script's Filter, for its hooks
  std::string path;
  Value pathFunction, extensionFunction, policy;
  const types::RecordType* extension = nullptr;
  std::vector<ColumnPath> extensionColumns, columns;
  std::string writer;
  double rotation = 0;
  std::string postprocessor;
  LogNameRules names;
  bool local = true;
  bool standard = false;
  bool contributes = false;
  std::map<std::string, Writer> writers;  // by path
};

struct LogFramework::Stream {
  int64_t id = 0;
  const types::EnumType* idType = nullptr;
  std::string name;
  const types::RecordType* columns = nullptr;
  const types::Type* recordType = nullptr;
  bool enabled = true;
  bool standard = false;
  std::optional<vm::EventId> event;
  std::string path;
  Value policy;
  RowLimits limits;
  std::vector<ColumnPath> identifying;  // of a standard stream
  double maxDelay = 0.2;
  uint64_t maxDelayQueue = 1000;
  int64_t delayed = 0;
  std::vector<std::unique_ptr<Filter>> filters;
};

struct LogFramework::Delayed {
  int64_t stream = 0;
  Value record;
  LogCause cause;
  uint64_t token = 0;
  uint64_t references = 0;
  std::vector<Value> callbacks;
};

// Takes the value of a field, boxes taken off; empty if it is not set.
inline Value fieldValue(const vm::RecordObject& record, std::string_view name) {
  auto field = fieldOf(record, name);
  if (!field) return {};
  TypedSlot plain = vm::unboxed(*field);
  return Value::share(plain.type, plain.slot);
}
inline std::string fieldText(const vm::RecordObject& record, std::string_view name) {
  Value value = fieldValue(record, name);
  return value.empty() || !value.type()->is(Tag::string) ? std::string()
                                                         : std::string(vm::textOf(value.slot()));
}
inline uint64_t fieldCount(const vm::RecordObject& record, std::string_view name,
                           uint64_t otherwise) {
  Value value = fieldValue(record, name);
  return value.empty() ? otherwise : value.slot().count;
}
inline double fieldReal(const vm::RecordObject& record, std::string_view name, double otherwise) {
  Value value = fieldValue(record, name);
  return value.empty() ? otherwise : value.slot().real;
}

inline std::string keyText(vm::TableObject& table, std::string_view key, std::string otherwise) {
  vm::Ref<vm::StringObject> text =
      vm::Ref<vm::StringObject>::adopt(vm::Heap::of(&table).string(key));
  if (!text) return otherwise;
  Slot slot = text.slot();
  uint32_t entry = table.find(&slot);
  if (entry == vm::TableObject::none) return otherwise;
  return table.info->hasValue ? std::string(vm::textOf(*table.valueOf(entry))) : std::string(key);
}
inline bool hasKey(vm::TableObject& table, std::string_view key) {
  auto text = vm::Ref<vm::StringObject>::adopt(vm::Heap::of(&table).string(key));
  Slot slot = text.slot();
  return text && table.find(&slot) != vm::TableObject::none;
}

}  // namespace bulkhead::frameworks
