#pragma once
// Finds the entries of a subnet-keyed table by longest prefix. Part of a table; knows entry numbers
// only, which stay valid until the table compacts and calls rebuild().

#include "common/net-types.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace bulkhead::vm {

struct TableObject;

class SubnetIndex {
 public:
  void insert(const Subnet& subnet, uint32_t entry);
  void erase(const Subnet& subnet);
  void rebuild(const TableObject& table);
  // TableObject::none if no prefix covers it.
  uint32_t longest(const Subnet& subnet) const;
  // Longest first.
  std::vector<uint32_t> covering(const Subnet& subnet) const;

 private:
  struct Hash {
    size_t operator()(const IpAddr& address) const;
  };
  // One exact map per prefix length in use, longest first: a look-up asks each in turn. Tables of
  // networks use few lengths, so this beats a trie of nodes in memory and mostly in time.
  struct Width {
    int width;
    std::unordered_map<IpAddr, uint32_t, Hash> entries;
  };
  std::vector<Width> widths_;
};

}  // namespace bulkhead::vm
