// Values that summarise streams: top-k, HyperLogLog, bloom filters, entropy, globs. And JSON.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/bloom-filter.h"
#include "sdk/script/builtins/support/community-id.h"
#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/builtins/support/entropy.h"
#include "sdk/script/builtins/support/hyper-log-log.h"
#include "sdk/script/builtins/support/json.h"
#include "sdk/script/builtins/support/paraglob.h"
#include "sdk/script/builtins/support/top-k.h"

#include <cmath>
#include <map>

namespace bulkhead::builtins {

namespace {

template <typename Sketch>
struct State final : vm::OpaqueState {
  State(Sketch s, size_t b) : sketch(std::move(s)), size(b) {}
  std::unique_ptr<OpaqueState> clone() const override {
    return std::make_unique<State>(sketch, size);
  }
  size_t bytes() const override { return size; }
  Sketch sketch;
  size_t size;
};

template <typename Sketch>
void returnSketch(NativeCall& call, Sketch sketch, size_t bytes) {
  if (!call.heap().fits(bytes)) return call.fail(outOfMemory);
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<State<Sketch>>(std::move(sketch), bytes)));
}
template <typename Sketch>
Sketch& sketchOf(NativeCall& call, size_t i) {
  return static_cast<State<Sketch>*>(call.opaque(i).state)->sketch;
}

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
  auto out = resultVector(call);
  for (std::string_view key : top.counts.top(call.count(1))) {
    auto found = top.values.find(key);
    if (found == top.values.end()) continue;
    Value copy = found->second;
    const types::Type* type = copy.type();
    if (!out->append(call.heap().box(type, copy.take()))) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}
void topkCount(NativeCall& call) {
  auto found = sketchOf<Top>(call, 0).counts.find(keyBytes(call, call.any(1)));
  call.returnCount(found ? found->count : 0);
}
void topkEpsilon(NativeCall& call) {
  auto found = sketchOf<Top>(call, 0).counts.find(keyBytes(call, call.any(1)));
  call.returnCount(found ? found->epsilon : 0);
}
void topkSize(NativeCall& call) { call.returnCount(sketchOf<Top>(call, 0).counts.size()); }
void topkSum(NativeCall& call) { call.returnCount(sketchOf<Top>(call, 0).counts.sum()); }
template <TopK::Pruning pruning>
void topkMerge(NativeCall& call) {
  Top &into = sketchOf<Top>(call, 0), &from = sketchOf<Top>(call, 1);
  if (&into == &from) return;
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
  SipKey key{0x62756c6b68656164, 0x636f756e74657273};
  sketchOf<HyperLogLog>(call, 0).add(sipHash(key, keyBytes(call, call.any(1))));
  call.returnBool(true);
}
void hllMerge(NativeCall& call) {
  bool merged = sketchOf<HyperLogLog>(call, 0).merge(sketchOf<HyperLogLog>(call, 1));
  if (!merged) call.warn("Cardinality counters with different parameters cannot be merged.");
  call.returnBool(merged);
}
void hllEstimate(NativeCall& call) { call.returnReal(sketchOf<HyperLogLog>(call, 0).estimate()); }

