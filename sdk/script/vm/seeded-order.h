#pragma once
// The order in which Zeek walks a table or set, given the seeds of its hash functions.
//
// Tables here walk in order of insertion. In Zeek the order is that of hashes under a key from the
// seed file, and what package authors recorded under a fixed seed file has that order in it: so
// with the same seeds the walk is the same. It is worked out when a walk begins, from the entries
// as they were inserted; an entry deleted earlier is as if it had never been there, which can tell
// only where hashes collide or where the table was larger once.

#include "common/unique-id.h"
#include "sdk/script/vm/value.h"

#include <vector>

namespace bulkhead::vm {

class SeededOrder {
 public:
  explicit SeededOrder(const SipKey& key) : key_(key) {}
  // The numbers of all live entries.
  std::vector<uint32_t> of(const TableObject& table) const;

 private:
  SipKey key_;
};

}  // namespace bulkhead::vm
