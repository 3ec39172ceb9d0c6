#include "sdk/script/vm/value.h"

#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/heap.h"
#include "sdk/script/vm/key-bytes.h"
#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/seeded-order.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <cassert>
#include <unordered_map>

namespace bulkhead::vm {

using types::Tag;

void RecordObject::set(uint32_t field, Slot value) {
  Slot& slot = slots()[field];
  Heap& heap = *layout->heap;
  if (layout->isManaged(field)) {
    Slot old = slot;
    slot = value;
    release(old);
  } else {
    slot = value;
    presence()[field / 64] |= uint64_t{1} << (field % 64);
  }
  heap.noteChange(*this);
}

void RecordObject::clear(uint32_t field) {
  Slot& slot = slots()[field];
  Heap& heap = *layout->heap;
  if (layout->isManaged(field)) {
    Slot old = slot;
    slot = Slot::unset();
    release(old);
  } else {
    presence()[field / 64] &= ~(uint64_t{1} << (field % 64));
  }
  heap.noteChange(*this);
}

// ---- Vectors

namespace {

constexpr uint32_t minVectorCapacity = 4;
constexpr uint64_t maxVectorSize = uint64_t{1} << 30;

size_t holeBytes(uint32_t capacity) { return (size_t{capacity} + 63) / 64 * 8; }

bool reserve(VectorObject& vector, uint64_t wanted) {
  if (wanted <= vector.capacity) return true;
  if (wanted > maxVectorSize) return false;
  auto capacity = static_cast<uint32_t>(
      std::max<uint64_t>({wanted, minVectorCapacity,
                          std::min<uint64_t>(uint64_t{vector.capacity} * 2, maxVectorSize)}));
  void* data =
      vector.heap->growBuffer(vector.data, vector.capacity * sizeof(Slot), capacity * sizeof(Slot));
  if (data == nullptr) return false;
  vector.data = static_cast<Slot*>(data);
  if (vector.holes != nullptr) {
    void* holes =
        vector.heap->growBuffer(vector.holes, holeBytes(vector.capacity), holeBytes(capacity));
    if (holes == nullptr) {
      // Keep the old capacity on the books of both buffers.
      data = vector.heap->growBuffer(vector.data, capacity * sizeof(Slot),
                                     vector.capacity * sizeof(Slot));
      if (data != nullptr) vector.data = static_cast<Slot*>(data);
      return false;
    }
    vector.holes = static_cast<uint64_t*>(holes);
    std::memset(reinterpret_cast<char*>(vector.holes) + holeBytes(vector.capacity), 0,
                holeBytes(capacity) - holeBytes(vector.capacity));
  }
  vector.capacity = capacity;
  return true;
}

void markHole(VectorObject& vector, uint32_t index, bool hole) {
  if (vector.holes == nullptr) return;
  uint64_t bit = uint64_t{1} << (index % 64);
  if (hole) {
    vector.holes[index / 64] |= bit;
  } else {
    vector.holes[index / 64] &= ~bit;
  }
}

bool needHoles(VectorObject& vector) {
  if (vector.managed() || vector.holes != nullptr) return true;
  size_t size = holeBytes(vector.capacity);
  vector.holes = static_cast<uint64_t*>(vector.heap->allocateBuffer(size));
  if (vector.holes == nullptr) return false;
  std::memset(vector.holes, 0, size);
  return true;
}

}  // namespace

bool VectorObject::append(Slot value) {
  if (size == capacity && !reserve(*this, uint64_t{size} + 1)) {
    if (managed()) release(value);
    return false;
  }
  data[size] = value;
  markHole(*this, size, false);
  ++size;
  heap->noteChange(*this);
  return true;
}

bool VectorObject::resize(uint64_t newSize) {
  if (newSize < size) {
    erase(static_cast<uint32_t>(newSize), size);
    return true;
  }
  if (!reserve(*this, newSize)) return false;
  if (newSize > size && !needHoles(*this)) return false;
  for (uint32_t i = size; i < newSize; ++i) {
    data[i] = Slot::unset();
    markHole(*this, i, true);
  }
  size = static_cast<uint32_t>(newSize);
  heap->noteChange(*this);
  return true;
}

bool VectorObject::set(uint64_t index, Slot value) {
  if (index == size) return append(value);
  if (index > size && !(index < maxVectorSize && resize(index + 1))) {
    if (managed()) release(value);
    return false;
  }
  auto i = static_cast<uint32_t>(index);
  Slot old = data[i];
  data[i] = value;
  markHole(*this, i, false);
  if (managed()) release(old);
  heap->noteChange(*this);
  return true;
}

bool VectorObject::insert(uint32_t index, Slot value) {
  if (index >= size) return set(index, value);
  if (!reserve(*this, uint64_t{size} + 1)) {
    if (managed()) release(value);
    return false;
  }
  std::memmove(static_cast<void*>(data + index + 1), data + index, (size - index) * sizeof(Slot));
  if (holes != nullptr) {
    for (uint32_t i = size; i > index; --i) {
      markHole(*this, i, (holes[(i - 1) / 64] >> ((i - 1) % 64) & 1) != 0);
    }
  }
  data[index] = value;
  markHole(*this, index, false);
  ++size;
  heap->noteChange(*this);
  return true;
}

void VectorObject::erase(uint32_t from, uint32_t to) {
  if (from >= to) return;
  std::vector<Slot> dropped;
  if (managed()) dropped.assign(data + from, data + to);
  std::memmove(static_cast<void*>(data + from), data + to, (size - to) * sizeof(Slot));
  if (holes != nullptr) {
    for (uint32_t i = to; i < size; ++i) {
      markHole(*this, i - (to - from), (holes[i / 64] >> (i % 64) & 1) != 0);
    }
  }
  size -= to - from;
  for (Slot slot : dropped) release(slot);
  heap->noteChange(*this);
}

void VectorObject::clear() {
  Slot* oldData = data;
  uint32_t oldSize = size;
  uint32_t oldCapacity = capacity;
  heap->freeBuffer(holes, holes == nullptr ? 0 : holeBytes(capacity));
  data = nullptr;
  holes = nullptr;
  size = capacity = 0;
  if (managed()) {
    for (uint32_t i = 0; i < oldSize; ++i) release(oldData[i]);
  }
  heap->freeBuffer(oldData, oldCapacity * sizeof(Slot));
  heap->noteChange(*this);
}

// ---- Equality, hash, order

namespace {

// Deeper values than this compare as unequal and hash by their shape so far.
constexpr int maxCompareDepth = 200;

bool equalAt(const Type* type, Slot a, Slot b, int depth);

bool equalRecords(const RecordObject& a, const RecordObject& b, int depth) {
  if (a.layout->fieldCount != b.layout->fieldCount) return false;
  for (uint32_t i = 0; i < a.layout->fieldCount; ++i) {
    if (a.has(i) != b.has(i)) return false;
    if (a.has(i) && !equalAt(a.layout->type->field(i).type, a.get(i), b.get(i), depth))
      return false;
  }
  return true;
}

bool equalTables(TableObject& a, TableObject& b, int depth) {
  if (a.size() != b.size()) return false;
  for (uint32_t e = a.next(0); e != TableObject::none; e = a.next(e + 1)) {
    uint32_t other = b.find(a.keysOf(e));
    if (other == TableObject::none) return false;
    if (a.info->hasValue &&
        !equalAt(a.info->type->value(), *a.valueOf(e), *b.valueOf(other), depth)) {
      return false;
    }
  }
  return true;
}

bool equalAt(const Type* type, Slot a, Slot b, int depth) {
  switch (type->tag()) {
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      return a.real == b.real;
    default:
      if (!type->isManaged()) return a.bits == b.bits;
  }
  if (a.bits == b.bits) return true;
  if (!a.isReference() || !b.isReference() || depth <= 0) return false;
  switch (a.object->kind) {
    case Kind::string:
      return textOf(a) == textOf(b);
    case Kind::addr:
      return addrOf(a) == addrOf(b);
    case Kind::subnet:
      return subnetOf(a) == subnetOf(b);
    case Kind::pattern:
      return patternOf(a).pattern->text() == patternOf(b).pattern->text();
    case Kind::record:
      return equalRecords(recordOf(a), recordOf(b), depth - 1);
    case Kind::vector: {
      VectorObject& x = vectorOf(a);
      VectorObject& y = vectorOf(b);
      if (x.size != y.size) return false;
      for (uint32_t i = 0; i < x.size; ++i) {
        if (x.has(i) != y.has(i)) return false;
        if (!x.has(i)) continue;
        // One of the two may be a vector of any.
        TypedSlot left = unboxed({x.type->element(), x.data[i]});
        TypedSlot right = unboxed({y.type->element(), y.data[i]});
        if (left.type->tag() != right.type->tag()) return false;
        if (!equalAt(left.type, left.slot, right.slot, depth - 1)) return false;
      }
      return true;
    }
    case Kind::table:
      return equalTables(tableOf(a), tableOf(b), depth - 1);
    case Kind::function: {
      const FunctionObject& x = functionOf(a);
      const FunctionObject& y = functionOf(b);
      if (x.function != y.function || x.captureCount != y.captureCount) return false;
      for (uint32_t i = 0; i < x.captureCount; ++i) {
        if (x.captures()[i].bits != y.captures()[i].bits) return false;
      }
      return true;
    }
    case Kind::box: {
      TypedSlot x = unboxed({type, a});
      TypedSlot y = unboxed({type, b});
      return x.type->tag() == y.type->tag() && equalAt(x.type, x.slot, y.slot, depth - 1);
    }
    default:
      return false;
  }
}

uint64_t hashAt(const Type* type, Slot value, uint64_t seed, int depth) {
  switch (type->tag()) {
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      // -0.0 equals 0.0.
      return value.real == 0 ? mix(seed) : mix(value.bits ^ seed);
    default:
      if (!type->isManaged()) return mix(value.bits ^ seed);
  }
  if (!value.isReference() || depth <= 0) return mix(value.bits ^ seed);
  switch (value.object->kind) {
    case Kind::string:
      return hashBytes(textOf(value), seed);
    case Kind::addr: {
      auto* object = static_cast<AddrObject*>(value.object);
      return hashBytes({reinterpret_cast<const char*>(object->address.bytes.data()), 16}, seed);
    }
    case Kind::subnet: {
      auto* object = static_cast<SubnetObject*>(value.object);
      return hashBytes({reinterpret_cast<const char*>(object->subnet.prefix.bytes.data()), 16},
                       seed) +
             object->subnet.width;
    }
    case Kind::pattern:
      return hashBytes(patternOf(value).pattern->text(), seed);
    case Kind::record: {
      const RecordObject& record = recordOf(value);
      uint64_t hash = record.layout->fieldCount;
      for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
        uint64_t part = record.has(i) ? hashAt(record.layout->type->field(i).type, record.get(i),
                                               seed, depth - 1)
                                      : 1;
        hash = mix(hash ^ part);
      }
      return hash;
    }
    case Kind::vector: {
      VectorObject& vector = vectorOf(value);
      uint64_t hash = vector.size;
      for (uint32_t i = 0; i < vector.size; ++i) {
        hash = mix(
            hash ^
            (vector.has(i) ? hashAt(vector.type->element(), vector.data[i], seed, depth - 1) : 1));
      }
      return hash;
    }
    case Kind::table: {
      // Order must not matter: a sum.
      TableObject& table = tableOf(value);
      uint64_t hash = table.size();
      for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
        uint64_t part = 0;
        for (uint32_t k = 0; k < table.info->keyCount; ++k) {
          part = mix(part ^ hashAt(table.info->keyTypes[k], table.keysOf(e)[k], seed, depth - 1));
        }
        if (table.info->hasValue) {
          part = mix(part ^ hashAt(table.info->type->value(), *table.valueOf(e), seed, depth - 1));
        }
        hash += part;
      }
      return mix(hash);
    }
    case Kind::function:
      return mix(functionOf(value).function);
    case Kind::box: {
      TypedSlot inner = unboxed({type, value});
      return hashAt(inner.type, inner.slot, seed, depth - 1) +
             static_cast<uint64_t>(inner.type->tag());
    }
    default:
      return mix(value.bits);
  }
}

