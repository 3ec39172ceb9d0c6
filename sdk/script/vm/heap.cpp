#include "sdk/script/vm/heap.h"

#include "sdk/script/vm/out-of-memory.h"
#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/seeded-order.h"
#include "sdk/script/vm/subnet-index.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace bulkhead::vm {

// Objects up to maxSmall come from slabs, aligned to their size so that the first word of the slab
// is found from any object in it. Larger objects have a slab-aligned mapping of their own.
// Sanitized builds give each object an allocation of its own behind a Cell.
struct Heap::Slab {
  Heap* heap;
};
struct Heap::Large {
  Heap* heap;
  Large* next;
  Large* previous;
  size_t mapped;
  size_t pad[4];
};

#ifdef BULKHEAD_SANITIZED
// What stands before an object.
struct Heap::Cell {
  Cell* next;
  Cell* previous;
  Heap* heap;
  size_t pad;
};
#endif

Heap::Heap(types::TypeTable& types) : types_(types) {}

Heap::~Heap() {
  // Objects that are still referred to (cycles among them) go with their slabs; only what lives
  // outside the heap would leak, and the Vm drops globals first.
  for (auto& layout : layouts_) {
    if (!layout) continue;
    for (uint32_t i = 0; i < layout->image.size(); ++i) {
      if (layout->isManaged(i)) release(layout->image[i]);
    }
    layout->image.clear();
  }
  if (empty_ != nullptr) release(Slot::ofObject(empty_));
#ifdef BULKHEAD_SANITIZED
  emptyCycles();
  while (cells_ != nullptr) std::free(std::exchange(cells_, cells_->next));
#else
  for (void* chunk : chunks_) munmap(chunk, chunkSize);
#endif
  auto unmapAll = [](Large* large) {
    while (large != nullptr) {
      Large* next = large->next;
      munmap(large, large->mapped);
      large = next;
    }
  };
  unmapAll(large_);
  for (Large* kept : kept_) unmapAll(kept);
}

namespace {

// A fresh mapping of `size` bytes that begins on a multiple of `alignment`.
[[maybe_unused]] void* mapAligned(size_t size, size_t alignment) {
  size_t total = size + alignment;
  void* raw = mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) outOfMemory();
  auto begin = reinterpret_cast<uintptr_t>(raw);
  uintptr_t aligned = (begin + alignment - 1) & ~(alignment - 1);
  if (aligned > begin) munmap(raw, aligned - begin);
  if (aligned + size < begin + total) {
    munmap(reinterpret_cast<void*>(aligned + size), begin + total - aligned - size);
  }
  return reinterpret_cast<void*>(aligned);
}

}  // namespace

#ifdef BULKHEAD_SANITIZED

Heap& Heap::of(const Object* object) { return *(reinterpret_cast<const Cell*>(object) - 1)->heap; }

void Heap::emptyCycles() {
  auto everyObject = [this](auto&& visit) {
    for (Cell* cell = cells_; cell != nullptr; cell = cell->next)
      visit(reinterpret_cast<Object*>(cell + 1));
  };
  // Nothing goes while the list is walked.
  everyObject([](Object* object) { ++object->refs; });
  everyObject([this](Object* object) {
    if (object->kind == Kind::vector) {
      static_cast<VectorObject*>(object)->clear();
    } else if (object->kind == Kind::table) {
      auto* table = static_cast<TableObject*>(object);
      table->clear();
      delete std::exchange(table->extras, nullptr);
    } else if (object->kind == Kind::opaque) {
      delete std::exchange(static_cast<OpaqueObject*>(object)->state, nullptr);
    } else if (object->kind == Kind::pattern) {
      delete std::exchange(static_cast<PatternObject*>(object)->pattern, nullptr);
    }
  });
}

void* Heap::allocate(size_t size) {
  void* raw = std::malloc(size + sizeof(Cell));
  if (raw == nullptr) outOfMemory();
  auto* cell = new (raw) Cell{.next = cells_, .previous = nullptr, .heap = this, .pad = 0};
  if (cells_ != nullptr) cells_->previous = cell;
  cells_ = cell;
  account(size);
  return cell + 1;
}

void Heap::deallocate(void* memory, size_t size) {
  inUse_ -= size;
  auto* cell = static_cast<Cell*>(memory) - 1;
  (cell->previous != nullptr ? cell->previous->next : cells_) = cell->next;
  if (cell->next != nullptr) cell->next->previous = cell->previous;
  std::free(cell);
}

