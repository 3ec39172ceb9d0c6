#pragma once
// A Slot is one unboxed value of 8 bytes; its type is known from outside (registers, record
// layouts, table and vector types are all static). A slot of a managed type holds a counted
// reference to a heap Object, an immediate (lowest bit set), or null for "unset".
//
// Encoding by type:
//   bool 0/1; count uint64; int and enum int64; double, time and interval double (seconds);
//   port = transport << 16 | number (common/net-types.h numbers the transports);
//   addr: IPv4 as immediate, IPv6 as AddrObject; subnet likewise; type value: immediate;
//   string, pattern, record, vector, table, set, function, file, opaque, any: Object.
//
// Copying a Slot counts nothing: retain() and release() do, Ref and Value (value.h) do it by scope.
// One thread per heap.

#include "common/net-types.h"
#include "sdk/script/types/types.h"

#include <cstdint>
#include <cstring>

namespace bulkhead::vm {

enum class Kind : uint8_t {
  string,
  addr,
  subnet,
  pattern,
  record,
  vector,
  table,
  function,
  file,
  opaque,
  box,
  iterator,
  freed,
};

struct Object {
  uint32_t refs;
  Kind kind;
  uint8_t flags;   // objectWatched and flags of the kind's own
  uint16_t extra;  // of the kind's own
};
static_assert(sizeof(Object) == 8);

// A pending `when` depends on this object: a change of it calls for another look at the condition.
constexpr uint8_t objectWatched = 1;

union Slot {
  uint64_t bits;
  uint64_t count;
  int64_t integer;
  double real;
  Object* object;

  Slot() = default;
  constexpr explicit Slot(uint64_t b) : bits(b) {}

  static Slot unset() { return Slot(uint64_t{0}); }
  static Slot ofBool(bool v) { return Slot(uint64_t{v}); }
  static Slot ofCount(uint64_t v) { return Slot(v); }
  static Slot ofInt(int64_t v) { return Slot(static_cast<uint64_t>(v)); }
  static Slot ofReal(double v) {
    Slot s;
    s.real = v;
    return s;
  }
  static Slot ofPort(Port v) { return Slot(static_cast<uint64_t>(v.transport) << 16 | v.number); }
  // Takes over one count of `v`.
  static Slot ofObject(Object* v) {
    Slot s(uint64_t{0});
    s.object = v;
    return s;
  }
  static Slot ofType(const types::Type* v) { return Slot(reinterpret_cast<uint64_t>(v) | 1); }
  static Slot ofV4(uint32_t hostOrder) { return Slot(static_cast<uint64_t>(hostOrder) << 32 | 1); }
  static Slot ofV4Subnet(uint32_t hostOrder, uint8_t width) {
    return Slot(static_cast<uint64_t>(hostOrder) << 32 | static_cast<uint64_t>(width) << 8 | 1);
  }

  bool boolean() const { return bits != 0; }
  Port port() const {
    return Port{static_cast<uint16_t>(bits & 0xffff), static_cast<Transport>(bits >> 16 & 3)};
  }
  const types::Type* type() const {
    return reinterpret_cast<const types::Type*>(bits & ~uint64_t{1});
  }
  // For slots of managed types only.
  bool isUnset() const { return bits == 0; }
  bool isImmediate() const { return (bits & 1) != 0; }
  bool isReference() const { return bits != 0 && (bits & 1) == 0; }
};
static_assert(sizeof(Slot) == 8);

// Frees an object whose last reference is gone, and what it alone held. Bounded C++ stack.
void destroyObject(Object* object);

// For slots of managed types only.
inline void retain(Slot slot) {
  if (slot.isReference()) ++slot.object->refs;
}
inline void release(Slot slot) {
  if (slot.isReference() && --slot.object->refs == 0) destroyObject(slot.object);
}

// An owning pointer to one kind of heap object.
template <typename T>
class Ref {
 public:
  Ref() = default;
  // Takes over one count.
  static Ref adopt(T* object) {
    Ref r;
    r.object_ = object;
    return r;
  }
  static Ref share(T* object) {
    if (object != nullptr) ++object->refs;
    return adopt(object);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) ++object_->refs;
  }
  Ref(Ref&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && --object_->refs == 0) destroyObject(object_);
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  // Gives up ownership; the caller holds the count now.
  Slot take() {
    Slot s = Slot::ofObject(object_);
    object_ = nullptr;
    return s;
  }
  Slot slot() const { return Slot::ofObject(object_); }

 private:
  T* object_ = nullptr;
};

}  // namespace bulkhead::vm
