// Bloom filters.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/sketch-state.h"
#include "sdk/script/builtins/support/bloom-filter.h"

#include <cmath>

namespace bulkhead::builtins {

namespace {

// A filter's hashes depend on its name; without one on global_hash_seed, so that filters of several
// processes can be merged; without that on the run's seed.
SipKey seedOf(NativeCall& call, size_t nameAt) {
  std::string_view name = call.text(nameAt);
  if (!name.empty()) return bloomSeed(name);
  std::string shared = textGlobal(call.vm(), "global_hash_seed");
  if (!shared.empty()) return bloomSeed(shared);
  const auto& seeds = call.vm().extension<Services>().facts.seeds;
  uint32_t first = seeds.empty() ? 0 : seeds[0];
  return bloomSeed({reinterpret_cast<const char*>(&first), sizeof first});
}

void returnBasic(NativeCall& call, uint64_t hashes, uint64_t cells, SipKey seed) {
  auto filter = BloomFilter::basic(hashes, cells, seed);
  if (!filter) return call.fail("a bloom filter of such a size cannot be had");
  returnSketch(call, std::move(*filter), cells / 8 + 64);
}

void basicInit(NativeCall& call) {
  double rate = call.real(0);
  if (!(rate >= 0 && rate <= 1))
    return call.fail("bloomfilter_basic_init: the rate of false positives must be between 0 and 1");
  uint64_t cells = BloomFilter::optimalCells(rate, call.count(1));
  returnBasic(call, BloomFilter::optimalHashes(cells, call.count(1)), cells, seedOf(call, 2));
}
void basicInitOfSizes(NativeCall& call) {
  if (call.count(0) == 0 || call.count(1) == 0)
    return call.fail("bloomfilter_basic_init2: the numbers of hashes and of cells must not be 0");
  returnBasic(call, call.count(0), call.count(1), seedOf(call, 2));
}
void countingInit(NativeCall& call) {
  auto filter = BloomFilter::counting(call.count(0), call.count(1), call.count(2), seedOf(call, 3));
  if (!filter) return call.fail("a counting bloom filter of such a size cannot be had");
  double width = std::ceil(std::log2(static_cast<double>(call.count(2)) + 1));
  returnSketch(call, std::move(*filter),
               static_cast<size_t>(static_cast<double>(call.count(1)) * width / 8) + 64);
}

bool accepts(NativeCall& call) {
  return acceptsElement<BloomFilter>(call, "bloom filter", "elements of differing types");
}
void add(NativeCall& call) {
  if (accepts(call)) sketchOf<BloomFilter>(call, 0).add(keyBytes(call, call.any(1)));
}
void decrement(NativeCall& call) {
  call.returnBool(accepts(call) &&
                  sketchOf<BloomFilter>(call, 0).remove(keyBytes(call, call.any(1))));
}
void lookUp(NativeCall& call) {
  if (stateOf<BloomFilter>(call, 0).element == nullptr) return call.returnCount(0);
  call.returnCount(accepts(call) ? sketchOf<BloomFilter>(call, 0).count(keyBytes(call, call.any(1)))
                                 : 0);
}
void clear(NativeCall& call) { sketchOf<BloomFilter>(call, 0).clear(); }

using Combination = BloomFilter (BloomFilter::*)(const BloomFilter&) const;
template <Combination combination>
void combine(NativeCall& call) {
  auto &a = stateOf<BloomFilter>(call, 0), &b = stateOf<BloomFilter>(call, 1);
  if (a.element != nullptr && b.element != nullptr && !types::sameType(a.element, b.element))
    return call.fail("bloom filters of elements of differing types cannot be put together");
  if (!a.sketch.compatible(b.sketch))
    return call.fail("bloom filters of differing kinds, sizes or seeds cannot be put together");
  returnSketch(call, (a.sketch.*combination)(b.sketch), a.size,
               a.element != nullptr ? a.element : b.element);
}

void internalState(NativeCall& call) {
  call.returnText(std::to_string(sketchOf<BloomFilter>(call, 0).stateDigest()));
}

constexpr vm::NativeRow rows[] = {
    {"bloomfilter_basic_init",
     "function(fp: double, capacity: count, name: string &default=\"\"): opaque of bloomfilter",
     "A filter for `capacity` elements of which at most the share `fp` of others seems to be in "
     "it. "
     "Only filters of one `name` can be merged; without a name those of one global_hash_seed.",
     basicInit},
    {"bloomfilter_basic_init2",
     "function(k: count, cells: count, name: string &default=\"\"): opaque of bloomfilter",
     "A filter of `cells` bits with `k` hashes of each element.", basicInitOfSizes},
    {"bloomfilter_counting_init",
     "function(k: count, cells: count, max: count, name: string &default=\"\"): opaque of "
     "bloomfilter",
     "A filter with `k` hashes whose cells count each element up to `max`.", countingInit},
    {"bloomfilter_add", "function(bf: opaque of bloomfilter, x: any)",
     "Adds an element. All elements of one filter have one type.", add},
    {"bloomfilter_decrement", "function(bf: opaque of bloomfilter, x: any): bool",
     "Takes one count of an element from a counting filter; F if it was not in it or the filter "
     "does not count.",
     decrement},
    {"bloomfilter_lookup", "function(bf: opaque of bloomfilter, x: any): count",
     "0 if the element was surely not added; otherwise 1, or its count in a counting filter.",
     lookUp},
    {"bloomfilter_clear", "function(bf: opaque of bloomfilter)", "Forgets all elements.", clear},
    {"bloomfilter_merge",
     "function(bf1: opaque of bloomfilter, bf2: opaque of bloomfilter): opaque of bloomfilter",
     "A filter of the elements of both.", combine<&BloomFilter::merged>},
    {"bloomfilter_intersect",
     "function(bf1: opaque of bloomfilter, bf2: opaque of bloomfilter): opaque of bloomfilter",
     "A filter of the elements that both seem to have. Of counting filters it is a basic one.",
     combine<&BloomFilter::intersected>},
    {"bloomfilter_internal_state", "function(bf: opaque of bloomfilter): string",
     "A text that is the same for filters with the same bits set.", internalState},
};

}  // namespace

Rows bloomRows() { return rows; }

}  // namespace bulkhead::builtins
