#pragma once
// Addresses of other people made unrecognisable, with shared prefixes kept: two inputs that agree
// in their first n bits give outputs that agree in their first n bits, and in no more.
//
// Owned by one Vm; IPv4 in host order. A binary tree of the inputs seen so far decides each output,
// with random bits from the owner. At most maxAddresses inputs; more all give 0. Source: the "-A50"
// scheme of tcpdpriv (Minshall 1996), which the Zeek reference names.

#include <cstdint>
#include <functional>
#include <vector>

namespace bulkhead::builtins {

class AddressTree {
 public:
  static constexpr size_t maxAddresses = 1'000'000;

  // `random` gives 32 random bits a call.
  explicit AddressTree(std::function<uint32_t()> random) : random_(std::move(random)) {}

  // False once an address was made unrecognisable: what was given out cannot be changed.
  [[nodiscard]] bool preserve(uint32_t prefix, unsigned bits);
  uint32_t anonymize(uint32_t address);

 private:
  static constexpr uint32_t none = UINT32_MAX;
  struct Node {
    uint32_t input = 0, output = 0;
    uint32_t child[2] = {none, none};
  };
  // The node of an input, made if there is none; `none` if the tree is full.
  uint32_t find(uint32_t input);
  // Makes `input` a neighbour of everything below `at`.
  uint32_t addPeer(uint32_t at, uint32_t input);

  std::function<uint32_t()> random_;
  std::vector<Node> nodes_;  // the first one is the root
  bool begun_ = false;
};

}  // namespace bulkhead::builtins