template <typename T>
int order(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace

bool equalValues(const Type* type, Slot a, Slot b) { return equalAt(type, a, b, maxCompareDepth); }
uint64_t hashValue(const Type* type, Slot value, uint64_t seed) {
  return hashAt(type, value, seed, maxCompareDepth);
}

int compareValues(const Type* type, Slot a, Slot b) {
  switch (type->tag()) {
    case Tag::boolean:
    case Tag::count:
    case Tag::port:
      return order(a.count, b.count);
    case Tag::integer:
    case Tag::enumeration:
      return order(a.integer, b.integer);
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      return order(a.real, b.real);
    case Tag::string:
      return order(textOf(a).compare(textOf(b)), 0);
    case Tag::addr: {
      IpAddr x = addrOf(a);
      IpAddr y = addrOf(b);
      return order(std::memcmp(x.bytes.data(), y.bytes.data(), 16), 0);
    }
    case Tag::subnet: {
      Subnet x = subnetOf(a);
      Subnet y = subnetOf(b);
      int c = std::memcmp(x.prefix.bytes.data(), y.prefix.bytes.data(), 16);
      return c != 0 ? order(c, 0) : order(x.width128(), y.width128());
    }
    default:
      return 0;
  }
}

// ---- copy()

namespace {

class Copier {
 public:
  Copier(Heap& heap, bool asKey) : heap_(heap), asKey_(asKey) {}

  // An owned slot; unset with refused() set if the heap or the depth says no.
  Slot copy(const Type* type, Slot value) {
    if (!type->isManaged() || !value.isReference()) return value;
    switch (value.object->kind) {
      case Kind::record:
      case Kind::vector:
      case Kind::table:
      case Kind::opaque:
      case Kind::box:
      case Kind::function:
        break;
      default:
        retain(value);
        return value;
    }
    if (auto it = done_.find(value.object); it != done_.end()) {
      retain(it->second);
      return it->second;
    }
    if (depth_ >= maxDepth || !heap_.fits(64)) return refuse();
    ++depth_;
    Slot result = compound(value);
    --depth_;
    return result;
  }
  bool refused() const { return refused_; }

 private:
  static constexpr int maxDepth = 2000;

  Slot refuse() {
    refused_ = true;
    return Slot::unset();
  }

  Slot compound(Slot value) {
    switch (value.object->kind) {
      case Kind::record: {
        const RecordObject& from = recordOf(value);
        RecordObject* to = heap_.blankRecord(*from.layout);
        done_[value.object] = Slot::ofObject(to);
        for (uint32_t i = 0; i < from.layout->fieldCount; ++i) {
          if (!from.has(i)) continue;
          Slot part = copy(from.layout->type->field(i).type, from.get(i));
          if (refused_) break;
          to->set(i, part);
        }
        return Slot::ofObject(to);
      }
      case Kind::vector: {
        VectorObject& from = vectorOf(value);
        VectorObject* to = heap_.vector(from.type);
        done_[value.object] = Slot::ofObject(to);
        for (uint32_t i = 0; i < from.size && !refused_; ++i) {
          bool ok = true;
          if (from.has(i)) {
            Slot part = copy(from.type->element(), from.data[i]);
            if (!refused_) ok = to->append(part);
          } else {
            ok = to->resize(uint64_t{i} + 1);
          }
          if (!ok) refused_ = true;
        }
        return Slot::ofObject(to);
      }
      case Kind::table: {
        TableObject& from = tableOf(value);
        const TableAttributes* attributes =
            from.extras == nullptr ? nullptr : from.extras->attributes;
        TableObject* to = heap_.table(from.info->type, attributes);
        done_[value.object] = Slot::ofObject(to);
        if (from.extras != nullptr && !from.extras->defaultValue.empty()) {
          const Value& given = from.extras->defaultValue;
          Slot default_ = copy(given.type(), given.slot());
          if (refused_) return Slot::ofObject(to);
          to->makeExtras().defaultValue = Value::adopt(given.type(), default_);
          to->extras->expireFunction = from.extras->expireFunction;
          to->extras->onChange = from.extras->onChange;
        }
        to->flags |= from.flags & tableTouched;
        std::vector<Slot> keys(from.info->keyCount);
        std::vector<uint32_t> entries;
        if (asKey_ && heap_.order() != nullptr) entries = entriesByHash(from, heap_.order()->key());
        if (entries.empty())
          for (TableWalk walk(from); !walk.done(); walk.advance()) entries.push_back(walk.entry());
        for (uint32_t e : entries) {
          if (refused_) break;
          for (uint32_t k = 0; k < from.info->keyCount; ++k) {
            keys[k] = copy(from.info->keyTypes[k], from.keysOf(e)[k]);
          }
          Slot part = from.info->hasValue ? copy(from.info->type->value(), *from.valueOf(e))
                                          : Slot::unset();
          if (refused_) {
            for (uint32_t k = 0; k < from.info->keyCount; ++k) {
              if (from.info->keyManaged[k] != 0) release(keys[k]);
            }
            if (from.info->valueManaged) release(part);
            break;
          }
          uint32_t entry = to->insert(keys.data(), part);
          if (entry == TableObject::none) {
            refused_ = true;
          } else if (from.hasTimes()) {
            to->timeOf(entry) = from.timeOf(e);
          }
        }
        return Slot::ofObject(to);
      }
      case Kind::function: {
        // A closure takes its captured values along.
        const FunctionObject& from = functionOf(value);
        if (from.captureCount == 0) {
          retain(value);
          return value;
        }
        FunctionObject* to = heap_.function(from.type, from.function, from.captureCount,
                                            from.managedCaptures, from.captureTypes);
        done_[value.object] = Slot::ofObject(to);
        for (uint32_t i = 0; i < from.captureCount && !refused_; ++i) {
          to->captures()[i] = copy(from.captureTypes[i], from.captures()[i]);
        }
        return Slot::ofObject(to);
      }
      case Kind::opaque: {
        const OpaqueObject& from = opaqueOf(value);
        auto state = from.state->clone();
        if (state == nullptr) {
          retain(value);
          return value;
        }
        Slot to = Slot::ofObject(heap_.opaque(from.type, std::move(state)));
        done_[value.object] = to;
        return to;
      }
      case Kind::box: {
        const BoxObject& from = boxOf(value);
        Slot inner = copy(from.type, from.slot);
        if (refused_) return Slot::unset();
        return heap_.box(from.type, inner);
      }
      default:
        return refuse();
    }
  }

  Heap& heap_;
  const bool asKey_;
  std::unordered_map<Object*, Slot> done_;  // borrowed
  int depth_ = 0;
  bool refused_ = false;
};

}  // namespace

namespace {

Value copied(Copier&& copier, const Type* type, Slot value) {
  Slot copy = copier.copy(type, value);
  if (copier.refused()) {
    if (type->isManaged()) release(copy);
    return {};
  }
  return Value::adopt(type, copy);
}

// Whether nothing in a record can change but by giving a field another value.
bool isFlat(const RecordObject& record) {
  for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
    if (!record.has(i) || !record.layout->isManaged(i) || !record.get(i).isReference()) continue;
    switch (record.get(i).object->kind) {
      case Kind::record:
      case Kind::vector:
      case Kind::table:
      case Kind::box:
      case Kind::opaque:
      case Kind::function:
        return false;
      default:
        break;
    }
  }
  return true;
}

}  // namespace

Value deepCopy(Heap& heap, const Type* type, Slot value) {
  return copied(Copier(heap, false), type, value);
}

Value copyOfKey(Heap& heap, const Type* type, Slot value) {
  if (value.object->kind != Kind::record || !isFlat(recordOf(value)))
    return copied(Copier(heap, true), type, value);
  const RecordObject& from = recordOf(value);
  if (!heap.fits(64)) return {};
  RecordObject* to = heap.blankRecord(*from.layout);
  for (uint32_t i = 0; i < from.layout->fieldCount; ++i) {
    if (!from.has(i)) continue;
    if (from.layout->isManaged(i)) retain(from.get(i));
    to->set(i, from.get(i));
  }
  return Value::adopt(type, Slot::ofObject(to));
}

}  // namespace bulkhead::vm
