#include "sdk/script/builtins/support/top-k.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::builtins {

TopK::TopK(uint64_t size) : size_(std::max<uint64_t>(size, 1)) {}

TopK::TopK(const TopK& other) : size_(other.size_), pruned_(other.pruned_) {
  merge(other, Pruning::no);
}

TopK::Element& TopK::insert(std::string_view key, uint64_t count) {
  if (buckets_.empty() || buckets_.front().count != count) {
    assert(buckets_.empty() || buckets_.front().count > count);
    buckets_.push_front({count, {}});
  }
  auto bucket = buckets_.begin();
  auto place = bucket->keys.insert(bucket->keys.end(), std::string(key));
  return elements_.emplace(std::string(key), Element{bucket, place, 0}).first->second;
}

void TopK::increase(Element& element, uint64_t by) {
  auto from = element.bucket;
  uint64_t count = from->count + by;
  auto to = std::next(from);
  while (to != buckets_.end() && to->count < count) ++to;
  if (to == buckets_.end() || to->count != count) to = buckets_.insert(to, {count, {}});
  // Newest at the end: eviction takes the oldest of the smallest.
  to->keys.splice(to->keys.end(), from->keys, element.place);
  element.bucket = to;
  if (from->keys.empty()) buckets_.erase(from);
}

void TopK::dropOldestOfSmallest() {
  Bucket& smallest = buckets_.front();
  elements_.erase(smallest.keys.front());
  smallest.keys.pop_front();
  if (smallest.keys.empty()) buckets_.pop_front();
}

void TopK::add(std::string_view key) {
  if (auto known = elements_.find(std::string(key)); known != elements_.end()) {
    increase(known->second, 1);
    return;
  }
  if (elements_.size() < size_) {
    insert(key, 1);
    return;
  }
  // The newcomer takes the place and the count of the one it evicts, as its possible error.
  uint64_t inherited = buckets_.front().count;
  dropOldestOfSmallest();
  Element& element = insert(key, inherited);
  element.epsilon = inherited;
  increase(element, 1);
}

std::vector<std::string_view> TopK::top(uint64_t k) const {
  std::vector<std::string_view> out;
  for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend() && out.size() < k; ++bucket)
    out.insert(out.end(), bucket->keys.begin(), bucket->keys.end());
  return out;
}

std::optional<TopK::Count> TopK::find(std::string_view key) const {
  auto known = elements_.find(std::string(key));
  if (known == elements_.end()) return std::nullopt;
  return Count{known->second.bucket->count, known->second.epsilon};
}

uint64_t TopK::sum() const {
  uint64_t total = 0;
  for (const Bucket& bucket : buckets_) total += bucket.count * bucket.keys.size();
  return total;
}

void TopK::merge(const TopK& other, Pruning pruning) {
  for (const Bucket& bucket : other.buckets_) {
    for (const std::string& key : bucket.keys) {
      auto known = elements_.find(key);
      Element& element = known != elements_.end() ? known->second : insert(key, 0);
      element.epsilon += other.elements_.at(key).epsilon;
      increase(element, bucket.count);
    }
  }
  while (pruning == Pruning::yes && elements_.size() > size_) {
    pruned_ = true;
    dropOldestOfSmallest();
  }
}

}  // namespace bulkhead::builtins
