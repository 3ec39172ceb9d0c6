#pragma once
// Tables and sets: compact hash tables that iterate in order of insertion, whatever the hash
// (seeded-order.h tells the exception).
//
// Entries lie in one array in the order they were added, with an index of 32-bit numbers beside it;
// deletion leaves a gap that a later rehash closes, but never while somebody iterates. An entry is
// a run of cells: hash and state, the key's slots, the value (tables only), the time of last access
// (only with an expiry attribute). The raw methods here know nothing of &on_change, &default and
// expiry call-backs: Vm (vm.h) has the operations with the language's whole meaning.

#include "sdk/script/vm/value.h"

#include <memory>
#include <span>
#include <vector>

namespace bulkhead::vm {

constexpr int32_t noFunction = -1;
// The expression reads variables of the function around it: the table got its value when it was
// made.
constexpr int32_t givenWhenMade = -2;

// Attributes that a declaration gives to table values. Each expression is a Code of the Program
// without parameters that evaluates it. Owned by the Program.
struct TableAttributes {
  enum class Expiry : uint8_t { none, create, read, write };

  int32_t defaultFunction = noFunction;
  const Type* defaultType = nullptr;  // what it evaluates to
  bool defaultIsFunction = false;     // called with the key for each missing one
  bool insertDefault = false;         // &default_insert
  Expiry expiry = Expiry::none;
  int32_t expiryInterval = noFunction;  // gives an interval
  int32_t expireFunction = noFunction;  // gives a function value
  int32_t onChange = noFunction;        // gives a function value
  bool ordered = false;
};

struct TableInfo {
  const types::TableType* type = nullptr;
  Heap* heap = nullptr;
  uint32_t keyCount = 0;
  bool hasValue = false;
  bool valueManaged = false;
  bool subnetKeyed = false;   // the only key is a subnet: addr look-ups take the longest prefix
  bool patternKeyed = false;  // the only key is a pattern: string look-ups match
  bool simpleKey = false;     // the only key is compared by its bits
  bool addrKey = false;       // the only key is an addr
  std::vector<const Type*> keyTypes;
  std::vector<uint8_t> keyManaged;
  // Whether a script can change a key of that type after it was put in: then a copy is kept.
  std::vector<uint8_t> keyChangeable;
  bool anyChangeable = false;
};

class SubnetIndex;
class PatternIndex;
class SeededCells;

// What few tables need.
struct TableExtras {
  const TableAttributes* attributes = nullptr;
  Value defaultValue;  // evaluated once
  Value expireFunction;
  Value onChange;
  bool expiring = false;  // inside a step of expiry
  bool changing = false;  // inside its own &on_change call
  uint32_t expireCursor = 0;
  bool timerPending = false;
  std::unique_ptr<SubnetIndex> subnets;
  std::unique_ptr<PatternIndex> patterns;
  // With Zeek's seeds, from the first deletion on: see seeded-order.h.
  std::unique_ptr<SeededCells> cells;

  TableExtras();
  ~TableExtras();
};

// A flag of a table or set: a package's code, or code that ran for it, put elements into it; or the
// table was copied or computed from such a one by copy(), a conversion or a set operator. What a
// loop carries over from one set to another is not followed.
constexpr uint8_t tableTouched = 2;

struct TableObject : Object {
  static constexpr uint32_t none = UINT32_MAX;

  const TableInfo* info;
  Slot* cells;
  uint32_t* index;
  uint32_t stride;  // cells per entry
  uint32_t used;    // entries in `cells`, gaps included
  uint32_t live;
  uint32_t capacity;    // entries that `cells` holds
  uint32_t indexMask;   // slots of `index` less one; 0 without an index (small tables scan)
  uint32_t iterators;   // loops under way; entries do not move meanwhile
  TableExtras* extras;  // owned, often null