#else

Heap& Heap::of(const Object* object) {
  return **reinterpret_cast<Heap**>(reinterpret_cast<uintptr_t>(object) & ~(slabSize - 1));
}

void* Heap::takeSlab() {
  if (slabsLeft_ == 0) {
    chunks_.push_back(mapAligned(chunkSize, slabSize));
    slabsLeft_ = chunkSize / slabSize;
  }
  auto* slab = static_cast<char*>(chunks_.back()) + chunkSize - slabsLeft_ * slabSize;
  --slabsLeft_;
  reinterpret_cast<Slab*>(slab)->heap = this;
  return slab;
}

// Links a page's worth of cells: what a package never needs stays untouched, and costs no memory.
void* Heap::refill(size_t sizeClass) {
  const size_t cell = sizeClass * granule;
  auto& fresh = fresh_[sizeClass];
  if (fresh.next == nullptr || static_cast<size_t>(fresh.end - fresh.next) < cell) {
    auto* slab = static_cast<char*>(takeSlab());
    fresh = {slab + granule, slab + slabSize};
  }
  size_t count = std::min(static_cast<size_t>(fresh.end - fresh.next) / cell,
                          std::max<size_t>(1, pageSize / cell));
  FreeCell* head = nullptr;
  for (size_t i = count; i-- > 0;) {
    auto* free = reinterpret_cast<FreeCell*>(fresh.next + i * cell);
    free->next = head;
    head = free;
  }
  fresh.next += count * cell;
  free_[sizeClass] = head;
  return head;
}

void* Heap::allocate(size_t size) {
  if (size <= maxSmall) {
    size_t sizeClass = (size + granule - 1) / granule;
    FreeCell* cell = free_[sizeClass];
    if (cell == nullptr) cell = static_cast<FreeCell*>(refill(sizeClass));
    free_[sizeClass] = cell->next;
    account(sizeClass * granule);
    return cell;
  }
  // Objects of this size are long strings and very wide records: the header costs little.
  size_t mapped = (sizeof(Large) + size + pageSize - 1) & ~(pageSize - 1);
  size_t pages = mapped / pageSize;
  Large* large = nullptr;
  if (pages <= maxKeptPages && kept_[pages] != nullptr) {
    large = std::exchange(kept_[pages], kept_[pages]->next);
    keptPages_ -= pages;
  } else {
    large = static_cast<Large*>(mapAligned(mapped, slabSize));
    large->heap = this;
    large->mapped = mapped;
  }
  large->previous = nullptr;
  large->next = large_;
  if (large_ != nullptr) large_->previous = large;
  large_ = large;
  account(mapped);
  return large + 1;
}

void Heap::deallocate(void* memory, size_t size) {
  if (size <= maxSmall) {
    size_t sizeClass = (size + granule - 1) / granule;
    inUse_ -= sizeClass * granule;
    auto* cell = static_cast<FreeCell*>(memory);
    cell->next = free_[sizeClass];
    free_[sizeClass] = cell;
    return;
  }
  auto* large = static_cast<Large*>(memory) - 1;
  inUse_ -= large->mapped;
  if (large->previous != nullptr) {
    large->previous->next = large->next;
  } else {
    large_ = large->next;
  }
  if (large->next != nullptr) large->next->previous = large->previous;
  const size_t pages = large->mapped / pageSize;
  if (pages <= maxKeptPages && keptPages_ + pages <= maxKeptInAll) {
    large->next = std::exchange(kept_[pages], large);
    keptPages_ += pages;
    return;
  }
  munmap(large, large->mapped);
}

#endif

void* Heap::allocateBuffer(size_t size) {
  if (!fits(size)) return nullptr;
  void* memory = std::malloc(size);
  if (memory != nullptr) account(size);
  return memory;
}

void* Heap::growBuffer(void* memory, size_t oldSize, size_t newSize) {
  if (newSize > oldSize && !fits(newSize - oldSize)) return nullptr;
  void* grown = std::realloc(memory, newSize);
  if (grown == nullptr) return nullptr;
  inUse_ -= oldSize;
  account(newSize);
  return grown;
}

void Heap::freeBuffer(void* memory, size_t size) {
  if (memory == nullptr) return;
  inUse_ -= size;
  std::free(memory);
}

