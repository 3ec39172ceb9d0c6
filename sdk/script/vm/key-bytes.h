#pragma once
// The bytes that stand for a value wherever values are hashed: sketches, digests of values, and the
// order of tables under a seed.
//
// They are those that Zeek hashes for a table index of that value, so that estimates, false
// positives and orders come out the same. `key` is that of the run's hashes: tables within keys are
// written in the order of their entries' hashes. Pure; any value of a type that can index a table.
// Facts about the form: Zeek's sources, CompHash.cc and Hash.cc.

#include "common/unique-id.h"
#include "sdk/script/vm/value.h"

#include <string>
#include <vector>

namespace bulkhead::vm {

// Deeper containers than this give no key.
constexpr int maxKeyDepth = 100;

// A value by itself: a string is its own bytes, for instance.
// False if it has none: a record with a field missing, a type that cannot be an index.
[[nodiscard]] bool appendKey(std::string& to, TypedSlot value, const SipKey& key);

// The entries of a table in the order in which they are written where it is part of a key; empty if
// one has no bytes.
std::vector<uint32_t> entriesByHash(TableObject& table, const SipKey& key);

// Several indices of one table entry.
[[nodiscard]] bool appendKeys(std::string& to, std::span<const Type* const> types,
                              const Slot* values, const SipKey& key);

}  // namespace bulkhead::vm
