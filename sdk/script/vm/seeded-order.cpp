#include "sdk/script/vm/seeded-order.h"

#include "sdk/script/vm/key-bytes.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <string>

namespace bulkhead::vm {

namespace {

// Where entries lie in Zeek's hash table, whose walk goes from its first cell to its last: entries
// of one bucket side by side, buckets in order, each entry as near to its bucket as can be; growth
// moves entries a few at a time, from the end, to their buckets in the larger table. Facts: Dict.h.
class Cells {
 public:
  void insert(uint32_t hash, uint32_t entry) {
    uint32_t home = bucketOf(hash);
    uint32_t at = endOfCluster(home, home);
    uint32_t last = put({hash, home, entry}, at);
    shifts_ += last - at;
    ++insertions_;
    if (moving_ >= 0 && static_cast<int64_t>(at) <= moving_ && moving_ < last) moving_ = last;
    ++count_;
    constexpr uint64_t enoughInsertions = 128, farShift = 32;
    if (count_ > threshold() || (insertions_ > enoughInsertions &&
                                 shifts_ > insertions_ * farShift && count_ > cells_.size() / 4))
      grow();
    moveSome();
  }

  std::vector<uint32_t> walk() const {
    std::vector<uint32_t> entries;
    for (const Cell& cell : cells_)
      if (!cell.empty()) entries.push_back(cell.entry);
    return entries;
  }

 private:
  struct Cell {
    uint32_t hash = 0;
    uint32_t home = UINT32_MAX;  // its bucket when it was put there
    uint32_t entry = 0;
    bool empty() const { return home == UINT32_MAX; }
  };

  uint32_t bucketOf(uint32_t hash) const {
    constexpr uint64_t golden = 11400714819323198485U;  // 2^64 over the golden ratio
    return static_cast<uint32_t>(hash * golden & ((uint64_t{1} << bits_) - 1));
  }
  size_t threshold() const {
    constexpr uint32_t fullBits = 3;  // up to these the table may be full
    return bits_ <= fullBits ? cells_.size() : cells_.size() * 3 / 4;
  }
  // Behind the cells from `at` on that belong to `home` or to a bucket before it.
  uint32_t endOfCluster(uint32_t home, uint32_t at) const {
    while (at < cells_.size() && !cells_[at].empty() && cells_[at].home <= home) ++at;
    return at;
  }

  // Behind the cells from `at` on that have one home.
  uint32_t endOfRun(uint32_t at) const {
    uint32_t home = cells_[at].home;
    while (at < cells_.size() && cells_[at].home == home) ++at;
    return at;
  }

  // What lies at `at` goes to the end of its own cluster, and so on; the last cell that changed.
  uint32_t put(Cell cell, uint32_t at) {
    while (true) {
      if (at >= cells_.size()) grow();
      if (cells_[at].empty()) {
        cells_[at] = cell;
        return at;
      }
      uint32_t behind = endOfRun(at);
      std::swap(cells_[at], cell);
      at = behind;
    }
  }

  Cell takeOut(uint32_t at) {
    Cell taken = cells_[at];
    while (at + 1 < cells_.size() && !cells_[at + 1].empty() && cells_[at + 1].home != at + 1) {
      uint32_t tail = endOfRun(at + 1) - 1;
      cells_[at] = cells_[tail];
      at = tail;
    }
    cells_[at] = {};
    return taken;
  }

  void grow() {
    moving_ = static_cast<int64_t>(cells_.size());
    ++bits_;
    cells_.resize((size_t{1} << bits_) + bits_);
    shifts_ = insertions_ = 0;
  }

  void moveSome() {
    constexpr int atOnce = 16;
    for (int left = atOnce; moving_ >= 0 && left > 0;) {
      auto at = static_cast<uint32_t>(moving_);
      uint32_t home = cells_[at].empty() ? 0 : bucketOf(cells_[at].hash);
      if (cells_[at].empty() || cells_[at].home == home) {
        --moving_;
        continue;
      }
      Cell cell = takeOut(at);
      cell.home = home;
      put(cell, endOfCluster(home, home));
      --left;
    }
  }

  uint32_t bits_ = 0;
  std::vector<Cell> cells_ = std::vector<Cell>(1);
  size_t count_ = 0;
  int64_t moving_ = -1;  // cells up to this one may still lie by the smaller table's buckets
  uint64_t shifts_ = 0, insertions_ = 0;  // since the last growth
};

}  // namespace

std::vector<uint32_t> SeededOrder::of(const TableObject& table) const {
  Cells cells;
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    std::string bytes;
    // Every index has a key; an incomplete record is no index.
    if (!appendKeys(bytes, table.info->keyTypes, table.keysOf(e), key_)) bytes.clear();
    cells.insert(static_cast<uint32_t>(sipHash24(key_, bytes.data(), bytes.size())), e);
  }
  return cells.walk();
}

}  // namespace bulkhead::vm
