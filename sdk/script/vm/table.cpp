#include "sdk/script/vm/table.h"

#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/heap.h"
#include "sdk/script/vm/pattern-index.h"
#include "sdk/script/vm/program.h"
#include "sdk/script/vm/seeded-order.h"
#include "sdk/script/vm/subnet-index.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::vm {

TableExtras::TableExtras() = default;
TableExtras::~TableExtras() = default;

namespace {

constexpr uint32_t smallTable = 8;  // entries that are scanned without an index
constexpr uint32_t indexEmpty = 0;  // otherwise the entry's number plus one
constexpr uint32_t indexErased = UINT32_MAX;
constexpr uint32_t maxEntries = uint32_t{1} << 30;
constexpr uint64_t liveBit = uint64_t{1} << 32;

// Neighbours stay neighbours: runs of sixteen numbers share a cache line of the index. Where the
// runs lie depends on the seed, so nobody can line up more collisions than that.
uint32_t hashNumber(uint64_t number, uint64_t seed) {
  return static_cast<uint32_t>((mix((number >> 4) ^ seed) & ~uint64_t{15}) | (number & 15));
}

// Keys that are more than one number.
[[gnu::noinline]] uint32_t hashParts(const TableInfo& info, const Slot* keys, uint64_t seed) {
  if (info.keyCount == 1) {
    Slot key = keys[0];
    if (key.isReference() && info.keyTypes[0]->is(types::Tag::string)) {
      // Strings do not change: they keep their hash.
      StringObject& string = stringOf(key);
      if (string.hash == 0) string.hash = static_cast<uint32_t>(hashBytes(string.view(), seed)) | 1;
      return string.hash;
    }
    return static_cast<uint32_t>(hashValue(info.keyTypes[0], key, seed));
  }
  uint64_t hash = seed;
  for (uint32_t i = 0; i < info.keyCount; ++i) {
    hash = mix(hash ^ hashValue(info.keyTypes[i], keys[i], seed));
  }
  return static_cast<uint32_t>(hash);
}

inline uint32_t hashKeys(const TableInfo& info, const Slot* keys) {
  uint64_t seed = info.heap->hashSeed();
  if (info.simpleKey) return hashNumber(keys[0].bits, seed);
  if (info.addrKey && keys[0].isImmediate()) return hashNumber(keys[0].bits >> 32, seed);  // IPv4
  return hashParts(info, keys, seed);
}

[[gnu::noinline]] bool sameParts(const TableInfo& info, const Slot* a, const Slot* b) {
  for (uint32_t i = 0; i < info.keyCount; ++i) {
    if (!equalValues(info.keyTypes[i], a[i], b[i])) return false;
  }
  return true;
}

inline bool sameKeys(const TableInfo& info, const Slot* a, const Slot* b) {
  // An IPv4 address is never an object.
  if (info.simpleKey || (info.addrKey && a[0].isImmediate())) return a[0].bits == b[0].bits;
  return sameParts(info, a, b);
}

void releaseKeys(const TableInfo& info, const Slot* keys) {
  for (uint32_t i = 0; i < info.keyCount; ++i) {
    if (info.keyManaged[i] != 0) release(keys[i]);
  }
}

uint32_t hashOf(const TableObject& table, uint32_t entry) {
  return static_cast<uint32_t>(table.cells[size_t{entry} * table.stride].bits);
}

size_t cellBytes(const TableObject& table, uint32_t capacity) {
  return size_t{capacity} * table.stride * sizeof(Slot);
}
size_t indexBytes(uint32_t mask) { return mask == 0 ? 0 : (size_t{mask} + 1) * sizeof(uint32_t); }

void addToIndex(TableObject& table, uint32_t entry) {
  uint32_t at = hashOf(table, entry) & table.indexMask;
  while (table.index[at] != indexEmpty && table.index[at] != indexErased) {
    at = (at + 1) & table.indexMask;
  }
  table.index[at] = entry + 1;
}

// The place in the index that names `entry`.
uint32_t placeOf(const TableObject& table, uint32_t entry) {
  uint32_t at = hashOf(table, entry) & table.indexMask;
  while (table.index[at] != entry + 1) at = (at + 1) & table.indexMask;
  return at;
}

void forgetPatterns(TableObject& table) {
  if (table.extras != nullptr) table.extras->patterns.reset();
}

// The index follows the room for entries: at most two thirds full of live and erased places
// together.
bool makeIndex(TableObject& table) {
  Heap& heap = *table.info->heap;
  uint32_t wanted = 0;
  if (table.capacity > smallTable) {
    wanted = 16;
    while (wanted < table.capacity + table.capacity / 2) wanted *= 2;
    wanted -= 1;
  }
  if (wanted != table.indexMask) {
    void* index = heap.allocateBuffer(indexBytes(wanted));
    if (index == nullptr)
      return table.used < table.capacity && table.indexMask >= table.used * 3 / 2;
    heap.freeBuffer(table.index, indexBytes(table.indexMask));
    table.index = static_cast<uint32_t*>(index);
    table.indexMask = wanted;
  }
  if (table.indexMask != 0) {
    std::memset(table.index, 0, indexBytes(table.indexMask));
    for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
      addToIndex(table, e);
    }
  }
  return true;
}

