#include "sdk/script/vm/seeded-order.h"

#include "sdk/script/vm/key-bytes.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <string>

namespace bulkhead::vm {

namespace {

void forget(std::vector<uint32_t>& entries, uint32_t entry) {
  entries.erase(std::remove(entries.begin(), entries.end(), entry), entries.end());
}

}  // namespace

void SeededCells::insert(uint32_t hash, uint32_t entry, bool still) {
  uint32_t home = bucketOf(hash);
  uint32_t at = endOfCluster(home, home);
  uint32_t last = put({hash, home, entry}, at);
  shifts_ += last - at;
  ++insertions_;
  if (walking_) {
    forget(walking_->passedBy, entry);
    forget(walking_->met, entry);
    const int64_t next = walking_->next;
    if (at < next) walking_->passedBy.push_back(entry);
    if (at < next && next <= last && !cells_[static_cast<size_t>(next)].empty())
      walking_->met.push_back(cells_[endOfRun(static_cast<uint32_t>(next)) - 1].entry);
  }
  if (moving_ >= 0 && static_cast<int64_t>(at) <= moving_ && moving_ < last) moving_ = last;
  ++count_;
  constexpr uint64_t enoughInsertions = 128, farShift = 32;
  if (count_ > threshold() || (insertions_ > enoughInsertions && shifts_ > insertions_ * farShift &&
                               count_ > cells_.size() / 4))
    grow();
  if (!still) moveSome();
}

void SeededCells::erase(uint32_t hash, uint32_t entry) {
  // Near its bucket as a rule; elsewhere while a growth is under way.
  uint32_t at = bucketOf(hash);
  while (at < cells_.size() && !cells_[at].empty() && cells_[at].entry != entry) ++at;
  if (at >= cells_.size() || cells_[at].empty()) {
    at = 0;
    while (at < cells_.size() && (cells_[at].empty() || cells_[at].entry != entry)) ++at;
    if (at >= cells_.size()) return;
  }
  uint32_t last = at;
  takeOut(at, &last);
  --count_;
  if (!walking_) return;
  SeededWalk& walk = *walking_;
  forget(walk.passedBy, entry);
  forget(walk.met, entry);
  if (at < walk.next && walk.next <= last) {
    auto moved = static_cast<uint32_t>(walk.next - 1);
    while (moved > at && cells_[moved - 1].home == cells_[moved].home) --moved;
    walk.passedBy.push_back(cells_[moved].entry);
  }
  if (walk.next >= 0 && walk.next < static_cast<int64_t>(cells_.size()) &&
      cells_[static_cast<size_t>(walk.next)].empty())
    walk.next = nextFull(walk.next);
}

std::vector<uint32_t> SeededCells::walk() const {
  std::vector<uint32_t> entries;
  for (const Cell& cell : cells_)
    if (!cell.empty()) entries.push_back(cell.entry);
  return entries;
}

void SeededCells::renumber(const std::vector<uint32_t>& numbers) {
  for (Cell& cell : cells_)
    if (!cell.empty()) cell.entry = numbers[cell.entry];
  if (!walking_) return;
  for (uint32_t& entry : walking_->passedBy) entry = numbers[entry];
  for (uint32_t& entry : walking_->met) entry = numbers[entry];
}

uint32_t SeededCells::advance() {
  if (!walking_) walking_.emplace();
  SeededWalk& walk = *walking_;
  if (!walk.passedBy.empty()) {
    uint32_t entry = walk.passedBy.back();
    walk.passedBy.pop_back();
    return entry;
  }
  if (walk.next < 0) walk.next = nextFull(-1);
  while (walk.next < static_cast<int64_t>(cells_.size())) {
    const Cell& cell = cells_[static_cast<size_t>(walk.next)];
    auto known = std::find(walk.met.begin(), walk.met.end(), cell.entry);
    const uint32_t entry = cell.entry;
    const bool fresh = !cell.empty() && known == walk.met.end();
    if (known != walk.met.end()) walk.met.erase(known);
    walk.next = nextFull(walk.next);
    if (fresh) return entry;
  }
  walking_.reset();
  return UINT32_MAX;
}

uint32_t SeededCells::bucketOf(uint32_t hash) const {
  constexpr uint64_t golden = 11400714819323198485U;  // 2^64 over the golden ratio
  return static_cast<uint32_t>(hash * golden & ((uint64_t{1} << bits_) - 1));
}

size_t SeededCells::threshold() const {
  constexpr uint32_t fullBits = 3;  // up to these the table may be full
  return bits_ <= fullBits ? cells_.size() : cells_.size() * 3 / 4;
}

// The first full cell behind `after`, or the end.
uint32_t SeededCells::nextFull(int64_t after) const {
  auto at = static_cast<uint32_t>(after + 1);
  while (at < cells_.size() && cells_[at].empty()) ++at;
  return at;
}

// Behind the cells from `at` on that belong to `home` or to a bucket before it.
uint32_t SeededCells::endOfCluster(uint32_t home, uint32_t at) const {
  while (at < cells_.size() && !cells_[at].empty() && cells_[at].home <= home) ++at;
  return at;
}

// Behind the cells from `at` on that have one home.
uint32_t SeededCells::endOfRun(uint32_t at) const {
  uint32_t home = cells_[at].home;
  while (at < cells_.size() && cells_[at].home == home) ++at;
  return at;
}

// What lies at `at` goes to the end of its own cluster, and so on; the last cell that changed.
uint32_t SeededCells::put(Cell cell, uint32_t at) {
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

// Each gap is filled with the tail of the cluster behind it; `last` is the cell that stays empty.
SeededCells::Cell SeededCells::takeOut(uint32_t at, uint32_t* last) {
  Cell taken = cells_[at];
  while (at + 1 < cells_.size() && !cells_[at + 1].empty() && cells_[at + 1].home != at + 1) {
    uint32_t tail = endOfRun(at + 1) - 1;
    cells_[at] = cells_[tail];
    at = tail;
  }
  cells_[at] = {};
  if (last != nullptr) *last = at;
  return taken;
}

void SeededCells::grow() {
  const auto before = static_cast<int64_t>(cells_.size());
  moving_ = before;
  ++bits_;
  cells_.resize((size_t{1} << bits_) + bits_);
  if (walking_ && walking_->next >= before) walking_->next = static_cast<int64_t>(cells_.size());
  shifts_ = insertions_ = 0;
}

void SeededCells::moveSome() {
  if (walking_) return;  // until it is over
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

uint32_t SeededOrder::hashOf(const TableObject& table, uint32_t entry) const {
  std::string bytes;
  // Every index has a key; an incomplete record is no index.
  if (!appendKeys(bytes, table.info->keyTypes, table.keysOf(entry), key_)) bytes.clear();
  return static_cast<uint32_t>(sipHash24(key_, bytes.data(), bytes.size()));
}

SeededCells SeededOrder::cellsOf(const TableObject& table) const {
  SeededCells cells;
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1))
    cells.insert(hashOf(table, e), e);
  return cells;
}

std::vector<uint32_t> SeededOrder::of(const TableObject& table) const {
  if (table.extras != nullptr && table.extras->cells) return table.extras->cells->walk();
  return cellsOf(table).walk();
}

}  // namespace bulkhead::vm
