#include "host/flow/fragments.h"

#include "host/flow/byte-order.h"

#include <algorithm>
#include <cstring>

namespace bulkhead::flow {

size_t FragmentTable::KeyHash::operator()(const Key& key) const {
  uint64_t words[4];
  std::memcpy(words, key.source.bytes.data(), 16);
  std::memcpy(words + 2, key.destination.bytes.data(), 16);
  uint64_t hash = key.identification;
  for (uint64_t word : words) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash;
}

class FragmentTable::Datagram final : public TimerClient {
 public:
  Datagram(FragmentTable& owner, const Key& itsKey, const IpHeader& seen, uint64_t itsOrder)
      : table(owner), key(itsKey), order(itsOrder), timer(owner.timers_, *this), first(seen) {
    // Without the fragment header itself, which is the last of the chain.
    size_t length = seen.isV4 ? seen.headerLength : seen.headerLength - 8u;
    header.assign(seen.start, seen.start + length);
    first.start = header.data();
    nextProtocol = seen.protocol;
    table.byAge_.emplace(order, this);
  }
  ~Datagram() override {
    table.byAge_.erase(order);
    table.bytes_ -= bytes;
  }

  void timerDue(uint32_t, double) override { table.forget(*this); }

  // True when the datagram is complete.
  bool add(const IpHeader& ip) {
    bool consistent = ip.isV4
                          ? ip.protocol == header[9] && ip.headerLength == header.size()
                          : ip.protocol == nextProtocol && ip.headerLength - 8u == header.size();
    if (!consistent) table.weird_("fragment_protocol_inconsistency", ip);
    if (ip.dontFragment) table.weird_("fragment_with_DF", ip);
    if (ip.totalLength < ip.headerLength) {
      table.weird_("fragment_protocol_inconsistency", ip);
      return false;
    }
    const uint32_t offset = ip.fragmentOffset;
    const uint32_t length = ip.totalLength - ip.headerLength;
    const uint32_t upper = offset + length;
    if (offset == 0) nextProtocol = ip.protocol;
    if (!ip.moreFragments) {
      if (size == 0) {
        size = upper;
      } else if (upper != size) {
        table.weird_("fragment_size_inconsistency", ip);
        size = std::max(size, upper);
      }
    } else if (ip.totalLength < smallestFragment) {
      table.weird_("excessively_small_fragment", ip);
    }
    if (upper > largestDatagram) table.weird_("excessively_large_fragment", ip);
    if (size != 0 && upper > size) {
      table.weird_("fragment_size_inconsistency", ip);
      size = upper;
    }
    if (length == 0 || upper > hardLimit || pieces.size() >= maxFragments) return false;
    insert(offset, Bytes(ip.payload(), length));
    return complete();
  }

  void assemble(std::vector<uint8_t>& out) const {
    out.assign(header.size() + size, 0);
    std::memcpy(out.data(), header.data(), header.size());
    for (const auto& [at, piece] : pieces) {
      if (at >= size) break;
      size_t length = std::min<size_t>(piece.size(), size - at);
      std::memcpy(out.data() + header.size() + at, piece.data(), length);
    }
    if (first.isV4) {
      auto total = static_cast<uint16_t>(out.size());
      out[2] = static_cast<uint8_t>(total >> 8);
      out[3] = static_cast<uint8_t>(total);
      out[6] = out[7] = 0;  // whole now
    } else {
      auto payload = static_cast<uint16_t>(out.size() - 40);
      out[4] = static_cast<uint8_t>(payload >> 8);
      out[5] = static_cast<uint8_t>(payload);
    }
  }

  FragmentTable& table;
  const Key key;
  const uint64_t order;
  TimerGroup timer;
  uint8_t nextProtocol = 0;

 private:
  // Keeps what was there first; compares where both speak.
  void insert(uint32_t offset, Bytes data) {
    auto at = pieces.upper_bound(offset);
    if (at != pieces.begin()) --at;
    while (!data.empty() && at != pieces.end()) {
      const uint32_t begin = at->first;
      const auto end = begin + static_cast<uint32_t>(at->second.size());
      if (end <= offset) {
        ++at;
        continue;
      }
      if (begin > offset) {
        auto before = std::min<size_t>(begin - offset, data.size());
        keep(offset, data.first(before));
        data = data.subspan(before);
        offset += static_cast<uint32_t>(before);
        if (data.empty()) break;
      }
      auto both = std::min<size_t>(end - offset, data.size());
      bool same = std::memcmp(at->second.data() + (offset - begin), data.data(), both) == 0;
      table.weird_(same ? "fragment_overlap" : "fragment_inconsistency", first);
      data = data.subspan(both);
      offset += static_cast<uint32_t>(both);
      ++at;
    }
    if (!data.empty()) keep(offset, data);
  }

  void keep(uint32_t offset, Bytes data) {
    pieces.emplace(offset, std::vector<uint8_t>(data.begin(), data.end()));
    bytes += data.size();
    table.bytes_ += data.size();
  }

  bool complete() {
    if (size == 0 || pieces.begin()->first > 0) return false;
    uint32_t contiguous = 0;
    bool hole = false;
    for (const auto& [at, piece] : pieces) {
      if (at != contiguous) {
        hole = true;
        break;
      }
      contiguous += static_cast<uint32_t>(piece.size());
    }
    if (contiguous < size) return false;
    if (hole || contiguous > size) {
      // Pieces of two datagrams with one identification. What is contiguous is taken.
      table.weird_("fragment_size_inconsistency", first);
      size = contiguous;
    }
    return true;
  }

  IpHeader first;  // of the first fragment seen, for weirds
  std::vector<uint8_t> header;
  std::map<uint32_t, std::vector<uint8_t>> pieces;
  size_t bytes = 0;
  uint32_t size = 0;  // 0: the last fragment was not seen
};

FragmentTable::FragmentTable(TimerQueue& timers, double timeout, Weird weird)
    : timers_(timers), timeout_(timeout), weird_(std::move(weird)) {}

// While the index by age, from which each takes itself out, still stands.
FragmentTable::~FragmentTable() { datagrams_.clear(); }

void FragmentTable::forget(Datagram& datagram) {
  Key key = datagram.key;
  datagrams_.erase(key);
}

Bytes FragmentTable::add(const IpHeader& header, double now) {
  Key key{header.source, header.destination, header.identification};
  auto found = datagrams_.find(key);
  if (found == datagrams_.end()) {
    while (datagrams_.size() >= maxDatagrams || (bytes_ > maxBytes && !byAge_.empty()))
      forget(*byAge_.begin()->second);
    found = datagrams_.emplace(key, std::make_unique<Datagram>(*this, key, header, ++order_)).first;
    found->second->timer.add(now + timeout_, 0);
  }
  Datagram& datagram = *found->second;
  if (!datagram.add(header)) return {};
  datagram.assemble(completed_);
  completedProtocol_ = datagram.nextProtocol;
  forget(datagram);
  return completed_;
}

}  // namespace bulkhead::flow
