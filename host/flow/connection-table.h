#pragma once
// Finds a connection by its addresses, ports and protocol, whichever side sent the packet.
//
// Open addressing with linear probing over an array of (hash, pointer): one cache line per look-up
// in the common case. The hash is keyed per run, so that a sender cannot pick colliding tuples;
// nothing that can be seen depends on the order of the table. Same thread as the Engine; borrows.

#include "common/net-types.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace bulkhead::flow {

class Connection;

// The tuple in canonical order (the smaller address and port first), unless the traffic is one-way.
// Compares as Zeek orders connections at the end of a run: by the bytes, ports in network order.
struct ConnectionKey {
  std::array<uint8_t, 16> first{}, second{};
  std::array<uint8_t, 2> firstPort{}, secondPort{};
  std::array<uint8_t, 2> protocol{};  // low byte first

  static ConnectionKey of(const IpAddr& source, uint16_t sourcePort, const IpAddr& destination,
                          uint16_t destinationPort, uint8_t protocol, bool oneWay = false);
  auto operator<=>(const ConnectionKey&) const = default;
};
static_assert(sizeof(ConnectionKey) == 38);

class ConnectionTable {
 public:
  explicit ConnectionTable(uint64_t hashSeed) : seed_(hashSeed), slots_(initialSlots) {}

  uint64_t hash(const ConnectionKey& key) const;
  // Null if there is none.
  Connection* find(const ConnectionKey& key, uint64_t hash) const;
  // The key must not be present.
  void insert(uint64_t hash, Connection& connection);
  // Must be present.
  void erase(uint64_t hash, Connection& connection);
  size_t size() const { return size_; }
  // All, in no order.
  std::vector<Connection*> all() const;

 private:
  static constexpr size_t initialSlots = 1024;  // a power of two
  struct Slot {
    uint64_t hash = 0;
    Connection* connection = nullptr;
  };
  void grow();

  uint64_t seed_;
  size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace bulkhead::flow
