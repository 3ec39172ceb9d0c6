#pragma once
// The heap objects of the script language, and Value: a slot with its type that owns what it refers
// to. Native code works on these; the bytecode loop works on slots.
//
// Objects belong to the Heap (heap.h) that made them and are counted; cycles are not collected
// until the heap goes. One thread. Methods that can meet the heap's hard limit say so. See slot.h
// for the encoding of slots and who counts what.

#include "sdk/script/vm/slot.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::vm {

class Heap;
class Vm;
struct TableObject;  // table.h

using types::Type;

struct StringObject : Object {
  uint32_t size;
  uint32_t hash;  // 0: not computed yet
  // `size` bytes (any value, NUL included) and a NUL behind them.
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const { return {bytes(), size}; }
};

// IPv6 only; IPv4 is immediate.
struct AddrObject : Object {
  IpAddr address;
};
struct SubnetObject : Object {
  Subnet subnet;
};

class CompiledPattern;  // pattern.h
struct PatternObject : Object {
  CompiledPattern* pattern;  // owned
};

// How a record type lies in memory. Owned by the Heap; one per RecordType.
struct RecordLayout {
  struct Default {
    uint32_t field;
    uint32_t code;  // index into Program::codes; run without arguments
  };
  const types::RecordType* type = nullptr;
  Heap* heap = nullptr;
  uint32_t fieldCount = 0;
  uint32_t presenceWords = 0;     // 64 fields to a word
  std::vector<uint64_t> managed;  // bit per field
  std::vector<uint64_t> imagePresence;
  std::vector<Slot> image;        // constant defaults, retained by the layout
  std::vector<Default> defaults;  // those that must be computed, in field order

  bool isManaged(uint32_t field) const { return managed[field / 64] >> (field % 64) & 1; }
};

struct RecordObject : Object {
  const RecordLayout* layout;
  // then: presence words (they count for unmanaged fields; a managed field is absent when null),
  // then one slot per field.
  uint64_t* presence() { return reinterpret_cast<uint64_t*>(this + 1); }
  const uint64_t* presence() const { return reinterpret_cast<const uint64_t*>(this + 1); }
  Slot* slots() { return reinterpret_cast<Slot*>(presence() + layout->presenceWords); }
  const Slot* slots() const {
    return reinterpret_cast<const Slot*>(presence() + layout->presenceWords);
  }
  bool has(uint32_t field) const {
    return layout->isManaged(field) ? slots()[field].bits != 0
                                    : (presence()[field / 64] >> (field % 64) & 1) != 0;
  }
  // Borrowed; only if has(field).
  Slot get(uint32_t field) const { return slots()[field]; }
  // Takes over one count of `value`.
  void set(uint32_t field, Slot value);
  void clear(uint32_t field);
};

struct VectorObject : Object {
  Heap* heap;
  const types::VectorType* type;
  Slot* data;
  // Bit per element, set where there is none; null while a vector of an unmanaged type has no
  // holes. Managed elements are absent when null and have no bits here.
  uint64_t* holes;
  uint32_t size;
  uint32_t capacity;

  bool managed() const { return extra != 0; }
  bool has(uint32_t index) const {
    if (managed()) return data[index].bits != 0;
    return holes == nullptr || (holes[index / 64] >> (index % 64) & 1) == 0;
  }
  // Both take over one count of `value`. False if the heap's hard limit refuses; `value` is then
  // released. set() past the end makes holes.
  [[nodiscard]] bool append(Slot value);
  [[nodiscard]] bool set(uint64_t index, Slot value);
  [[nodiscard]] bool resize(uint64_t newSize);
  // Moves the elements from `index` on by one and puts `value` there.
  [[nodiscard]] bool insert(uint32_t index, Slot value);
  // Takes elements [from, to) out.
  void erase(uint32_t from, uint32_t to);
  void clear();
};

// A function value: a function, event or hook of the Program, with what a lambda captured.
struct FunctionObject : Object {
  const types::FuncType* type;
  uint32_t function;  // index into the Program
  uint32_t captureCount;
  // Managed captures first, `managedCaptures` of them.
  uint32_t managedCaptures;
  // Of the captures; the Program's.
  const Type* const* captureTypes;
  Slot* captures() { return reinterpret_cast<Slot*>(this + 1); }
  const Slot* captures() const { return reinterpret_cast<const Slot*>(this + 1); }
};

// State of an `open()`ed file; what it stands for is the host's (host.h).
struct FileObject : Object {
  StringObject* name;  // owned
  uint64_t handle;     // of the host; 0 when closed
  bool open;
  bool raw;          // print without line ends and separators
  uint64_t written;  // bytes since it was opened, which is what |f| gives
};

// What a native opaque type keeps: a hash under way, a bloom filter.
class OpaqueState {
 public:
  virtual ~OpaqueState() = default;
  // For copy(). Null if this kind cannot be copied.
  virtual std::unique_ptr<OpaqueState> clone() const = 0;
  // For the heap's accounts; constant over the life of the object unless Heap::charge is called.
  virtual size_t bytes() const = 0;
};