void Heap::charge(int64_t delta) {
  if (delta < 0) {
    inUse_ -= static_cast<size_t>(-delta);
  } else {
    account(static_cast<size_t>(delta));
  }
}

// ---- Makers

namespace {

template <typename T>
T* begin(void* memory, Kind kind) {
  auto* object = static_cast<T*>(memory);
  object->refs = 1;
  object->kind = kind;
  object->flags = 0;
  object->extra = 0;
  return object;
}

size_t recordSize(const RecordLayout& layout) {
  return sizeof(RecordObject) + 8 * (size_t{layout.presenceWords} + layout.fieldCount);
}
size_t stringSize(size_t length) { return sizeof(StringObject) + length + 1; }

}  // namespace

StringObject* Heap::uninitializedString(size_t size) {
  if (size > maxString || !fits(size)) return nullptr;
  auto* object = begin<StringObject>(allocate(stringSize(size)), Kind::string);
  object->size = static_cast<uint32_t>(size);
  object->hash = 0;
  object->bytes()[size] = '\0';
  return object;
}

StringObject* Heap::string(std::string_view bytes) {
  StringObject* object = uninitializedString(bytes.size());
  if (object != nullptr && !bytes.empty()) std::memcpy(object->bytes(), bytes.data(), bytes.size());
  return object;
}

StringObject* Heap::emptyString() {
  if (empty_ == nullptr) {
    empty_ = begin<StringObject>(allocate(stringSize(0)), Kind::string);
    empty_->size = 0;
    empty_->hash = 0;
    empty_->bytes()[0] = '\0';
  }
  ++empty_->refs;
  return empty_;
}

Slot Heap::addr(const IpAddr& address) {
  if (address.isV4()) return Slot::ofV4(address.v4HostOrder());
  auto* object = begin<AddrObject>(allocate(sizeof(AddrObject)), Kind::addr);
  object->address = address;
  return Slot::ofObject(object);
}

Slot Heap::subnet(const Subnet& subnet) {
  if (subnet.prefix.isV4()) return Slot::ofV4Subnet(subnet.prefix.v4HostOrder(), subnet.width);
  auto* object = begin<SubnetObject>(allocate(sizeof(SubnetObject)), Kind::subnet);
  object->subnet = subnet;
  return Slot::ofObject(object);
}

PatternObject* Heap::pattern(std::unique_ptr<CompiledPattern> pattern) {
  auto* object = begin<PatternObject>(allocate(sizeof(PatternObject)), Kind::pattern);
  object->pattern = pattern.release();
  charge(static_cast<int64_t>(object->pattern->bytes()));
  return object;
}

RecordObject* Heap::record(const RecordLayout& layout) {
  auto* object = begin<RecordObject>(allocate(recordSize(layout)), Kind::record);
  object->layout = &layout;
  if (layout.presenceWords != 0) {
    std::memcpy(object->presence(), layout.imagePresence.data(), layout.presenceWords * 8);
  }
  Slot* slots = object->slots();
  for (uint32_t i = 0; i < layout.fieldCount; ++i) {
    slots[i] = layout.image[i];
    if (layout.isManaged(i)) retain(slots[i]);
  }
  return object;
}

RecordObject* Heap::blankRecord(const RecordLayout& layout) {
  auto* object = begin<RecordObject>(allocate(recordSize(layout)), Kind::record);
  object->layout = &layout;
  std::memset(static_cast<void*>(object->presence()), 0,
              8 * (size_t{layout.presenceWords} + layout.fieldCount));
  return object;
}

VectorObject* Heap::vector(const types::VectorType* type) {
  auto* object = begin<VectorObject>(allocate(sizeof(VectorObject)), Kind::vector);
  object->heap = this;
  object->type = type;
  object->data = nullptr;
  object->holes = nullptr;
  object->size = 0;
  object->capacity = 0;
  object->extra = type->element() == nullptr || type->element()->isManaged() ? 1 : 0;
  return object;
}

