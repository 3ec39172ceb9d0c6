#include "sdk/script/vm/key-bytes.h"

#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace bulkhead::vm {

namespace {

// Writes parts at offsets that are multiples of their size, counted from the key's beginning.
class KeyWriter {
 public:
  KeyWriter(std::string& to, const SipKey& key) : to_(to), begin_(to.size()), key_(key) {}

  template <typename Number>
  void number(Number value) {
    align(sizeof value);
    to_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void bytes(std::string_view value) { to_ += value; }
  void flag(bool value) { to_ += static_cast<char>(value); }
  void address(const IpAddr& address) {
    align(sizeof(uint32_t));
    to_.append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
  }

  bool value(const Type* type, Slot slot, bool alone, int depth);
  bool values(std::span<const Type* const> types, const Slot* slots, int depth) {
    for (size_t i = 0; i < types.size(); ++i)
      if (!value(types[i], slots[i], false, depth)) return false;
    return true;
  }

 private:
  void align(size_t size) {
    size_t used = to_.size() - begin_;
    to_.append((size - used % size) % size, '\0');
  }
  void pattern(const CompiledPattern& pattern, bool alone);
  bool record(const RecordObject& record, int depth);
  bool table(TableObject& table, int depth);
  static bool order(TableObject& table, const SipKey& key, int depth, std::vector<uint32_t>& out);
  friend std::vector<uint32_t> bulkhead::vm::entriesByHash(TableObject& table, const SipKey& key);
  bool vector(const VectorObject& vector, int depth);

  std::string& to_;
  size_t begin_;
  const SipKey& key_;
};

// In the two forms that Zeek keeps: for the whole of a text, and for any part of it.
void KeyWriter::pattern(const CompiledPattern& pattern, bool alone) {
  // Printed as /^?(foo)$?/.
  std::string whole = pattern.text().substr(1, pattern.text().size() - 2);
  constexpr size_t frame = 3;
  std::string inner = whole.size() < 2 * frame ? "" : whole.substr(frame, whole.size() - 2 * frame);
  std::string anywhere = "^?(.|\\n)*(" + inner + ")";
  if (!alone) {
    number(uint64_t{whole.size() + 1});
    number(uint64_t{anywhere.size() + 1});
  }
  bytes({whole.c_str(), whole.size() + 1});
  bytes({anywhere.c_str(), anywhere.size() + 1});
}

bool KeyWriter::record(const RecordObject& record, int depth) {
  for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
    const types::Field& field = record.layout->type->field(i);
    // What has a default counts as optional.
    const bool optional = field.optional || field.defaultExpr != types::noIndex;
    if (optional) flag(record.has(i));
    if (!record.has(i)) {
      if (!optional) return false;
    } else if (!value(field.type, record.get(i), false, depth + 1)) {
      return false;
    }
  }
  return true;
}

// Its entries in the order of their own hashes: two equal tables must not differ by what was added
// first.
bool KeyWriter::order(TableObject& table, const SipKey& key, int depth,
                      std::vector<uint32_t>& out) {
  struct Entry {
    uint64_t hash;
    std::string bytes;
    uint32_t number;
    bool operator<(const Entry& other) const {
      return std::make_tuple(hash, bytes.size(), std::string_view(bytes)) <
             std::make_tuple(other.hash, other.bytes.size(), std::string_view(other.bytes));
    }
  };
  std::vector<Entry> entries;
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    std::string bytes;
    KeyWriter entry(bytes, key);
    bool alone = table.info->keyCount == 1;
    for (uint32_t k = 0; k < table.info->keyCount; ++k)
      if (!entry.value(table.info->keyTypes[k], table.keysOf(e)[k], alone, depth + 1)) return false;
    uint64_t hash = sipHash24(key, bytes.data(), bytes.size());
    entries.push_back({hash, std::move(bytes), e});
  }
  std::sort(entries.begin(), entries.end());
  for (const Entry& entry : entries) out.push_back(entry.number);
  return true;
}

bool KeyWriter::table(TableObject& table, int depth) {
  std::vector<uint32_t> entries;
  if (!order(table, key_, depth, entries)) return false;
  number(static_cast<int32_t>(entries.size()));
  for (uint32_t entry : entries) {
    number(static_cast<int32_t>(table.info->keyCount));
    if (!values(table.info->keyTypes, table.keysOf(entry), depth + 1)) return false;
    if (table.info->hasValue &&
        !value(table.info->type->value(), *table.valueOf(entry), false, depth + 1))
      return false;
  }
  return true;
}

bool KeyWriter::vector(const VectorObject& vector, int depth) {
  number(vector.size);
  for (uint32_t i = 0; i < vector.size; ++i) {
    number(i);
    flag(vector.has(i));
    if (vector.has(i) && !value(vector.type->element(), vector.data[i], false, depth + 1))
      return false;
  }
  return true;
}

// Ports carry their protocol in bits that Zeek sets apart from the number.
constexpr uint64_t protocolOfPort(Transport transport) {
  constexpr uint64_t tcp = 0x10000, udp = 0x20000, icmp = 0x30000;
  switch (transport) {
    case Transport::tcp:
      return tcp;
    case Transport::udp:
      return udp;
    case Transport::icmp:
      return icmp;
    default:
      return 0;
  }
}

bool KeyWriter::value(const Type* type, Slot slot, bool alone, int depth) {
  if (depth > maxKeyDepth) return false;
  if (type->is(types::Tag::any)) {
    TypedSlot inner = unboxed({type, slot});
    if (inner.type == nullptr || inner.type->is(types::Tag::any)) return false;
    return value(inner.type, inner.slot, alone, depth + 1);
  }
  switch (type->tag()) {
    case types::Tag::boolean:
    case types::Tag::integer:
    case types::Tag::enumeration:
    case types::Tag::count:
    case types::Tag::real:
    case types::Tag::time:
    case types::Tag::interval:
      number(slot.bits);
      return true;
    case types::Tag::port:
      number(protocolOfPort(slot.port().transport) | slot.port().number);
      return true;
    case types::Tag::addr:
      address(addrOf(slot));
      return true;
    case types::Tag::subnet:
      address(subnetOf(slot).prefix);
      number(static_cast<int32_t>(subnetOf(slot).width));
      return true;
    case types::Tag::string:
      if (!alone) number(static_cast<int32_t>(textOf(slot).size()));
      bytes(textOf(slot));
      return true;
    case types::Tag::pattern:
      pattern(*patternOf(slot).pattern, alone);
      return true;
    case types::Tag::function:
      number(functionOf(slot).function);
      return true;
    case types::Tag::record:
      return record(recordOf(slot), depth);
    case types::Tag::set:
    case types::Tag::table:
      return table(tableOf(slot), depth);
    case types::Tag::vector:
      return vector(vectorOf(slot), depth);
    default:
      return false;
  }
}

}  // namespace

bool appendKey(std::string& to, TypedSlot value, const SipKey& key) {
  return KeyWriter(to, key).value(value.type, value.slot, true, 0);
}

std::vector<uint32_t> entriesByHash(TableObject& table, const SipKey& key) {
  std::vector<uint32_t> out;
  if (!KeyWriter::order(table, key, 0, out)) out.clear();
  return out;
}

bool appendKeys(std::string& to, std::span<const Type* const> types, const Slot* values,
                const SipKey& key) {
  if (types.size() == 1) return appendKey(to, {types[0], values[0]}, key);
  return KeyWriter(to, key).values(types, values, 0);
}

}  // namespace bulkhead::vm
