#pragma once
// Space-Saving: the most frequent elements of a stream, with a bound on each count's error.
//
// Owned by one opaque script value; single-threaded. Elements are known by key bytes; `payload`
// indices let the owner keep the script values. Source: Metwally, Agrawal and El Abbadi 2005 (the
// stream-summary structure of buckets); Zeek "top-k.bif.zeek".

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::builtins {

class TopK {
 public:
  struct Count {
    uint64_t count = 0;
    uint64_t epsilon = 0;  // at most so much too high
  };
  enum class Pruning { no, yes };

  // `size` is how many elements are kept, at least 1.
  explicit TopK(uint64_t size);
  TopK(const TopK& other);
  TopK& operator=(const TopK&) = delete;

  void add(std::string_view key);
  // Keys from the most frequent down: at least `k` if there are so many, and whole buckets of
  // equal counts, so maybe more.
  std::vector<std::string_view> top(uint64_t k) const;
  // Empty if the element is not among those kept.
  std::optional<Count> find(std::string_view key) const;
  uint64_t size() const { return size_; }
  bool empty() const { return elements_.empty(); }
  // The sum of all counts: the number of elements added unless something was pruned.
  uint64_t sum() const;
  bool pruned() const { return pruned_; }
  // Adds the other's counts; without pruning more than `size` elements may be left.
  void merge(const TopK& other, Pruning pruning);
  // True if `key` is kept (so that the owner must keep its value).
  bool contains(std::string_view key) const { return elements_.contains(std::string(key)); }

 private:
  struct Bucket;
  struct Element {
    std::list<Bucket>::iterator bucket;
    std::list<std::string>::iterator place;
    uint64_t epsilon = 0;
  };
  struct Bucket {
    uint64_t count = 0;
    std::list<std::string> keys;  // oldest first
  };
  Element& insert(std::string_view key, uint64_t count);
  void increase(Element& element, uint64_t by);
  void dropOldestOfSmallest();

  uint64_t size_;
  bool pruned_ = false;
  std::list<Bucket> buckets_;  // by count, smallest first
  std::unordered_map<std::string, Element> elements_;
};

}  // namespace bulkhead::builtins
