#include "sdk/script/vm/seeded-order.h"

#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/table.h"

#include <algorithm>

namespace bulkhead::vm {

using types::Tag;

namespace {

// The bytes that stand for a key: its parts one after the other, each aligned to its size. Facts
// about the form: Zeek's sources, CompHash.cc and Hash.cc.
class KeyBytes {
 public:
  KeyBytes(const SipKey& key, int depth) : key_(key), depth_(depth) {}

  // A key of one part is its bare bytes: a string without its length.
  static std::string ofKey(const SipKey& key, const TableObject& table, const Slot* keys,
                           int depth) {
    KeyBytes bytes(key, depth);
    bool single = table.info->keyCount == 1;
    for (uint32_t k = 0; k < table.info->keyCount; ++k)
      bytes.value(table.info->keyTypes[k], keys[k], single);
    return std::move(bytes.out_);
  }

 private:
  void raw(std::string_view bytes, size_t alignment = 1) {
    out_.append((alignment - out_.size() % alignment) % alignment, '\0');
    out_ += bytes;
  }
  template <typename Number>
  void number(Number value) {
    raw({reinterpret_cast<const char*>(&value), sizeof value}, sizeof value);
  }
  void address(const IpAddr& address) {
    raw({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()}, 4);
  }

  void value(const Type* type, Slot slot, bool single) {
    switch (type->tag()) {
      case Tag::boolean:
      case Tag::integer:
      case Tag::enumeration:
      case Tag::count:
        return number(slot.count);
      case Tag::port: {
        constexpr uint64_t transports[] = {0x00000, 0x10000, 0x20000, 0x30000};
        Port port = slot.port();
        return number(transports[static_cast<size_t>(port.transport)] | port.number);
      }
      case Tag::real:
      case Tag::time:
      case Tag::interval:
        return number(slot.real);
      case Tag::addr:
        return address(addrOf(slot));
      case Tag::subnet: {
        Subnet subnet = subnetOf(slot);
        address(subnet.prefix);
        return number(uint32_t{subnet.width});
      }
      case Tag::string:
        if (!single) number(static_cast<int32_t>(textOf(slot).size()));
        return raw(textOf(slot));
      case Tag::pattern:
        return pattern(*patternOf(slot).pattern, single);
      case Tag::record:
        return record(recordOf(slot));
      case Tag::vector:
        return vector(vectorOf(slot));
      case Tag::table:
      case Tag::set:
        return table(tableOf(slot));
      default:
        return number(uint32_t{0});
    }
  }

  void pattern(const CompiledPattern& pattern, bool single) {
    // Printed as /^?(foo)$?/.
    std::string whole = pattern.text().substr(1, pattern.text().size() - 2);
    constexpr size_t frame = 3;
    std::string inner =
        whole.size() < 2 * frame ? "" : whole.substr(frame, whole.size() - 2 * frame);
    std::string anywhere = "^?(.|\\n)*(" + inner + ")";
    if (!single) {
      number(uint64_t{whole.size() + 1});
      number(uint64_t{anywhere.size() + 1});
    }
    raw({whole.c_str(), whole.size() + 1});
    raw({anywhere.c_str(), anywhere.size() + 1});
  }

  void record(const RecordObject& from) {
    for (uint32_t i = 0; i < from.layout->fieldCount; ++i) {
      const auto& field = from.layout->type->field(i);
      bool has = from.has(i);
      // A field with a &default counts as optional.
      if (field.optional || field.defaultExpr != types::noIndex) raw({has ? "\1" : "\0", 1});
      if (has) value(field.type, from.get(i), false);
    }
  }

  void vector(const VectorObject& from) {
    number(static_cast<int32_t>(from.size));
    for (uint32_t i = 0; i < from.size; ++i) {
      number(uint32_t{i});
      raw({from.has(i) ? "\1" : "\0", 1});
      if (from.has(i)) value(from.type->element(), from.data[i], false);
    }
  }

  // Its entries in the order of their own hashes.
  void table(const TableObject& from) {
    number(static_cast<int32_t>(from.size()));
    if (depth_ == 0) return;
    struct Entry {
      uint64_t hash;
      std::string bytes;
      uint32_t number;
    };
    std::vector<Entry> entries;
    for (uint32_t e = from.next(0); e != TableObject::none; e = from.next(e + 1)) {
      std::string bytes = ofKey(key_, from, from.keysOf(e), depth_ - 1);
      entries.push_back({sipHash24(key_, bytes.data(), bytes.size()), std::move(bytes), e});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      if (a.hash != b.hash) return a.hash < b.hash;
      if (a.bytes.size() != b.bytes.size()) return a.bytes.size() < b.bytes.size();
      return a.bytes < b.bytes;
    });
    for (const Entry& entry : entries) {
      number(static_cast<int32_t>(from.info->keyCount));
      for (uint32_t k = 0; k < from.info->keyCount; ++k)
        value(from.info->keyTypes[k], from.keysOf(entry.number)[k], false);
      if (from.info->hasValue)
        value(from.info->type->value(), *const_cast<TableObject&>(from).valueOf(entry.number),
              false);
    }
  }

  const SipKey& key_;
  int depth_;
  std::string out_;
};

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

constexpr int maxKeyDepth = 8;

}  // namespace

std::vector<uint32_t> SeededOrder::of(const TableObject& table) const {
  Cells cells;
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    std::string bytes = KeyBytes::ofKey(key_, table, table.keysOf(e), maxKeyDepth);
    cells.insert(static_cast<uint32_t>(sipHash24(key_, bytes.data(), bytes.size())), e);
  }
  return cells.walk();
}

}  // namespace bulkhead::vm
