#pragma once
// The types of the script language. Analysis builds them, compile and vm read them.
//
// A TypeTable owns every Type in an arena and lives as long as the program that was compiled with
// it; everybody else holds `const Type*`. Composite types (table, set, vector, function, file,
// opaque, type) are interned: structurally equal ones without a name of their own are one pointer.
// Records and enums are nominal and stay extendable (`redef`) until freeze().
//
// One thread. Errors are the caller's to find: this room asserts on misuse and reports nothing.
// Meaning and spelling follow the reference manual's "Types" page of Zeek.

#include <cassert>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::types {

enum class Tag : uint8_t {
  error,  // stands for a type that could not be worked out; compatible with everything
  void_,
  boolean,
  count,
  integer,
  real,
  time,
  interval,
  string,
  pattern,
  port,
  addr,
  subnet,
  enumeration,
  table,
  set,
  vector,
  record,
  function,
  file,
  opaque,
  any,
  type,
  list,  // a bracketed list of expressions; exists during analysis only
};

// Who wrote a declaration. Causes of log rows depend on it: see vm/cause.h.
using OriginId = uint16_t;
constexpr OriginId originBase = 0;          // the standard library and native functions
constexpr OriginId originSite = 1;          // the operator's own scripts
constexpr OriginId originFirstPackage = 2;  // packages, numbered by the driver

class Type;
class EnumType;
class RecordType;
class TableType;
class VectorType;
class FuncType;

class Type {
 public:
  Type(const Type&) = delete;
  Type& operator=(const Type&) = delete;
  virtual ~Type() = default;

  Tag tag() const { return tag_; }
  bool is(Tag t) const { return tag_ == t; }
  // Dense within one TypeTable, from 0; the index of per-type side tables in compile and vm.
  uint32_t id() const { return id_; }
  // The declared name with its module, such as "HTTP::Info"; empty for an anonymous type.
  const std::string& name() const { return name_; }

  const EnumType& asEnum() const;
  const RecordType& asRecord() const;
  const TableType& asTable() const;  // table or set
  const VectorType& asVector() const;
  const FuncType& asFunc() const;

  bool isTableOrSet() const { return tag_ == Tag::table || tag_ == Tag::set; }
  bool isNumeric() const { return tag_ == Tag::count || tag_ == Tag::integer || tag_ == Tag::real; }
  // Whether a slot of this type may hold a counted reference (see vm/value.h).
  bool isManaged() const;

 protected:
  Type(Tag tag, uint32_t id, std::string name) : tag_(tag), id_(id), name_(std::move(name)) {}
  friend class TypeTable;

 private:
  Tag tag_;
  uint32_t id_;
  std::string name_;
};

class EnumType final : public Type {
 public:
  struct Entry {
    std::string name;  // with its module: "Notice::ACTION_LOG"; globals have no prefix
    int64_t value;
    OriginId origin;
    bool redef;              // added by `redef enum`
    std::string deprecated;  // the text of &deprecated, empty if not deprecated
  };

  const std::vector<Entry>& entries() const { return entries_; }
  // Empty if no entry has that value. With aliases the first one declared answers.
  const Entry* findValue(int64_t value) const;
  const Entry* findName(std::string_view qualified) const;

  // Analysis only. False if the name is taken.
  bool add(Entry entry);
  int64_t nextValue() const { return nextValue_; }

 private:
  friend class TypeTable;
  using Type::Type;
  std::vector<Entry> entries_;
  std::unordered_map<int64_t, uint32_t> byValue_;
  std::unordered_map<std::string, uint32_t> byName_;
  int64_t nextValue_ = 0;
};

constexpr int32_t noIndex = -1;

struct Field {
  std::string name;
  const Type* type = nullptr;
  bool optional = false;  // &optional; a field with &default is not optional
  bool log = false;       // &log
  OriginId origin = originBase;
  // Index of the &default expression in the analysed program, or noIndex. It is evaluated afresh
  // each time a record is made without the field.
  int32_t defaultExpr = noIndex;
  // Index of the field's attribute set in the analysed program (&create_expire and the like for
  // table-valued fields), or noIndex.
  int32_t attributes = noIndex;
  std::string deprecated;
};

class RecordType final : public Type {
 public:
  const std::vector<Field>& fields() const { return fields_; }
  // The offset is fixed once the field exists: `redef record +=` appends.
  std::optional<uint32_t> offsetOf(std::string_view field) const;
  const Field& field(uint32_t offset) const { return fields_[offset]; }

