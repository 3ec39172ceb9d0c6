#include "sdk/script/vm/subnet-index.h"

#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/table.h"

#include <algorithm>

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
  int width = subnet.width128();
  auto at = std::find_if(widths_.begin(), widths_.end(),
                         [&](const Width& each) { return each.width <= width; });
  if (at == widths_.end() || at->width != width) at = widths_.insert(at, Width{width, {}});
  at->entries[prefixOf(subnet.prefix, width)] = entry;
}

void SubnetIndex::erase(const Subnet& subnet) {
  int width = subnet.width128();
  auto at = std::find_if(widths_.begin(), widths_.end(),
                         [&](const Width& each) { return each.width == width; });
  if (at == widths_.end()) return;
  at->entries.erase(prefixOf(subnet.prefix, width));
  if (at->entries.empty()) widths_.erase(at);
}

void SubnetIndex::rebuild(const TableObject& table) {
  widths_.clear();
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    insert(subnetOf(table.keysOf(e)[0]), e);
  }
}

uint32_t SubnetIndex::longest(const Subnet& subnet) const {
  for (const Width& each : widths_) {
    if (each.width > subnet.width128()) continue;
    auto it = each.entries.find(prefixOf(subnet.prefix, each.width));
    if (it != each.entries.end()) return it->second;
  }
  return TableObject::none;
}

std::vector<uint32_t> SubnetIndex::covering(const Subnet& subnet) const {
  std::vector<uint32_t> found;
  for (const Width& each : widths_) {
    if (each.width > subnet.width128()) continue;
    auto it = each.entries.find(prefixOf(subnet.prefix, each.width));
    if (it != each.entries.end()) found.push_back(it->second);
  }
  return found;
}

}  // namespace bulkhead::vm