struct OpaqueObject : Object {
  const types::OpaqueType* type;
  OpaqueState* state;  // owned
  size_t charged;
};

// A value of type `any`.
struct BoxObject : Object {
  const Type* type;  // never `any`
  Slot slot;
};

// A `for` loop under way. Entries of a table keep their numbers while one of these lives; entries
// added meanwhile are not visited.
struct IteratorObject : Object {
  Object* subject;  // table, vector or string; owned
  uint32_t position;
  uint32_t end;
  // The entries of a table in another order than that of insertion (SeededOrder); owned, or null.
  std::vector<uint32_t>* order;
  size_t orderAt;
};

// A value with its type, borrowed.
struct TypedSlot {
  const Type* type = nullptr;
  Slot slot = Slot::unset();
};

// A value with its type, owned.
class Value {
 public:
  Value() = default;
  // Takes over one count of `slot`.
  static Value adopt(const Type* type, Slot slot) { return Value(type, slot); }
  static Value share(const Type* type, Slot slot) {
    if (type->isManaged()) retain(slot);
    return Value(type, slot);
  }
  Value(const Value& other) : type_(other.type_), slot_(other.slot_) {
    if (type_ != nullptr && type_->isManaged()) retain(slot_);
  }
  Value(Value&& other) noexcept : type_(other.type_), slot_(other.slot_) { other.type_ = nullptr; }
  Value& operator=(Value other) noexcept {
    std::swap(type_, other.type_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~Value() {
    if (type_ != nullptr && type_->isManaged()) release(slot_);
  }

  // No value at all (an unset field, a void result).
  bool empty() const { return type_ == nullptr; }
  explicit operator bool() const { return type_ != nullptr; }
  const Type* type() const { return type_; }
  Slot slot() const { return slot_; }
  TypedSlot view() const { return {type_, slot_}; }
  // Gives up ownership of the slot.
  Slot take() {
    type_ = nullptr;
    return slot_;
  }

 private:
  Value(const Type* type, Slot slot) : type_(type), slot_(slot) {}
  const Type* type_ = nullptr;
  Slot slot_ = Slot::unset();
};

// ---- Reading slots of a known type

inline StringObject& stringOf(Slot s) { return *static_cast<StringObject*>(s.object); }
inline std::string_view textOf(Slot s) { return stringOf(s).view(); }
inline RecordObject& recordOf(Slot s) { return *static_cast<RecordObject*>(s.object); }
inline VectorObject& vectorOf(Slot s) { return *static_cast<VectorObject*>(s.object); }
TableObject& tableOf(Slot s);
inline FunctionObject& functionOf(Slot s) { return *static_cast<FunctionObject*>(s.object); }
inline FileObject& fileOf(Slot s) { return *static_cast<FileObject*>(s.object); }
inline OpaqueObject& opaqueOf(Slot s) { return *static_cast<OpaqueObject*>(s.object); }
inline PatternObject& patternOf(Slot s) { return *static_cast<PatternObject*>(s.object); }
inline BoxObject& boxOf(Slot s) { return *static_cast<BoxObject*>(s.object); }
inline IpAddr addrOf(Slot s) {
  return s.isImmediate() ? IpAddr::v4(static_cast<uint32_t>(s.bits >> 32))
                         : static_cast<AddrObject*>(s.object)->address;
}
inline Subnet subnetOf(Slot s) {
  if (!s.isImmediate()) return static_cast<SubnetObject*>(s.object)->subnet;
  Subnet subnet;
  subnet.prefix = IpAddr::v4(static_cast<uint32_t>(s.bits >> 32));
  subnet.width = static_cast<uint8_t>(s.bits >> 8);
  return subnet;
}
// Takes `any` boxes off.
inline TypedSlot unboxed(TypedSlot value) {
  while (value.type != nullptr && value.type->is(types::Tag::any) && value.slot.isReference()) {
    const BoxObject& box = boxOf(value.slot);
    value = {box.type, box.slot};
  }
  return value;
}

// ---- What the language does with values of any type

// Structural equality, as `==` on records inside containers and table keys need it.
bool equalValues(const Type* type, Slot a, Slot b);
uint64_t hashValue(const Type* type, Slot value, uint64_t seed);
// -1, 0, 1 by the order of `<`; types without an order compare as equal.
int compareValues(const Type* type, Slot a, Slot b);
// The language's copy(): containers and records are copied all the way down, shared parts once.
// Empty if the heap refuses.
Value deepCopy(Heap& heap, const Type* type, Slot value);
// The same for a key of a table: with Zeek's seeds, tables in it are rebuilt in the order of
// hashes, as Zeek does.
Value copyOfKey(Heap& heap, const Type* type, Slot value);

}  // namespace bulkhead::vm