  // Analysis only. False if the name is taken.
  bool add(Field field);
  // Analysis only: for attributes that a redef changes later.
  Field& mutableField(uint32_t offset) { return fields_[offset]; }

 private:
  friend class TypeTable;
  using Type::Type;
  std::vector<Field> fields_;
  std::unordered_map<std::string, uint32_t> byName_;
};

class TableType final : public Type {
 public:
  // Empty together with unspecified(): the type of `table()` and `set()` before coercion.
  const std::vector<const Type*>& indices() const { return indices_; }
  // Null for a set.
  const Type* value() const { return value_; }
  bool unspecified() const { return indices_.empty(); }

 private:
  friend class TypeTable;
  using Type::Type;
  std::vector<const Type*> indices_;
  const Type* value_ = nullptr;
};

class VectorType final : public Type {
 public:
  // Null for the type of `vector()` before coercion.
  const Type* element() const { return element_; }
  bool unspecified() const { return element_ == nullptr; }

 private:
  friend class TypeTable;
  using Type::Type;
  const Type* element_ = nullptr;
};

struct Parameter {
  std::string name;
  const Type* type = nullptr;
  int32_t defaultExpr = noIndex;  // as Field::defaultExpr
  std::string defaultText;        // as type_name() spells it; empty without a default
  std::string deprecated;
};

enum class Flavor : uint8_t { function, event, hook };

// An alternate declaration of an event or hook: its parameters by their place in the first one.
struct Prototype {
  std::vector<Parameter> parameters;
  std::vector<uint32_t> offsets;
  std::string deprecated;
  uint32_t at = 0;  // where it is declared: the offset of a source::Location
};

class FuncType final : public Type {
 public:
  Flavor flavor() const { return flavor_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  // Takes any arguments after `parameters()`. Native functions only.
  bool variadic() const { return variadic_; }
  // void for an event or a function without a result; bool for a hook.
  const Type* result() const { return result_; }
  // Does not count the main prototype.
  const std::vector<Prototype>& alternates() const { return alternates_; }

  // Analysis only.
  void addAlternate(Prototype prototype) { alternates_.push_back(std::move(prototype)); }
  std::vector<Parameter>& mutableParameters() { return parameters_; }

 private:
  friend class TypeTable;
  using Type::Type;
  Flavor flavor_ = Flavor::function;
  std::vector<Parameter> parameters_;
  bool variadic_ = false;
  const Type* result_ = nullptr;
  std::vector<Prototype> alternates_;
};

class FileType final : public Type {
 public:
  const Type* element() const { return element_; }

 private:
  friend class TypeTable;
  using Type::Type;
  const Type* element_ = nullptr;
};

// `opaque of NAME`; NAME is what opaqueName() returns, for instance "md5".
class OpaqueType final : public Type {
 public:
  const std::string& opaqueName() const { return opaqueName_; }

 private:
  friend class TypeTable;
  using Type::Type;
  std::string opaqueName_;
};

// The type of an expression that names a type (`Info` in `Log::create_stream(LOG,
// [$columns=Info])`).
class TypeType final : public Type {
 public:
  const Type* inner() const { return inner_; }

 private:
  friend class TypeTable;
  using Type::Type;
  const Type* inner_ = nullptr;
};

class ListType final : public Type {
 public:
  const std::vector<const Type*>& elements() const { return elements_; }

 private:
  friend class TypeTable;
  using Type::Type;
  std::vector<const Type*> elements_;
};

class TypeTable {
 public:
  TypeTable();
  TypeTable(const TypeTable&) = delete;
  TypeTable& operator=(const TypeTable&) = delete;

  // The one type of a tag without parameters (bool .. subnet, any, void, error).
  const Type* basic(Tag tag) const;

  // Nominal types; extend them through the returned reference until freeze().
  EnumType& makeEnum(std::string name);
  RecordType& makeRecord(std::string name);
  // Opaque and file types are interned by name and element.
  const OpaqueType* opaque(std::string_view name);
  const FileType* file(const Type* element);

