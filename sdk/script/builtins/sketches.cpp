// Values that summarise streams: top-k, HyperLogLog, entropy; and sets of globs.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/sketch-state.h"
#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/builtins/support/entropy.h"
#include "sdk/script/builtins/support/hyper-log-log.h"
#include "sdk/script/builtins/support/paraglob.h"
#include "sdk/script/builtins/support/top-k.h"

#include <cmath>
#include <map>

namespace bulkhead::builtins {

namespace {

// ---- Top-k, with the script values of the elements it keeps.
struct Top {
  TopK counts;
  std::map<std::string, Value, std::less<>> values;
};
void topkInit(NativeCall& call) {
  uint64_t size = call.count(0);
  if (size == 0) return call.fail("topk_init() needs a size above zero");
  returnSketch(call, Top{TopK(size), {}}, 128 * std::min<uint64_t>(size, 1 << 20));
}
void topkAdd(NativeCall& call) {
  if (!acceptsElement<Top>(call, "topk", "elements of differing types")) return;
  Top& top = sketchOf<Top>(call, 0);
  TypedSlot value = call.any(1);
  std::string key = keyBytes(call, value);
  top.counts.add(key);
  top.values.try_emplace(key, Value::share(value.type, value.slot));
  // Elements that fell out leave their values behind until there are too many of them.
  if (top.values.size() > 2 * top.counts.size() + 16)
    std::erase_if(top.values, [&](const auto& entry) { return !top.counts.contains(entry.first); });
}
void topkGetTop(NativeCall& call) {
  Top& top = sketchOf<Top>(call, 0);
  const types::Type* element = stateOf<Top>(call, 0).element;
  auto out = element != nullptr ? boxedVector(call, element) : resultVector(call);
  if (!out) return;
  if (top.counts.empty()) {
    call.warn("topk: there is nothing in it yet");
    return call.returnRef(std::move(out));
  }
  for (std::string_view key : top.counts.top(call.count(1))) {
    auto found = top.values.find(key);
    if (found == top.values.end()) continue;
    Value copy = found->second;
    const types::Type* type = copy.type();
    if (!out->append(call.heap().box(type, copy.take()))) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}
std::optional<TopK::Count> countedElement(NativeCall& call) {
  auto found = sketchOf<Top>(call, 0).counts.find(keyBytes(call, call.any(1)));
  if (!found) call.warn("topk: the element is not among those that are kept");
  return found;
}
void topkCount(NativeCall& call) {
  auto found = countedElement(call);
  call.returnCount(found ? found->count : 0);
}
void topkEpsilon(NativeCall& call) {
  auto found = countedElement(call);
  call.returnCount(found ? found->epsilon : 0);
}
void topkSize(NativeCall& call) { call.returnCount(sketchOf<Top>(call, 0).counts.size()); }
void topkSum(NativeCall& call) {
  const TopK& counts = sketchOf<Top>(call, 0).counts;
  if (counts.pruned())
    call.caution("topk: elements were pruned, so their counts are not in the sum");
  call.returnCount(counts.sum());
}
template <TopK::Pruning pruning>
void topkMerge(NativeCall& call) {
  Top &into = sketchOf<Top>(call, 0), &from = sketchOf<Top>(call, 1);
  if (&into == &from || !sameElements<Top>(call, "topk")) return;
  into.counts.merge(from.counts, pruning);
  for (const auto& [key, value] : from.values) into.values.try_emplace(key, value);
}

// ---- HyperLogLog
void hllInit(NativeCall& call) {
  auto sketch = HyperLogLog::create(call.real(0), call.real(1));
  if (!sketch) return call.fail("hll_cardinality_init() with an error margin that cannot be had");
  double registers = std::pow(1.04 / call.real(0), 2) * 4;
  returnSketch(call, std::move(*sketch), static_cast<size_t>(std::min(registers, 1e9)) + 64);
}
void hllAdd(NativeCall& call) {
  if (!acceptsElement<HyperLogLog>(call, "hll_cardinality_add", "elements of differing types"))
    return call.returnBool(false);
  SipKey key = runKey(call.vm());
  sketchOf<HyperLogLog>(call, 0).add(sipHash(key, keyBytes(call, call.any(1))));
  call.returnBool(true);
}
void hllMerge(NativeCall& call) {
  if (!sameElements<HyperLogLog>(call, "hll_cardinality_merge_into")) return call.returnBool(false);
  bool merged = sketchOf<HyperLogLog>(call, 0).merge(sketchOf<HyperLogLog>(call, 1));
  if (!merged) call.warn("Cardinality counters with different parameters cannot be merged.");
  call.returnBool(merged);
}
void hllEstimate(NativeCall& call) { call.returnReal(sketchOf<HyperLogLog>(call, 0).estimate()); }

// ---- Globs
void globInit(NativeCall& call) {
  std::vector<std::string> patterns;
  size_t bytes = 64;
  vm::VectorObject& given = vm::vectorOf(call.any(0).slot);
  for (uint32_t i = 0; i < given.size; ++i)
    if (given.has(i)) {
      patterns.emplace_back(vm::textOf(given.data[i]));
      bytes += 64 + 32 * patterns.back().size();
    }
  returnSketch(call, Paraglob(std::move(patterns)), bytes);
}
void globMatch(NativeCall& call) {
  returnTexts(call, sketchOf<Paraglob>(call, 0).matches(call.text(1)));
}

// ---- Entropy
void returnEntropy(NativeCall& call, const EntropyTest& test) {
  auto result = test.result();
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  out.real("entropy", result.entropy);
  out.real("chi_square", result.chiSquare);
  out.real("mean", result.mean);
  out.real("monte_carlo_pi", result.monteCarloPi);
  out.real("serial_correlation", result.serialCorrelation);
  call.returnRef(out.take());
}
void entropyInit(NativeCall& call) { returnSketch(call, EntropyTest(), sizeof(EntropyTest)); }
void entropyAdd(NativeCall& call) {
  sketchOf<EntropyTest>(call, 0).add(call.text(1));
  call.charge(call.text(1).size() / 4);
  call.returnBool(true);
}
void entropyFinish(NativeCall& call) { returnEntropy(call, sketchOf<EntropyTest>(call, 0)); }
void findEntropy(NativeCall& call) {
  EntropyTest test;
  test.add(call.text(0));
  call.charge(call.text(0).size() / 4);
  returnEntropy(call, test);
}

constexpr vm::NativeRow rows[] = {
    {"topk_init", "function(size: count): opaque of topk",
     "A count of the most frequent elements that keeps `size` of them.", topkInit},
    {"topk_add", "function(handle: opaque of topk, value: any)",
     "Counts an element. All elements of one counter have one type.", topkAdd},
    {"topk_get_top", "function(handle: opaque of topk, k: count): any_vec",
     "The most frequent elements, at least `k`.", topkGetTop},
    {"topk_count", "function(handle: opaque of topk, value: any): count",
     "How often an element was counted; 0 with an error if it is not kept.", topkCount},
    {"topk_epsilon", "function(handle: opaque of topk, value: any): count",
     "By how much topk_count may be too high.", topkEpsilon},
    {"topk_size", "function(handle: opaque of topk): count", "How many elements are kept.",
     topkSize},
    {"topk_sum", "function(handle: opaque of topk): count", "The sum of all counts.", topkSum},
    {"topk_merge", "function(handle1: opaque of topk, handle2: opaque of topk)",
     "Adds the second's counts to the first.", topkMerge<TopK::Pruning::no>},
    {"topk_merge_prune", "function(handle1: opaque of topk, handle2: opaque of topk)",
     "The same, cut down to the size again.", topkMerge<TopK::Pruning::yes>},
    {"hll_cardinality_init", "function(err: double, confidence: double): opaque of cardinality",
     "A counter of different elements with that error.", hllInit},
    {"hll_cardinality_add", "function(handle: opaque of cardinality, elem: any): bool",
     "Adds an element.", hllAdd},
    {"hll_cardinality_merge_into",
     "function(handle1: opaque of cardinality, handle2: opaque of cardinality): bool",
     "Adds the second's elements to the first.", hllMerge},
    {"hll_cardinality_estimate", "function(handle: opaque of cardinality): double",
     "About how many different elements were added.", hllEstimate},
    {"hll_cardinality_copy", "function(handle: opaque of cardinality): opaque of cardinality",
     "A copy of its own.",
     [](NativeCall& call) {
       returnSketch(call, sketchOf<HyperLogLog>(call, 0), call.opaque(0).state->bytes());
     }},
    {"paraglob_init", "function(v: any): opaque of paraglob",
     "A set of globs to be matched at once.", globInit},
    {"paraglob_match", "function(handle: opaque of paraglob, match: string): string_vec",
     "The globs that match a text, as their fixed parts turn up in it: a glob with two of them is "
     "told at each, if another one was told between; those without any come last.",
     globMatch},
    {"paraglob_equals", "function(p_one: opaque of paraglob, p_two: opaque of paraglob): bool",
     "Whether both have the same globs.",
     [](NativeCall& call) {
       call.returnBool(sketchOf<Paraglob>(call, 0) == sketchOf<Paraglob>(call, 1));
     }},
    {"find_entropy", "function(data: string): entropy_test_result",
     "Measures of the randomness of bytes.", findEntropy},
    {"entropy_test_init", "function(): opaque of entropy",
     "Begins such a test of bytes that come piece by piece.", entropyInit},
    {"entropy_test_add", "function(handle: opaque of entropy, data: string): bool",
     "Adds bytes to the test.", entropyAdd},
    {"entropy_test_finish", "function(handle: opaque of entropy): entropy_test_result",
     "The measures of all bytes added so far, as find_entropy gives them.", entropyFinish},
};

}  // namespace

Rows sketchRows() { return rows; }

}  // namespace bulkhead::builtins