TableObject* Heap::table(const types::TableType* type, const TableAttributes* attributes) {
  const TableInfo& info = tableInfo(type);
  auto* object = begin<TableObject>(allocate(sizeof(TableObject)), Kind::table);
  object->info = &info;
  object->cells = nullptr;
  object->index = nullptr;
  object->used = object->live = object->capacity = object->indexMask = object->iterators = 0;
  object->extras = nullptr;
  if (attributes != nullptr) object->makeExtras().attributes = attributes;
  if (info.subnetKeyed) object->makeExtras().subnets = std::make_unique<SubnetIndex>();
  object->stride = 1 + info.keyCount + (info.hasValue ? 1 : 0) + (object->hasTimes() ? 1 : 0);
  if (object->hasTimes()) unarmed_.push_back(Ref<TableObject>::share(object));
  return object;
}

FunctionObject* Heap::function(const types::FuncType* type, uint32_t index, uint32_t captures,
                               uint32_t managedCaptures, const Type* const* captureTypes) {
  size_t size = sizeof(FunctionObject) + captures * sizeof(Slot);
  auto* object = begin<FunctionObject>(allocate(size), Kind::function);
  object->type = type;
  object->function = index;
  object->captureCount = captures;
  object->managedCaptures = managedCaptures;
  object->captureTypes = captureTypes;
  for (uint32_t i = 0; i < captures; ++i) object->captures()[i] = Slot::unset();
  return object;
}

FileObject* Heap::file(std::string_view name, uint64_t handle) {
  auto* object = begin<FileObject>(allocate(sizeof(FileObject)), Kind::file);
  object->name = string(name);
  if (object->name == nullptr) object->name = emptyString();
  object->handle = handle;
  object->open = true;
  object->raw = false;
  object->written = 0;
  return object;
}

OpaqueObject* Heap::opaque(const types::OpaqueType* type, std::unique_ptr<OpaqueState> state) {
  auto* object = begin<OpaqueObject>(allocate(sizeof(OpaqueObject)), Kind::opaque);
  object->type = type;
  object->charged = state->bytes();
  object->state = state.release();
  account(object->charged);
  return object;
}

Slot Heap::box(const Type* type, Slot slot) {
  if (type->is(types::Tag::any)) return slot;
  auto* object = begin<BoxObject>(allocate(sizeof(BoxObject)), Kind::box);
  object->type = type;
  object->slot = slot;
  return Slot::ofObject(object);
}

RecordLayout& Heap::layout(const types::RecordType* type) {
  if (layouts_.size() <= type->id()) layouts_.resize(type->id() + 1);
  auto& layout = layouts_[type->id()];
  if (!layout) {
    layout = std::make_unique<RecordLayout>();
    layout->type = type;
    layout->heap = this;
    layout->fieldCount = static_cast<uint32_t>(type->fields().size());
    layout->presenceWords = (layout->fieldCount + 63) / 64;
    layout->managed.assign(layout->presenceWords, 0);
    layout->imagePresence.assign(layout->presenceWords, 0);
    layout->image.assign(layout->fieldCount, Slot::unset());
    for (uint32_t i = 0; i < layout->fieldCount; ++i) {
      if (type->field(i).type->isManaged()) layout->managed[i / 64] |= uint64_t{1} << (i % 64);
    }
  }
  return *layout;
}

const TableInfo& Heap::tableInfo(const types::TableType* type) {
  if (tableInfos_.size() <= type->id()) tableInfos_.resize(type->id() + 1);
  auto& info = tableInfos_[type->id()];
  if (!info) {
    info = std::make_unique<TableInfo>();
    info->type = type;
    info->heap = this;
    info->keyTypes = type->indices();
    info->keyCount = static_cast<uint32_t>(info->keyTypes.size());
    info->hasValue = type->value() != nullptr;
    info->valueManaged = info->hasValue && type->value()->isManaged();
    for (const Type* key : info->keyTypes) {
      info->keyManaged.push_back(key->isManaged());
      const bool changeable =
          key->is(types::Tag::record) || key->is(types::Tag::vector) || key->isTableOrSet();
      info->keyChangeable.push_back(changeable);
      info->anyChangeable = info->anyChangeable || changeable;
    }
    if (info->keyCount == 1) {
      const Type* key = info->keyTypes[0];
      info->subnetKeyed = key->is(types::Tag::subnet);
      info->patternKeyed = key->is(types::Tag::pattern);
      info->addrKey = key->is(types::Tag::addr);
      info->simpleKey = !key->isManaged() && !key->is(types::Tag::real) &&
                        !key->is(types::Tag::time) && !key->is(types::Tag::interval);
    }
  }
  return *info;
}

