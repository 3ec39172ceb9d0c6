#include "host/flow/connection-table.h"

#include "host/flow/connection.h"

#include <cassert>

namespace bulkhead::flow {

ConnectionKey ConnectionKey::of(const IpAddr& source, uint16_t sourcePort,
                                const IpAddr& destination, uint16_t destinationPort,
                                uint8_t protocol, bool oneWay) {
  ConnectionKey key;
  auto bytes = [](uint16_t port) {
    return std::array<uint8_t, 2>{static_cast<uint8_t>(port >> 8), static_cast<uint8_t>(port)};
  };
  // Zeek compares ports as they lie in memory on a little-endian machine; only which of the two
  // sides of one address comes first depends on it, but that shows in the order at the end of a
  // run.
  auto asStored = [](uint16_t port) { return static_cast<uint16_t>(port << 8 | port >> 8); };
  int order = std::memcmp(source.bytes.data(), destination.bytes.data(), 16);
  bool keep =
      oneWay || order < 0 || (order == 0 && asStored(sourcePort) < asStored(destinationPort));
  key.first = keep ? source.bytes : destination.bytes;
  key.second = keep ? destination.bytes : source.bytes;
  key.firstPort = bytes(keep ? sourcePort : destinationPort);
  key.secondPort = bytes(keep ? destinationPort : sourcePort);
  key.protocol = {protocol, 0};
  return key;
}

uint64_t ConnectionTable::hash(const ConnectionKey& key) const {
  uint64_t words[5] = {};
  std::memcpy(words, &key, sizeof key);
  uint64_t h = seed_;
  for (uint64_t word : words) {
    // Multiply and fold, with the key mixed into each factor.
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(word ^ h) * ((seed_ | 1) ^ 0x9e3779b97f4a7c15);
    h = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ (h << 1);
  }
  h ^= h >> 32;
  return h;
}

Connection* ConnectionTable::find(const ConnectionKey& key, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (!slot.connection) return nullptr;
    if (slot.hash == hash && slot.connection->key() == key) return slot.connection;
  }
}

void ConnectionTable::insert(uint64_t hash, Connection& connection) {
  if ((size_ + 1) * 2 > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].connection) at = (at + 1) & mask;
  slots_[at] = {hash, &connection};
  ++size_;
}

void ConnectionTable::erase(uint64_t hash, Connection& connection) {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].connection != &connection) {
    assert(slots_[at].connection);
    at = (at + 1) & mask;
  }
  // Shift the rest of the run back, so that no tombstone is needed.
  size_t hole = at;
  for (size_t next = (hole + 1) & mask; slots_[next].connection; next = (next + 1) & mask) {
    size_t home = slots_[next].hash & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = {};
  --size_;
}

void ConnectionTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (!slot.connection) continue;
    size_t at = slot.hash & mask;
    while (slots_[at].connection) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

std::vector<Connection*> ConnectionTable::all() const {
  std::vector<Connection*> out;
  out.reserve(size_);
  for (const Slot& slot : slots_)
    if (slot.connection) out.push_back(slot.connection);
  return out;
}

}  // namespace bulkhead::flow
