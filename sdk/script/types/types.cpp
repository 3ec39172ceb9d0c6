#include "sdk/script/types/types.h"

#include <utility>

namespace bulkhead::types {

const EnumType::Entry* EnumType::findValue(int64_t value) const {
  auto it = byValue_.find(value);
  return it == byValue_.end() ? nullptr : &entries_[it->second];
}

const EnumType::Entry* EnumType::findName(std::string_view qualified) const {
  auto it = byName_.find(std::string(qualified));
  return it == byName_.end() ? nullptr : &entries_[it->second];
}

bool EnumType::add(Entry entry) {
  auto index = static_cast<uint32_t>(entries_.size());
  if (!byName_.emplace(entry.name, index).second) return false;
  byValue_.emplace(entry.value, index);  // the first name of a value stays its text
  if (entry.value >= nextValue_ && entry.value != INT64_MAX) nextValue_ = entry.value + 1;
  entries_.push_back(std::move(entry));
  return true;
}

std::optional<uint32_t> RecordType::offsetOf(std::string_view field) const {
  auto it = byName_.find(std::string(field));
  if (it == byName_.end()) return std::nullopt;
  return it->second;
}

bool RecordType::add(Field field) {
  if (!byName_.emplace(field.name, static_cast<uint32_t>(fields_.size())).second) return false;
  fields_.push_back(std::move(field));
  return true;
}

template <typename T>
T& TypeTable::add(Tag tag, std::string name) {
  auto* type = new T(tag, static_cast<uint32_t>(types_.size()), std::move(name));
  types_.emplace_back(type);
  return *type;
}

template <typename T>
T& TypeTable::intern(const std::string& key, Tag tag, bool& fresh) {
  auto [it, inserted] = interned_.try_emplace(key, nullptr);
  fresh = inserted;
  if (inserted) it->second = &add<T>(tag);
  return static_cast<T&>(*it->second);
}

namespace {

// Interning keys are spelt from the ids of the parts: parts are interned first, so ids suffice.
void append(std::string& key, const Type* type) {
  key += type == nullptr ? std::string("-") : std::to_string(type->id());
  key += ',';
}

}  // namespace

TypeTable::TypeTable() {
  for (int tag = 0; tag <= static_cast<int>(Tag::list); ++tag) {
    auto t = static_cast<Tag>(tag);
    switch (t) {
      case Tag::enumeration:
      case Tag::table:
      case Tag::set:
      case Tag::vector:
      case Tag::record:
      case Tag::function:
      case Tag::file:
      case Tag::opaque:
      case Tag::type:
      case Tag::list:
        basics_.push_back(nullptr);
        break;
      default:
        basics_.push_back(&add<Type>(t));
    }
  }
}

const Type* TypeTable::basic(Tag tag) const {
  const Type* type = basics_[static_cast<size_t>(tag)];
  assert(type != nullptr && "this tag has parameters");
  return type;
}

EnumType& TypeTable::makeEnum(std::string name) {
  return add<EnumType>(Tag::enumeration, std::move(name));
}

RecordType& TypeTable::makeRecord(std::string name) {
  return add<RecordType>(Tag::record, std::move(name));
}

const OpaqueType* TypeTable::opaque(std::string_view name) {
  bool fresh;
  auto& type = intern<OpaqueType>("opaque " + std::string(name), Tag::opaque, fresh);
  if (fresh) type.opaqueName_ = name;
  return &type;
}

const FileType* TypeTable::file(const Type* element) {
  bool fresh;
  std::string key = "file ";
  append(key, element);
  auto& type = intern<FileType>(key, Tag::file, fresh);
  if (fresh) type.element_ = element;
  return &type;
}

const TableType* TypeTable::table(std::vector<const Type*> indices, const Type* value) {
  Tag tag = value == nullptr && !indices.empty() ? Tag::set : Tag::table;
  std::string key = tag == Tag::set ? "set " : "table ";
  for (const Type* index : indices) append(key, index);
  key += ':';
  append(key, value);
  bool fresh;
  auto& type = intern<TableType>(key, tag, fresh);
  if (fresh) {
    type.indices_ = std::move(indices);
    type.value_ = value;
  }
  return &type;
}

const TableType* TypeTable::unspecifiedTable() { return table({}, nullptr); }

const TableType* TypeTable::set(std::vector<const Type*> indices) {
  if (!indices.empty()) return table(std::move(indices), nullptr);
  bool fresh;
  return &intern<TableType>("set ()", Tag::set, fresh);
}

const VectorType* TypeTable::vector(const Type* element) {
  bool fresh;
  std::string key = "vector ";
  append(key, element);
  auto& type = intern<VectorType>(key, Tag::vector, fresh);
  if (fresh) type.element_ = element;
  return &type;
}

const VectorType* TypeTable::boxedVector(const Type* element) {
  bool fresh;
  std::string key = "boxed ";
  append(key, element);
  auto& type = intern<VectorType>(key, Tag::vector, fresh);
  if (fresh) {
    type.element_ = basic(Tag::any);
    type.name_ = typeText(vector(element));
  }
  return &type;
}

const ListType* TypeTable::list(std::vector<const Type*> elements) {
  bool fresh;
  std::string key = "list ";
  for (const Type* element : elements) append(key, element);
  auto& type = intern<ListType>(key, Tag::list, fresh);
  if (fresh) type.elements_ = std::move(elements);
  return &type;
}

const TypeType* TypeTable::typeOf(const Type* inner) {
  bool fresh;
  std::string key = "type ";
  append(key, inner);
  auto& type = intern<TypeType>(key, Tag::type, fresh);
  if (fresh) type.inner_ = inner;
  return &type;
}

FuncType& TypeTable::function(Flavor flavor, std::vector<Parameter> parameters, const Type* result,
                              bool variadic) {
  // Own object each time: parameter names and defaults belong to a declaration, and a redef may
  // extend its prototypes. sameType() compares functions structurally.
  auto& type = add<FuncType>(Tag::function);
  type.flavor_ = flavor;
  type.parameters_ = std::move(parameters);
  type.result_ =
      result != nullptr ? result : basic(flavor == Flavor::hook ? Tag::boolean : Tag::void_);
  type.variadic_ = variadic;
  return type;
}

const Type* TypeTable::named(const Type* type, std::string name) {
  switch (type->tag()) {
    case Tag::table:
    case Tag::set: {
      auto& copy = add<TableType>(type->tag(), std::move(name));
      copy.indices_ = type->asTable().indices_;
      copy.value_ = type->asTable().value_;
      return &copy;
    }
    case Tag::vector: {
      auto& copy = add<VectorType>(Tag::vector, std::move(name));
      copy.element_ = type->asVector().element_;
      return &copy;
    }
    case Tag::function: {
      const FuncType& from = type->asFunc();
      auto& copy = add<FuncType>(Tag::function, std::move(name));
      copy.flavor_ = from.flavor_;
      copy.parameters_ = from.parameters_;
      copy.result_ = from.result_;
      copy.variadic_ = from.variadic_;
      copy.alternates_ = from.alternates_;
      return &copy;
    }
    default:
      return type;
  }
}

const Type* TypeTable::standIn(const Type* type, std::string name) {
  switch (type->tag()) {
    case Tag::opaque: {
      auto& copy = add<OpaqueType>(Tag::opaque, std::move(name));
      copy.opaqueName_ = static_cast<const OpaqueType*>(type)->opaqueName_;
      return &copy;
    }
    case Tag::file: {
      auto& copy = add<FileType>(Tag::file, std::move(name));
      copy.element_ = static_cast<const FileType*>(type)->element_;
      return &copy;
    }
    default:
      assert(basics_[static_cast<size_t>(type->tag())] != nullptr && "this type has a name");
      return &add<Type>(type->tag(), std::move(name));
  }
}

void TypeTable::addAlias(const Type* known, const Type* type, const std::string& name) {
  auto [found, fresh] = aliasesOf_.try_emplace(known, nullptr);
  if (fresh) found->second = &aliases_.emplace_back(std::vector<std::string>{known->name()});
  std::vector<std::string>* names = found->second;
  names->push_back(name);
  aliasesOf_[type] = names;
}

std::vector<std::string> TypeTable::namesOf(const Type* type) const {
  if (auto found = aliasesOf_.find(type); found != aliasesOf_.end()) return *found->second;
  if (type->name().empty()) return {};
  return {type->name()};
}

}  // namespace bulkhead::types
