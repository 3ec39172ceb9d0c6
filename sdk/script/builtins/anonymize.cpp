// Addresses of other people made unrecognisable.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/random-numbers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/address-tree.h"
#include "sdk/script/builtins/support/digest.h"

#include <cstring>
#include <map>

namespace bulkhead::builtins {

namespace {

uint32_t hostOrder(const IpAddr& address) {
  uint32_t word = 0;
  for (size_t i = 12; i < 16; ++i) word = word << 8 | address.bytes[i];
  return word;
}

std::string networkBytes(uint32_t word) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
  return out;
}

// What was given out so far.
class Anonymizer final : public vm::Extension {
 public:
  static constexpr size_t maxNumbered = 1'000'000;

  explicit Anonymizer(vm::Vm& vm)
      : vm_(vm), tree_([this] { return vm_.extension<RandomNumbers>().word(); }) {}

  AddressTree& tree() { return tree_; }

  // Addresses in order of appearance, from 0.0.0.2 on. A script that makes up addresses for ever
  // gets the same number for all beyond the bound.
  uint32_t numbered(uint32_t address) {
    auto known = numbers_.find(address);
    if (known != numbers_.end()) return known->second;
    if (numbers_.size() >= maxNumbered) return last_ + 1;
    return numbers_[address] = ++last_;
  }
  uint32_t digested(DigestKind kind, uint32_t address) {
    // As a number the result is in the order of the machine, as the argument was.
    std::string digest = keyed(kind, networkBytes(address));
    uint32_t word = 0;
    for (size_t i = 4; i-- > 0;) word = word << 8 | static_cast<uint8_t>(digest[i]);
    return word;
  }
  // Each bit is flipped or not by a digest of the bits before it (Xu et al., IMW 2001).
  uint32_t prefixKeeping(DigestKind kind, uint32_t address) {
    uint32_t out = address;
    for (uint32_t i = 0; i < 32; ++i) {
      uint32_t head = (i == 0 ? 0 : address & ~(UINT32_MAX >> i)) | uint32_t{1} << (31 - i);
      std::string digest = keyed(kind, networkBytes(i + 1) + networkBytes(head));
      out ^= static_cast<uint32_t>(digest[0] & 1) << (31 - i);
    }
    return out;
  }

 private:
  std::string keyed(DigestKind kind, const std::string& bytes) {
    return keyedDigest(kind, vm_.extension<Services>().facts.seeds, bytes);
  }
  vm::Vm& vm_;
  AddressTree tree_;
  std::map<uint32_t, uint32_t> numbers_;
  uint32_t last_ = 1;
};

// How addresses of a class are treated: "orig_addr_anonymization" and its kind, which the script
// declares. Those of a set such as preserve_orig_addr stay as they are.
std::string_view treatment(NativeCall& call, const IpAddr& address) {
  std::string_view which = enumName(call.functionType().parameters()[1].type, call.enumeration(1));
  std::string base = which == "ORIG_ADDR"   ? "orig_addr"
                     : which == "RESP_ADDR" ? "resp_addr"
                                            : "other_addr";
  auto kept = globalOf(call.vm(), "preserve_" + base);
  if (kept && kept->type->isTableOrSet()) {
    vm::TableObject& table = vm::tableOf(kept->slot);
    Slot key = call.heap().addr(address);
    bool found = table.info->keyCount == 1 && table.info->keyTypes[0]->is(Tag::addr) &&
                 table.find(&key) != vm::TableObject::none;
    vm::release(key);
    if (found) return "KEEP_ORIG_ADDR";
  }
  auto method = globalOf(call.vm(), base + "_anonymization");
  if (!method || !method->type->is(Tag::enumeration)) return "KEEP_ORIG_ADDR";
  return enumName(method->type, method->slot.integer);
}

void anonymizeAddress(NativeCall& call) {
  IpAddr address = call.addr(0);
  if (!address.isV4()) return call.fail("anonymize_addr() not supported for IPv6 addresses");
  std::string_view method = treatment(call, address);
  if (method == "KEEP_ORIG_ADDR") return call.returnAddr(address);
  auto& anonymizer = call.vm().extension<Anonymizer>();
  uint32_t word = hostOrder(address), out = word;
  if (method == "SEQUENTIALLY_NUMBERED") out = anonymizer.numbered(word);
  if (method == "PREFIX_PRESERVING_A50") out = anonymizer.tree().anonymize(word);
  if (method == "RANDOM_MD5") out = anonymizer.digested(DigestKind::md5, word);
  if (method == "RANDOM_SHA256") out = anonymizer.digested(DigestKind::sha256, word);
  if (method == "PREFIX_PRESERVING_MD5") out = anonymizer.prefixKeeping(DigestKind::md5, word);
  if (method == "PREFIX_PRESERVING_SHA256")
    out = anonymizer.prefixKeeping(DigestKind::sha256, word);
  call.returnAddr(IpAddr::v4(out));
}

void preserve(NativeCall& call, const IpAddr& address, uint64_t bits) {
  if (!address.isV4()) return call.warn("prefixes of IPv6 addresses cannot be preserved");
  if (bits > 32) return call.warn("an IPv4 prefix has at most 32 bits");
  auto& tree = call.vm().extension<Anonymizer>().tree();
  if (!tree.preserve(hostOrder(address), static_cast<unsigned>(bits)))
    call.warn("prefix preservation specified after anonymization begun");
}
void preservePrefix(NativeCall& call) { preserve(call, call.addr(0), call.count(1)); }
void preserveSubnet(NativeCall& call) {
  preserve(call, call.subnet(0).prefix, call.subnet(0).width);
}

constexpr vm::NativeRow rows[] = {
    {"anonymize_addr", "function(a: addr, cl: IPAddrAnonymizationClass): addr",
     "The IPv4 address made unrecognisable, the same one each time. The globals "
     "orig_addr_anonymization, resp_addr_anonymization and other_addr_anonymization say how for "
     "each class; where there is none, addresses are kept.",
     anonymizeAddress},
    {"preserve_prefix", "function(a: addr, width: count)",
     "Keeps the first `width` bits of an address, and of all that share them, where "
     "PREFIX_PRESERVING_A50 is used. To be called before the first anonymize_addr.",
     preservePrefix},
    {"preserve_subnet", "function(a: subnet)", "As preserve_prefix, for a subnet.", preserveSubnet},
};

}  // namespace

Rows anonymizeRows() { return rows; }

}  // namespace bulkhead::builtins
