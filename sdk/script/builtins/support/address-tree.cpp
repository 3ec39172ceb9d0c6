#include "sdk/script/builtins/support/address-tree.h"

#include <bit>

namespace bulkhead::builtins {

namespace {

// Nobody may guess these, and they mean something of their own.
bool isSpecial(uint32_t address) { return address == 0 || address == UINT32_MAX; }

// Of `bits` leading bits.
uint32_t prefixMask(unsigned bits) { return bits == 0 ? 0 : ~uint32_t{0} << (32 - bits); }

// The place of the first bit, counted from 0 at the top, in which two inputs differ.
int firstDifference(uint32_t a, uint32_t b) { return std::countl_zero(a ^ b); }

}  // namespace

uint32_t AddressTree::addPeer(uint32_t at, uint32_t input) {
  if (nodes_.size() + 2 > 2 * maxAddresses) return none;
  int place = firstDifference(input, nodes_[at].input);
  unsigned side = input >> (31 - place) & 1;
  // The node becomes the parent of the old one and of the new one.
  Node old = nodes_[at], fresh;
  fresh.input = input;
  // As the neighbour's up to the bit that differs; what follows is random.
  uint32_t known = (old.output ^ (uint32_t{1} << (31 - place))) & prefixMask(place + 1);
  fresh.output = place == 31 ? old.output ^ 1 : known | (random_() & 0x7fffffff) >> (place + 1);
  auto oldAt = static_cast<uint32_t>(nodes_.size()), freshAt = oldAt + 1;
  nodes_.push_back(old);
  nodes_.push_back(fresh);
  Node& parent = nodes_[at];
  parent.child[side] = freshAt;
  parent.child[1 - side] = oldAt;
  // A parent stands for its right child.
  const Node& right = nodes_[parent.child[1]];
  parent.input = right.input;
  parent.output = right.output;
  return freshAt;
}

uint32_t AddressTree::find(uint32_t input) {
  if (nodes_.empty()) {
    nodes_.push_back({input, random_(), {none, none}});
    return 0;
  }
  uint32_t at = 0;
  while (true) {
    const Node& node = nodes_[at];
    if (node.input == input) return at;
    if (node.child[0] == none) return addPeer(at, input);
    int branch = firstDifference(nodes_[node.child[0]].input, nodes_[node.child[1]].input);
    if (firstDifference(input, node.input) < branch) return addPeer(at, input);
    at = node.child[input >> (31 - branch) & 1];
  }
}

bool AddressTree::preserve(uint32_t prefix, unsigned bits) {
  if (begun_) return false;
  if (bits == 0) return true;
  uint32_t mask = prefixMask(bits > 32 ? 32 : bits);
  uint32_t input = prefix & mask;
  if (isSpecial(input)) return true;
  uint32_t at = find(input);
  if (at != none) nodes_[at].output = input | (mask == UINT32_MAX ? 0 : random_() & ~mask);
  return true;
}

uint32_t AddressTree::anonymize(uint32_t address) {
  begun_ = true;
  if (isSpecial(address)) return address;
  uint32_t at = find(address);
  return at == none ? 0 : nodes_[at].output;
}

}  // namespace bulkhead::builtins