// ---- Destruction

namespace {
constexpr uint32_t maxDestroyDepth = 100;
}

void destroyObject(Object* object) {
  Heap& heap = Heap::of(object);
  // A list of a million records must not be a million C++ frames: past a depth objects wait.
  if (heap.destroyDepth_ >= maxDestroyDepth) {
    heap.pendingDestroy_.push_back(object);
    return;
  }
  ++heap.destroyDepth_;
  heap.destroyNow(object);
  --heap.destroyDepth_;
  if (heap.destroyDepth_ == 0) {
    while (!heap.pendingDestroy_.empty()) {
      Object* next = heap.pendingDestroy_.back();
      heap.pendingDestroy_.pop_back();
      ++heap.destroyDepth_;
      heap.destroyNow(next);
      --heap.destroyDepth_;
    }
  }
}

void Heap::destroyNow(Object* object) {
  switch (object->kind) {
    case Kind::string:
      deallocate(object, stringSize(static_cast<StringObject*>(object)->size));
      return;
    case Kind::addr:
      deallocate(object, sizeof(AddrObject));
      return;
    case Kind::subnet:
      deallocate(object, sizeof(SubnetObject));
      return;
    case Kind::pattern: {
      auto* pattern = static_cast<PatternObject*>(object)->pattern;
      charge(-static_cast<int64_t>(pattern->bytes()));
      delete pattern;
      deallocate(object, sizeof(PatternObject));
      return;
    }
    case Kind::record: {
      auto* record = static_cast<RecordObject*>(object);
      const RecordLayout& layout = *record->layout;
      Slot* slots = record->slots();
      for (size_t word = 0; word < layout.managed.size(); ++word) {
        for (uint64_t bits = layout.managed[word]; bits != 0; bits &= bits - 1) {
          release(slots[word * 64 + static_cast<size_t>(__builtin_ctzll(bits))]);
        }
      }
      deallocate(object, recordSize(layout));
      return;
    }
    case Kind::vector:
      static_cast<VectorObject*>(object)->clear();
      deallocate(object, sizeof(VectorObject));
      return;
    case Kind::table: {
      auto* table = static_cast<TableObject*>(object);
      table->clear();
      delete table->extras;
      deallocate(object, sizeof(TableObject));
      return;
    }
    case Kind::function: {
      auto* function = static_cast<FunctionObject*>(object);
      for (uint32_t i = 0; i < function->managedCaptures; ++i) release(function->captures()[i]);
      deallocate(object, sizeof(FunctionObject) + function->captureCount * sizeof(Slot));
      return;
    }
    case Kind::file: {
      auto* file = static_cast<FileObject*>(object);
      if (file->open && file->handle != 0) droppedFiles_.push_back(file->handle);
      release(Slot::ofObject(file->name));
      deallocate(object, sizeof(FileObject));
      return;
    }
    case Kind::opaque: {
      auto* opaque = static_cast<OpaqueObject*>(object);
      inUse_ -= opaque->charged;
      delete opaque->state;
      deallocate(object, sizeof(OpaqueObject));
      return;
    }
    case Kind::box: {
      auto* box = static_cast<BoxObject*>(object);
      if (box->type->isManaged()) release(box->slot);
      deallocate(object, sizeof(BoxObject));
      return;
    }
    case Kind::iterator: {
      auto* iterator = static_cast<IteratorObject*>(object);
      if (iterator->subject->kind == Kind::table) {
        --static_cast<TableObject*>(iterator->subject)->iterators;
      }
      release(Slot::ofObject(iterator->subject));
      if (iterator->order != nullptr) inUse_ -= iterator->order->size() * sizeof(uint32_t);
      delete iterator->order;
      deallocate(object, sizeof(IteratorObject));
      return;
    }
    case Kind::freed:
      assert(false && "freed twice");
      return;
  }
}

void Heap::setOrder(const SeededOrder& order) { order_ = std::make_unique<SeededOrder>(order); }

std::optional<std::vector<uint32_t>> Heap::walkOrder(const TableObject& table) const {
  bool ordered = table.extras != nullptr && table.extras->attributes != nullptr &&
                 table.extras->attributes->ordered;
  if (order_ == nullptr || ordered || table.size() < 2) return std::nullopt;
  return order_->of(table);
}

}  // namespace bulkhead::vm
