#pragma once
// Puts IP fragments together again.
//
// One per Engine, same thread. Bounded: at most maxDatagrams and maxBytes at a time (past that the
// oldest is given up), each at most maxFragments pieces and 64 KiB plus header; a datagram that
// stays incomplete is forgotten after `timeout`. Overlaps keep what came first, as Zeek does. RFC
// 791 3.2, RFC 8200 4.5.

#include "host/flow/ip-header.h"
#include "host/flow/timers.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::flow {

class FragmentTable {
 public:
  using Weird = std::function<void(std::string_view name, const IpHeader& header)>;

  FragmentTable(TimerQueue& timers, double timeout, Weird weird);
  ~FragmentTable();

  // `header` says it is a fragment, and all of its totalLength bytes are at header.start. Returns
  // the whole packet once it is complete (with its header fixed up), valid until the next call.
  Bytes add(const IpHeader& header, double now);
  // Of the packet that add() returned last: the protocol after the fragment header (IPv6).
  int completedProtocol() const { return completedProtocol_; }
  size_t size() const { return datagrams_.size(); }

  static constexpr size_t maxDatagrams = 16384;
  static constexpr size_t maxFragments = 8192;
  static constexpr size_t maxBytes = size_t{64} << 20;
  static constexpr uint32_t smallestFragment = 64;    // bytes, unless it is the last
  static constexpr uint32_t largestDatagram = 64000;  // bytes; beyond is worth a word
  static constexpr size_t hardLimit = 65535 + 64;

 private:
  struct Key {
    IpAddr source, destination;
    uint32_t identification;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  class Datagram;

  void forget(Datagram& datagram);

  TimerQueue& timers_;
  double timeout_;
  Weird weird_;
  std::unordered_map<Key, std::unique_ptr<Datagram>, KeyHash> datagrams_;
  std::map<uint64_t, Datagram*> byAge_;
  size_t bytes_ = 0;  // held in all datagrams
  std::vector<uint8_t> completed_;
  int completedProtocol_ = -1;
  uint64_t order_ = 0;
};

}  // namespace bulkhead::flow
