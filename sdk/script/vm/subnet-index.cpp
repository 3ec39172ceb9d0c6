#include "sdk/script/vm/subnet-index.h"

#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/table.h"

namespace bulkhead::vm {
namespace {

// The leading `width` bits in the 128-bit form.
IpAddr prefixOf(const IpAddr& address, int width) {
  IpAddr result = address;
  auto whole = static_cast<size_t>(width / 8);
  if (whole < 16) {
    result.bytes[whole] =
        static_cast<uint8_t>(result.bytes[whole] & static_cast<uint8_t>(0xff00 >> (width % 8)));
    for (size_t i = whole + 1; i < 16; ++i) result.bytes[i] = 0;
  }
  return result;
}

}  // namespace

size_t SubnetIndex::Hash::operator()(const IpAddr& address) const {
  return hashBytes({reinterpret_cast<const char*>(address.bytes.data()), 16}, 0);
}

void SubnetIndex::insert(const Subnet& subnet, uint32_t entry) {
  auto width = static_cast<size_t>(subnet.width128());
  byWidth_[width][prefixOf(subnet.prefix, static_cast<int>(width))] = entry;
  widths_[width / 64] |= uint64_t{1} << (width % 64);
}

void SubnetIndex::erase(const Subnet& subnet) {
  auto width = static_cast<size_t>(subnet.width128());
  byWidth_[width].erase(prefixOf(subnet.prefix, static_cast<int>(width)));
  if (byWidth_[width].empty()) widths_[width / 64] &= ~(uint64_t{1} << (width % 64));
}

void SubnetIndex::rebuild(const TableObject& table) {
  for (auto& map : byWidth_) map.clear();
  widths_ = {};
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    insert(subnetOf(table.keysOf(e)[0]), e);
  }
}

uint32_t SubnetIndex::longest(const Subnet& subnet) const {
  for (int width = subnet.width128(); width >= 0; --width) {
    auto w = static_cast<size_t>(width);
    if ((widths_[w / 64] >> (w % 64) & 1) == 0) continue;
    auto it = byWidth_[w].find(prefixOf(subnet.prefix, width));
    if (it != byWidth_[w].end()) return it->second;
  }
  return TableObject::none;
}

std::vector<uint32_t> SubnetIndex::covering(const Subnet& subnet) const {
  std::vector<uint32_t> found;
  for (int width = subnet.width128(); width >= 0; --width) {
    auto w = static_cast<size_t>(width);
    if ((widths_[w / 64] >> (w % 64) & 1) == 0) continue;
    auto it = byWidth_[w].find(prefixOf(subnet.prefix, width));
    if (it != byWidth_[w].end()) found.push_back(it->second);
  }
  return found;
}

}  // namespace bulkhead::vm