// ---- Bloom filters
void bloomInit(NativeCall& call) {
  double rate = call.real(0);
  if (!(rate > 0 && rate < 1))
    return call.fail("false-positive rate must take value between 0 and 1");
  uint64_t cells = BloomFilter::optimalCells(rate, call.count(1));
  auto filter = BloomFilter::basic(BloomFilter::optimalHashes(cells, call.count(1)), cells,
                                   bloomSeed(call.text(2)));
  if (!filter) return call.fail("bloom filter of a size that cannot be had");
  returnSketch(call, std::move(*filter), cells / 8 + 64);
}
void bloomCountingInit(NativeCall& call) {
  auto filter =
      BloomFilter::counting(call.count(0), call.count(1), call.count(2), bloomSeed(call.text(3)));
  if (!filter) return call.fail("counting bloom filter of a size that cannot be had");
  double width = std::ceil(std::log2(static_cast<double>(call.count(2)) + 1));
  returnSketch(call, std::move(*filter),
               static_cast<size_t>(static_cast<double>(call.count(1)) * width / 8) + 64);
}
void bloomAdd(NativeCall& call) { sketchOf<BloomFilter>(call, 0).add(keyBytes(call, call.any(1))); }
void bloomLookup(NativeCall& call) {
  call.returnCount(sketchOf<BloomFilter>(call, 0).count(keyBytes(call, call.any(1))));
}
void bloomClear(NativeCall& call) { sketchOf<BloomFilter>(call, 0).clear(); }
void bloomMerge(NativeCall& call) {
  BloomFilter &a = sketchOf<BloomFilter>(call, 0), &b = sketchOf<BloomFilter>(call, 1);
  if (!a.compatible(b)) return call.fail("incompatible Bloom filters");
  returnSketch(call, a.merged(b), call.opaque(0).state->bytes());
}

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
void findEntropy(NativeCall& call) {
  EntropyTest test;
  test.add(call.text(0));
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

// ---- JSON

constexpr int maxJsonOut = 200;  // levels

void writeJson(NativeCall& call, JsonWriter& out, TypedSlot value, bool onlyLogged, int depth) {
  value = vm::unboxed(value);
  if (depth > maxJsonOut) return out.null();
  switch (value.type->tag()) {
    case Tag::boolean:
      return out.boolean(value.slot.boolean());
    case Tag::count:
      return out.count(value.slot.count);
    case Tag::integer:
      return out.integer(value.slot.integer);
    case Tag::real:
    case Tag::time:
      return out.real(value.slot.real);
    case Tag::string:
      return out.string(printableUtf8(vm::textOf(value.slot)));
    case Tag::port: {
      out.open('{');
      Port port = value.slot.port();
      out.key("port");
      out.count(port.number);
      out.key("proto");
      out.string(port.transport == Transport::tcp    ? "tcp"
                 : port.transport == Transport::udp  ? "udp"
                 : port.transport == Transport::icmp ? "icmp"
                                                     : "unknown");
      return out.close('}');
    }
    case Tag::record: {
      const vm::RecordObject& record = vm::recordOf(value.slot);
      out.open('{');
      for (uint32_t i = 0; i < record.layout->fieldCount; ++i) {
        const types::Field& field = record.layout->type->field(i);
        if (!record.has(i) || (onlyLogged && !field.log)) continue;
        out.key(field.name);
        writeJson(call, out, {field.type, record.get(i)}, onlyLogged, depth + 1);
      }
      return out.close('}');
    }
    case Tag::vector: {
      const vm::VectorObject& vector = vm::vectorOf(value.slot);
      out.open('[');
      for (uint32_t i = 0; i < vector.size; ++i)
        if (vector.has(i))
          writeJson(call, out, {value.type->asVector().element(), vector.data[i]}, onlyLogged,
                    depth + 1);
        else
          out.null();
      return out.close(']');
    }
    case Tag::set: {
      out.open('[');
      vm::TableObject& set = vm::tableOf(value.slot);
      for (vm::TableWalk walk(set); !walk.done(); walk.advance()) {
        bool several = set.info->keyCount > 1;
        if (several) out.open('[');
        for (uint32_t k = 0; k < set.info->keyCount; ++k)
          writeJson(call, out, {set.info->keyTypes[k], walk.keys()[k]}, onlyLogged, depth + 1);
        if (several) out.close(']');
      }
      return out.close(']');
    }
    case Tag::table: {
      out.open('{');
      vm::TableObject& table = vm::tableOf(value.slot);
      for (vm::TableWalk walk(table); !walk.done(); walk.advance()) {
        std::string key = call.vm().describe({table.info->keyTypes[0], walk.keys()[0]});
        if (table.info->keyCount > 1) {
          // Several indices make a JSON list, which as a name is its text.
          JsonWriter list;
          list.open('[');
          for (uint32_t k = 0; k < table.info->keyCount; ++k)
            writeJson(call, list, {table.info->keyTypes[k], walk.keys()[k]}, onlyLogged, depth + 1);
          list.close(']');
          key = list.take();
        }
        out.key(key);
        writeJson(call, out, {table.info->type->value(), walk.value()}, onlyLogged, depth + 1);
      }
      return out.close('}');
    }
    default:
      return out.string(printableUtf8(call.vm().describe(value)));
  }
}
void toJson(NativeCall& call) {
  JsonWriter out;
  writeJson(call, out, call.any(0), call.boolean(1), 0);
  std::string text = out.take();
  call.charge(text.size() / 16);
  call.returnText(text);
}

constexpr vm::NativeRow rows[] = {
    {"topk_init", "function(size: count): opaque of topk",
     "A count of the most frequent elements that keeps `size` of them.", topkInit},
    {"topk_add", "function(handle: opaque of topk, value: any)", "Counts an element.", topkAdd},
    {"topk_get_top", "function(handle: opaque of topk, k: count): any_vec",
     "The most frequent elements, at least `k`.", topkGetTop},
    {"topk_count", "function(handle: opaque of topk, value: any): count",
     "How often an element was counted.", topkCount},
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
    {"bloomfilter_basic_init",
     "function(fp: double, capacity: count, name: string &default=\"\"): opaque of bloomfilter",
     "A filter for so many elements with that rate of false positives.", bloomInit},
    {"bloomfilter_counting_init",
     "function(k: count, cells: count, max: count, name: string &default=\"\"): opaque of "
     "bloomfilter",
     "A filter that counts each element up to `max`.", bloomCountingInit},
    {"bloomfilter_add", "function(bf: opaque of bloomfilter, x: any)", "Adds an element.",
     bloomAdd},
    {"bloomfilter_lookup", "function(bf: opaque of bloomfilter, x: any): count",
     "0 if the element was surely not added.", bloomLookup},
    {"bloomfilter_clear", "function(bf: opaque of bloomfilter)", "Forgets all elements.",
     bloomClear},
    {"bloomfilter_merge",
     "function(bf1: opaque of bloomfilter, bf2: opaque of bloomfilter): opaque of bloomfilter",
     "A filter of the elements of both.", bloomMerge},
    {"paraglob_init", "function(v: any): opaque of paraglob",
     "A set of globs to be matched at once.", globInit},
    {"paraglob_match", "function(handle: opaque of paraglob, match: string): string_vec",
     "The globs that match a text.", globMatch},
    {"paraglob_equals", "function(p_one: opaque of paraglob, p_two: opaque of paraglob): bool",
     "Whether both have the same globs.",
     [](NativeCall& call) {
       call.returnBool(sketchOf<Paraglob>(call, 0).patterns() ==
                       sketchOf<Paraglob>(call, 1).patterns());
     }},
    {"find_entropy", "function(data: string): entropy_test_result",
     "Measures of the randomness of bytes.", findEntropy},
    {"to_json",
     "function(val: any, only_loggable: bool &default=F, field_escape_pattern: pattern "
     "&default=/^_/): string",
     "The value as JSON.", toJson},
};

}  // namespace

Rows sketchRows() { return rows; }

}  // namespace bulkhead::builtins