// Moves live entries together if nobody iterates, and makes room for one more entry.
bool makeRoom(TableObject& table) {
  Heap& heap = *table.info->heap;
  if (table.iterators == 0 && table.live < table.used - table.used / 4) {
    uint32_t to = 0;
    SeededCells* seeded = table.extras == nullptr ? nullptr : table.extras->cells.get();
    std::vector<uint32_t> numbers(seeded == nullptr ? 0 : table.used, TableObject::none);
    uint32_t cursor = table.extras == nullptr ? 0 : table.extras->expireCursor;
    for (uint32_t from = 0; from < table.used; ++from) {
      if (table.extras != nullptr && from == cursor) table.extras->expireCursor = to;
      if (!table.isLive(from)) continue;
      if (seeded != nullptr) numbers[from] = to;
      if (from != to) {
        std::memcpy(static_cast<void*>(table.cells + size_t{to} * table.stride),
                    table.cells + size_t{from} * table.stride, table.stride * sizeof(Slot));
      }
      ++to;
    }
    if (seeded != nullptr) seeded->renumber(numbers);
    if (table.extras != nullptr && cursor >= table.used) table.extras->expireCursor = to;
    table.used = to;
    // Room for the entries there are, twice over, is enough for a table that was once large.
    if (table.capacity > 64 && table.live < table.capacity / 8) {
      uint32_t capacity = table.capacity / 4;
      void* cells = heap.growBuffer(table.cells, cellBytes(table, table.capacity),
                                    cellBytes(table, capacity));
      if (cells != nullptr) {
        table.cells = static_cast<Slot*>(cells);
        table.capacity = capacity;
      }
    }
    if (table.extras != nullptr && table.extras->subnets) table.extras->subnets->rebuild(table);
  } else if (table.used == table.capacity) {
    if (table.capacity >= maxEntries) return false;
    uint32_t capacity = table.capacity == 0 ? 4 : table.capacity * 2;
    void* cells =
        heap.growBuffer(table.cells, cellBytes(table, table.capacity), cellBytes(table, capacity));
    if (cells == nullptr) return false;
    table.cells = static_cast<Slot*>(cells);
    table.capacity = capacity;
  } else {
    return true;
  }
  return makeIndex(table);
}

}  // namespace

namespace {

// The entry of keys whose hash is known.
inline uint32_t locate(const TableObject& table, const Slot* keys, uint32_t hash) {
  uint64_t meta = liveBit | hash;
  const TableInfo& info = *table.info;
  if (table.indexMask == 0) {
    for (uint32_t e = 0; e < table.used; ++e) {
      const Slot* cell = table.cells + size_t{e} * table.stride;
      if (cell->bits == meta && sameKeys(info, cell + 1, keys)) return e;
    }
    return TableObject::none;
  }
  for (uint32_t at = hash & table.indexMask;; at = (at + 1) & table.indexMask) {
    uint32_t place = table.index[at];
    if (place == indexEmpty) return TableObject::none;
    if (place == indexErased) continue;
    const Slot* cell = table.cells + size_t{place - 1} * table.stride;
    if (cell->bits == meta && sameKeys(info, cell + 1, keys)) return place - 1;
  }
}

// Keys are values: what becomes of a record after it was put in must not change them. Takes over
// one count of each; false, with all of them given up, if the heap refuses a copy.
bool keepKeys(const TableInfo& info, Slot* keys) {
  for (uint32_t i = 0; i < info.keyCount; ++i) {
    // One that nobody else holds stays as it is.
    if (info.keyChangeable[i] == 0 || keys[i].object->refs == 1) continue;
    Value copy = copyOfKey(*info.heap, info.keyTypes[i], keys[i]);
    if (copy.empty()) {
      releaseKeys(info, keys);
      return false;
    }
    release(keys[i]);
    keys[i] = copy.take();
  }
  return true;
}

}  // namespace

uint32_t TableObject::find(const Slot* keys) const {
  return live == 0 ? none : locate(*this, keys, hashKeys(*info, keys));
}

uint32_t TableObject::insert(const Slot* keys, Slot value) {
  uint32_t hash = hashKeys(*info, keys);
  return insertHashed(keys, value, hash, live == 0 ? none : locate(*this, keys, hash));
}

