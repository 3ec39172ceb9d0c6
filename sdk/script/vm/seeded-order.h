#pragma once
// The order in which Zeek walks a table or set, given the seeds of its hash functions.
//
// Tables here walk in order of insertion. In Zeek the order is that of hashes under a key from the
// seed file, and what package authors recorded under a fixed seed file has that order in it: so
// with the same seeds the walk is the same. It is worked out when a walk begins, from the entries
// as they were inserted. Deletions leave traces too: from its first one on a table keeps its cells.

#include "common/unique-id.h"
#include "sdk/script/vm/value.h"

#include <optional>
#include <vector>

namespace bulkhead::vm {

// A walk over SeededCells that goes on while entries come and go: each entry is met once, those
// that move into what was passed next of all.
struct SeededWalk {
  int64_t next = -1;
  std::vector<uint32_t> passedBy;  // moved or put to before `next`
  std::vector<uint32_t> met;       // moved behind it
};

// Where entries lie in Zeek's hash table, whose walk goes from its first cell to its last: entries
// of one bucket side by side, buckets in order, each entry as near to its bucket as can be; growth
// moves entries a few at a time, from the end, to their buckets in the larger table. Facts: Dict.h.
class SeededCells {
 public:
  // `still`: somebody walks the table, and a growth does not go on meanwhile.
  void insert(uint32_t hash, uint32_t entry, bool still = false);
  void erase(uint32_t hash, uint32_t entry);
  std::vector<uint32_t> walk() const;
  // Entries have other numbers from now on: numbers[old], UINT32_MAX for those that are gone.
  void renumber(const std::vector<uint32_t>& numbers);

  // The next entry, or UINT32_MAX at the end.
  uint32_t advance();
  void endWalk() { walking_.reset(); }

 private:
  struct Cell {
    uint32_t hash = 0;
    uint32_t home = UINT32_MAX;  // its bucket when it was put there
    uint32_t entry = 0;
    bool empty() const { return home == UINT32_MAX; }
  };

  uint32_t bucketOf(uint32_t hash) const;
  size_t threshold() const;
  uint32_t endOfCluster(uint32_t home, uint32_t at) const;
  uint32_t endOfRun(uint32_t at) const;
  uint32_t nextFull(int64_t after) const;
  uint32_t put(Cell cell, uint32_t at);
  Cell takeOut(uint32_t at, uint32_t* last = nullptr);
  void grow();
  void moveSome();

  uint32_t bits_ = 0;
  std::vector<Cell> cells_ = std::vector<Cell>(1);
  size_t count_ = 0;
  int64_t moving_ = -1;  // cells up to this one may still lie by the smaller table's buckets
  uint64_t shifts_ = 0, insertions_ = 0;  // since the last growth
  std::optional<SeededWalk> walking_;     // at most one at a time
};

class SeededOrder {
 public:
  explicit SeededOrder(const SipKey& key) : key_(key) {}
  // The numbers of all live entries.
  std::vector<uint32_t> of(const TableObject& table) const;
  // The cells of a table from which nothing was deleted yet.
  SeededCells cellsOf(const TableObject& table) const;
  uint32_t hashOf(const TableObject& table, uint32_t entry) const;
  const SipKey& key() const { return key_; }

 private:
  SipKey key_;
};

}  // namespace bulkhead::vm