  uint32_t size() const { return live; }
  bool touchedByPackage() const { return (flags & tableTouched) != 0; }
  bool isLive(uint32_t entry) const { return (cells[size_t{entry} * stride].bits >> 32) != 0; }
  // The first entry at or after `entry`, or `none`. Valid until a rehash: hold a TableWalk.
  uint32_t next(uint32_t entry) const {
    while (entry < used && !isLive(entry)) ++entry;
    return entry < used ? entry : none;
  }
  const Slot* keysOf(uint32_t entry) const { return cells + size_t{entry} * stride + 1; }
  Slot* valueOf(uint32_t entry) { return cells + size_t{entry} * stride + 1 + info->keyCount; }
  bool hasTimes() const {
    return extras != nullptr && extras->attributes != nullptr &&
           extras->attributes->expiry != TableAttributes::Expiry::none;
  }
  // Time of creation or last access, by the expiry attribute; only if hasTimes().
  double& timeOf(uint32_t entry) { return cells[size_t{entry} * stride + stride - 1].real; }

  // Exact look-up.
  uint32_t find(const Slot* keys) const;
  // What an index expression means: as find(), but a subnet finds the longest prefix that covers
  // it.
  uint32_t lookUp(const Slot* keys) const {
    return info->subnetKeyed ? findCovering(subnetOf(keys[0])) : find(keys);
  }
  // Takes over one count of each key and of the value (ignored for a set). An entry that exists
  // keeps its place and key and gets the new value. `none` if the heap refuses (counts are
  // released).
  [[nodiscard]] uint32_t insert(const Slot* keys, Slot value);
  // Room for so many entries in a table that never had any; a heap that refuses is asked again by
  // insert().
  void reserve(uint32_t entries);
  // insert() into a set for the keys of an entry of another table with keys of the same types,
  // whose counts this takes itself. `known` says that they are not there yet.
  [[nodiscard]] uint32_t insertFrom(const TableObject& other, uint32_t entry, bool known);
  // find() for those.
  uint32_t findFrom(const TableObject& other, uint32_t entry) const;
  void eraseEntry(uint32_t entry);
  // False if there was none.
  bool erase(const Slot* keys);
  void clear();

  // Subnet-keyed tables: the entry of the longest prefix that covers `subnet`, or none.
  uint32_t findCovering(const Subnet& subnet) const;
  // All entries whose prefix covers `subnet`, longest first; and all entries that lie inside it.
  std::vector<uint32_t> allCovering(const Subnet& subnet) const;
  std::vector<uint32_t> allInside(const Subnet& subnet) const;
  // Pattern-keyed tables: entries whose pattern matches the whole of `text`, in order of insertion.
  std::vector<uint32_t> allMatching(std::string_view text) const;

  TableExtras& makeExtras();
  // The walk of the table that expiry makes, a step at a time: the next entry, or `none` at its
  // end.
  uint32_t nextExpiring();
  // Gives the table attributes; entries that it has count as accessed at time 0. False if the heap
  // refuses the room for access times.
  [[nodiscard]] bool attach(const TableAttributes* attributes);

 private:
  // `entry`: that of these keys, or none.
  uint32_t insertHashed(const Slot* keys, Slot value, uint32_t hash, uint32_t entry);
};

inline TableObject& tableOf(Slot s) { return *static_cast<TableObject*>(s.object); }

// While one of these lives the table's entries keep their numbers. Entries added meanwhile are not
// visited; deleted ones are skipped.
class TableWalk {
 public:
  explicit TableWalk(TableObject& table);
  ~TableWalk() { --table_->iterators; }
  TableWalk(const TableWalk&) = delete;
  TableWalk& operator=(const TableWalk&) = delete;

  bool done() const { return entry_ == TableObject::none || entry_ >= end_; }
  void advance() {
    if (order_)
      entry_ = nextInOrder();
    else
      entry_ = table_->next(entry_ + 1);
  }
  uint32_t entry() const { return entry_; }
  const Slot* keys() const { return table_->keysOf(entry_); }
  Slot value() const { return *table_->valueOf(entry_); }

 private:
  uint32_t nextInOrder();

  Ref<TableObject> table_;
  uint32_t end_;
  uint32_t entry_;
  std::optional<std::vector<uint32_t>> order_;  // SeededOrder's
  size_t orderAt_ = 0;
};

}  // namespace bulkhead::vm