uint32_t TableObject::insertHashed(const Slot* keys, Slot value, uint32_t hash, uint32_t entry) {
  Heap& heap = *info->heap;
  if (entry != none) {
    releaseKeys(*info, keys);
    if (info->hasValue) {
      Slot old = *valueOf(entry);
      *valueOf(entry) = value;
      if (info->valueManaged) release(old);
    }
    heap.noteChange(*this);
    return entry;
  }
  if (used == capacity && !makeRoom(*this)) {
    releaseKeys(*info, keys);
    if (info->valueManaged) release(value);
    return none;
  }
  Slot kept[maxTableKeys];
  if (info->anyChangeable) {
    std::copy_n(keys, info->keyCount, kept);
    if (!keepKeys(*info, kept)) {
      if (info->valueManaged) release(value);
      return none;
    }
    keys = kept;
  }
  if (heap.packageAtWork()) flags |= tableTouched;
  const SeededOrder* order = heap.order();
  // What is put in during a walk leaves traces too.
  if (order != nullptr && iterators != 0 && !makeExtras().cells)
    extras->cells = std::make_unique<SeededCells>(order->cellsOf(*this));
  entry = used++;
  Slot* cell = cells + size_t{entry} * stride;
  cell->bits = liveBit | hash;
  for (uint32_t i = 0; i < info->keyCount; ++i) cell[1 + i] = keys[i];
  if (info->hasValue) cell[1 + info->keyCount] = value;
  if (indexMask != 0) addToIndex(*this, entry);
  ++live;
  if (extras != nullptr) {
    if (hasTimes()) cell[stride - 1] = Slot::ofReal(0);
    if (extras->subnets) extras->subnets->insert(subnetOf(keys[0]), entry);
    if (info->patternKeyed) forgetPatterns(*this);
    if (extras->cells) extras->cells->insert(order->hashOf(*this, entry), entry, iterators != 0);
  }
  heap.noteChange(*this);
  return entry;
}

void TableObject::reserve(uint32_t entries) {
  if (capacity != 0 || entries == 0 || entries > maxEntries) return;
  uint32_t wanted = 4;
  while (wanted < entries) wanted *= 2;
  void* room = info->heap->allocateBuffer(cellBytes(*this, wanted));
  if (room == nullptr) return;
  cells = static_cast<Slot*>(room);
  capacity = wanted;
  if (makeIndex(*this) && (capacity <= smallTable || indexMask != 0)) return;
  info->heap->freeBuffer(cells, cellBytes(*this, wanted));
  cells = nullptr;
  capacity = 0;
}

uint32_t TableObject::findFrom(const TableObject& other, uint32_t entry) const {
  return live == 0 ? none : locate(*this, other.keysOf(entry), hashOf(other, entry));
}

uint32_t TableObject::insertFrom(const TableObject& other, uint32_t entry, bool known) {
  const Slot* keys = other.keysOf(entry);
  for (uint32_t i = 0; i < info->keyCount; ++i) {
    if (info->keyManaged[i] != 0) retain(keys[i]);
  }
  return insertHashed(keys, Slot::unset(), hashOf(other, entry),
                      known ? none : findFrom(other, entry));
}

void TableObject::eraseEntry(uint32_t entry) {
  assert(isLive(entry));
  if (const SeededOrder* order = info->heap->order()) {
    TableExtras& more = makeExtras();
    if (!more.cells) more.cells = std::make_unique<SeededCells>(order->cellsOf(*this));
    more.cells->erase(order->hashOf(*this, entry), entry);
  }
  Slot* cell = cells + size_t{entry} * stride;
  if (indexMask != 0) index[placeOf(*this, entry)] = indexErased;
  if (extras != nullptr) {
    if (extras->subnets) extras->subnets->erase(subnetOf(cell[1]));
    if (info->patternKeyed) forgetPatterns(*this);
  }
  cell->bits = 0;
  --live;
  info->heap->noteChange(*this);
  // Take the parts out before releasing: a release may lead back here.
  Slot value = info->hasValue ? cell[1 + info->keyCount] : Slot::unset();
  Slot keys[8];
  if (info->keyCount <= 8) {
    std::memcpy(static_cast<void*>(keys), cell + 1, info->keyCount * sizeof(Slot));
    releaseKeys(*info, keys);
  } else {
    std::vector<Slot> many(cell + 1, cell + 1 + info->keyCount);
    releaseKeys(*info, many.data());
  }
  if (info->valueManaged) release(value);
  if (live == 0 && iterators == 0 && used * 2 > capacity) {
    // All gaps: start over without moving anything. Half the room was used since the last time,
    // which pays for wiping the index.
    used = 0;
    if (extras != nullptr) extras->expireCursor = 0;
    if (indexMask != 0) std::memset(index, 0, indexBytes(indexMask));
  }
}