  // Interned. `value` null makes a set. Empty indices make the unspecified table or set.
  const TableType* table(std::vector<const Type*> indices, const Type* value);
  const TableType* unspecifiedTable();
  const TableType* set(std::vector<const Type*> indices);
  const VectorType* vector(const Type* element);
  // A vector of any that holds values of one type, and whose text says so. Of objects alone.
  const VectorType* boxedVector(const Type* element);
  const ListType* list(std::vector<const Type*> elements);
  const TypeType* typeOf(const Type* inner);
  // Interned unless it has alternates later: events and hooks always get their own object.
  FuncType& function(Flavor flavor, std::vector<Parameter> parameters, const Type* result,
                     bool variadic = false);

  // What `type NAME: OTHER;` declares for an anonymous `OTHER`: the same shape under a name. For a
  // nominal OTHER the result is OTHER itself (an alias).
  const Type* named(const Type* type, std::string name);
  // What an expression that names a basic, opaque or file type holds: of the same kind, and printed
  // by the name. No variable is of such a type.
  const Type* standIn(const Type* type, std::string name);
  // Another name for what `known` is, or stands for; `type` is what that name declares.
  void addAlias(const Type* known, const Type* type, const std::string& name);
  // All names of a type or stand-in, the first declared first; none of a type without one.
  std::vector<std::string> namesOf(const Type* type) const;

  // No type is extended past this point.
  void freeze() { frozen_ = true; }
  bool frozen() const { return frozen_; }
  size_t size() const { return types_.size(); }
  const Type* byId(uint32_t id) const { return types_[id].get(); }

 private:
  template <typename T>
  T& add(Tag tag, std::string name = {});
  template <typename T>
  T& intern(const std::string& key, Tag tag, bool& fresh);

  std::deque<std::unique_ptr<Type>> types_;
  std::vector<const Type*> basics_;
  std::unordered_map<std::string, Type*> interned_;
  // Of what has more names than its own.
  std::deque<std::vector<std::string>> aliases_;
  std::unordered_map<const Type*, std::vector<std::string>*> aliasesOf_;
  bool frozen_ = false;
};

// How strictly records are compared.
enum class FieldNames : uint8_t { mustMatch, ignored };

// Structural sameness as the language defines it: `any` equals everything, enums by name, records
// field by field (recursive ones included), functions by flavor, parameters and result.
bool sameType(const Type* a, const Type* b, FieldNames names = FieldNames::mustMatch);

// Whether `x as T` writes a value of type `from` in another way as a `to`: a number from text, a
// set from a vector. Whether a given value has such a form shows at run time.
bool castable(const Type* from, const Type* to);

// Whether it is Broker::Data, a record around a value of any type: a cast to another type looks
// into it, at run time.
bool isBrokerData(const Type* type);

// Whether values of both types lie in memory alike: sameType() without the freedom of `any`. A
// vector of count may be passed where a vector of any is wanted, but not without being converted.
bool sameLayout(const Type* a, const Type* b);

// The text that `type_name()` gives: a named type by its name, others spelt out, such as
// "table[addr,port] of string" or "record { a:count; }".
std::string typeText(const Type* type);
// The same with the outermost type spelt out even if it has a name.
std::string typeShape(const Type* type);
// The name of an enum value as it is printed: what AllAnalyzers::Tag gathers goes by the name that
// it has at home, such as "Analyzer::ANALYZER_HTTP".
std::string valueText(const EnumType& type, const EnumType::Entry& entry);
// The keyword of a tag: "count", "table".
std::string_view tagText(Tag tag);

inline bool Type::isManaged() const {
  switch (tag_) {
    case Tag::error:
    case Tag::void_:
    case Tag::boolean:
    case Tag::count:
    case Tag::integer:
    case Tag::real:
    case Tag::time:
    case Tag::interval:
    case Tag::port:
    case Tag::enumeration:
      return false;
    default:
      return true;
  }
}
inline const EnumType& Type::asEnum() const {
  assert(tag_ == Tag::enumeration);
  return static_cast<const EnumType&>(*this);
}
inline const RecordType& Type::asRecord() const {
  assert(tag_ == Tag::record);
  return static_cast<const RecordType&>(*this);
}
inline const TableType& Type::asTable() const {
  assert(isTableOrSet());
  return static_cast<const TableType&>(*this);
}
inline const VectorType& Type::asVector() const {
  assert(tag_ == Tag::vector);
  return static_cast<const VectorType&>(*this);
}
inline const FuncType& Type::asFunc() const {
  assert(tag_ == Tag::function);
  return static_cast<const FuncType&>(*this);
}

}  // namespace bulkhead::types