bool TableObject::erase(const Slot* keys) {
  uint32_t entry = find(keys);
  if (entry == none) return false;
  eraseEntry(entry);
  return true;
}

void TableObject::clear() {
  Heap& heap = *info->heap;
  if (iterators != 0) {
    // Loops hold entry numbers: leave the cells where they are.
    for (uint32_t e = next(0); e != none; e = next(e + 1)) eraseEntry(e);
    return;
  }
  Slot* oldCells = cells;
  uint32_t oldUsed = used;
  uint32_t oldCapacity = capacity;
  heap.freeBuffer(index, indexBytes(indexMask));
  cells = nullptr;
  index = nullptr;
  used = live = capacity = indexMask = 0;
  if (extras != nullptr) {
    extras->expireCursor = 0;
    extras->cells.reset();
    if (extras->subnets) extras->subnets = std::make_unique<SubnetIndex>();
    forgetPatterns(*this);
  }
  for (uint32_t e = 0; e < oldUsed; ++e) {
    Slot* cell = oldCells + size_t{e} * stride;
    if (cell->bits == 0) continue;
    releaseKeys(*info, cell + 1);
    if (info->valueManaged) release(cell[1 + info->keyCount]);
  }
  heap.freeBuffer(oldCells, cellBytes(*this, oldCapacity));
  heap.noteChange(*this);
}

uint32_t TableObject::nextExpiring() {
  TableExtras& more = makeExtras();
  if (const SeededOrder* order = info->heap->order()) {
    if (!more.cells) more.cells = std::make_unique<SeededCells>(order->cellsOf(*this));
    return more.cells->advance();
  }
  uint32_t entry = next(more.expireCursor);
  more.expireCursor = entry == none ? 0 : entry + 1;
  return entry;
}

TableExtras& TableObject::makeExtras() {
  if (extras == nullptr) extras = new TableExtras();
  return *extras;
}

bool TableObject::attach(const TableAttributes* attributes) {
  makeExtras().attributes = attributes;
  uint32_t wanted = 1 + info->keyCount + (info->hasValue ? 1 : 0) + (hasTimes() ? 1 : 0);
  if (wanted == stride) return true;
  assert(iterators == 0);
  Heap& heap = *info->heap;
  if (capacity != 0) {
    size_t size = size_t{capacity} * wanted * sizeof(Slot);
    auto* moved = static_cast<Slot*>(heap.allocateBuffer(size));
    if (moved == nullptr) {
      extras->attributes = nullptr;
      return false;
    }
    uint32_t common = std::min(wanted, stride);
    for (uint32_t e = 0; e < used; ++e) {
      Slot* to = moved + size_t{e} * wanted;
      std::memcpy(static_cast<void*>(to), cells + size_t{e} * stride, common * sizeof(Slot));
      if (wanted > stride) to[wanted - 1] = Slot::ofReal(0);
    }
    heap.freeBuffer(cells, cellBytes(*this, capacity));
    cells = moved;
  }
  stride = wanted;
  return true;
}

uint32_t TableObject::findCovering(const Subnet& subnet) const {
  assert(info->subnetKeyed);
  return extras->subnets->longest(subnet);
}

std::vector<uint32_t> TableObject::allCovering(const Subnet& subnet) const {
  assert(info->subnetKeyed);
  return extras->subnets->covering(subnet);
}

std::vector<uint32_t> TableObject::allInside(const Subnet& subnet) const {
  std::vector<uint32_t> found;
  for (uint32_t e = next(0); e != none; e = next(e + 1)) {
    Subnet inner = subnetOf(keysOf(e)[0]);
    if (inner.width128() >= subnet.width128() && subnet.contains(inner.prefix)) found.push_back(e);
  }
  return found;
}

std::vector<uint32_t> TableObject::allMatching(std::string_view text) const {
  assert(info->patternKeyed);
  if (live == 0) return {};
  auto& table = const_cast<TableObject&>(*this);
  TableExtras& more = table.makeExtras();
  if (!more.patterns) more.patterns = std::make_unique<PatternIndex>(table);
  return more.patterns->matching(table, text);
}

TableWalk::TableWalk(TableObject& table)
    : table_(Ref<TableObject>::share(&table)), end_(table.used) {
  ++table.iterators;
  order_ = table.info->heap->walkOrder(table);
  entry_ = order_ ? nextInOrder() : table.next(0);
}

uint32_t TableWalk::nextInOrder() {
  while (orderAt_ < order_->size()) {
    uint32_t entry = (*order_)[orderAt_++];
    if (table_->isLive(entry)) return entry;
  }
  return TableObject::none;
}

}  // namespace bulkhead::vm
