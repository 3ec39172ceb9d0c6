#include "sdk/script/vm/vm.h"

#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/pattern.h"

#include <gtest/gtest.h>

// Hand-assembled programs: this test links vm without any room that reads source text.

namespace bulkhead::vm {
namespace {

using types::Tag;

class FakeHost : public Host {
 public:
  void print(std::string_view text) override { printed += text; }
  void report(const Report& report) override { reports.push_back(report.message); }
  std::optional<uint64_t> openFile(std::string_view, FileMode, std::string&) override { return 1; }
  bool writeFile(uint64_t, std::string_view bytes) override {
    written += bytes;
    return true;
  }
  bool flushFile(uint64_t) override { return true; }
  void setFileBuffered(uint64_t, bool) override {}
  bool flushAllFiles() override { return true; }
  bool closeFile(uint64_t) override { return true; }

  std::string printed, written;
  std::vector<std::string> reports;
};

// Builds functions out of instructions.
struct Assembly {
  types::TypeTable types;
  Program program;
  const Type* count = types.basic(Tag::count);

  uint32_t code(std::string name, uint32_t parameters, uint32_t managed, uint32_t plain,
                std::vector<Instruction> instructions) {
    Code& code = program.codes.emplace_back();
    code.name = std::move(name);
    code.parameterCount = parameters;
    code.managedEnd = parameters + managed;
    code.registerCount = parameters + managed + plain;
    code.parameterManaged.assign(parameters, 0);
    code.instructions = std::move(instructions);
    code.resultType = count;
    return static_cast<uint32_t>(program.codes.size() - 1);
  }
  uint32_t function(std::string name, types::FuncType& type, uint32_t body) {
    Function function;
    function.name = std::move(name);
    function.type = &type;
    function.bodies.push_back({.code = body});
    program.functions.push_back(std::move(function));
    return static_cast<uint32_t>(program.functions.size() - 1);
  }
};

// fib(n): the classic, two calls deep in each frame.
uint32_t addFib(Assembly& a) {
  auto& type = a.types.function(types::Flavor::function, {{.name = "n", .type = a.count}}, a.count);
  // r0 n, r1, r2 scratch
  uint32_t body = a.code("fib", 1, 0, 2,
                         {{Op::jumpGeCN, 0, 2, 0, 2},
                          {Op::ret, 0},
                          {Op::addII, 1, 0, 0, -1},
                          {Op::call, 1, 0, 0, 0},
                          {Op::addII, 2, 0, 0, -2},
                          {Op::call, 2, 0, 0, 1},
                          {Op::addI, 1, 1, 2},
                          {Op::ret, 1}});
  uint32_t index = a.function("fib", type, body);
  Code& code = a.program.codes[body];
  code.callSites.push_back({index, {{1, false, false, a.count}}});
  code.callSites.push_back({index, {{2, false, false, a.count}}});
  a.program.seal();
  return index;
}

TEST(Vm, a_recursive_function_returns_through_script_frames_alone) {
  Assembly a;
  uint32_t fib = addFib(a);
  FakeHost host;
  Vm vm(a.program, a.types, host, {});
  Slot n = Slot::ofCount(20);
  auto result = vm.call(fib, {&n, 1});
  ASSERT_FALSE(result.abandoned);
  EXPECT_EQ(result.value.slot().count, 6765u);
}

TEST(Vm, recursion_without_end_is_a_run_time_error_and_the_vm_lives_on) {
  Assembly a;
  auto& type = a.types.function(types::Flavor::function, {{.name = "n", .type = a.count}}, a.count);
  uint32_t body = a.code("f", 1, 0, 1, {{Op::call, 1, 0, 0, 0}, {Op::ret, 1}});
  uint32_t f = a.function("f", type, body);
  a.program.codes[body].callSites.push_back({f, {{0, false, false, a.count}}});
  uint32_t fib = addFib(a);
  FakeHost host;
  Vm vm(a.program, a.types, host, {.frames = 100});
  Slot n = Slot::ofCount(10);
  EXPECT_TRUE(vm.call(f, {&n, 1}).abandoned);
  EXPECT_EQ(host.reports, std::vector<std::string>{"too many nested calls"});
  EXPECT_EQ(vm.call(fib, {&n, 1}).value.slot().count, 55u);
}

TEST(Vm, an_endless_loop_ends_when_its_budget_does) {
  Assembly a;
  auto& type = a.types.function(types::Flavor::function, {}, a.count);
  uint32_t body = a.code("spin", 0, 0, 1, {{Op::loop, 1, 0, 0, 0}, {Op::ret, 0}});
  uint32_t spin = a.function("spin", type, body);
  a.program.seal();
  FakeHost host;
  Vm vm(a.program, a.types, host, {.instructions = 1000});
  EXPECT_TRUE(vm.call(spin, {}).abandoned);
  EXPECT_EQ(host.reports, std::vector<std::string>{"instruction budget exceeded"});
  EXPECT_EQ(vm.counters().budgetExceeded, 1u);
}

TEST(Vm, nothing_is_run_any_more_after_the_last_overrun_allowed) {
  Assembly a;
  auto& type = a.types.function(types::Flavor::function, {}, a.count);
  uint32_t spins = a.code("spin", 0, 0, 1, {{Op::loop, 1, 0, 0, 0}, {Op::ret, 0}});
  uint32_t spin = a.function("spin", type, spins);
  uint32_t fib = addFib(a);
  FakeHost host;
  Vm vm(a.program, a.types, host, {.instructions = 1000, .overruns = 2});
  Slot n = Slot::ofCount(1);
  EXPECT_TRUE(vm.call(spin, {}).abandoned);
  EXPECT_FALSE(vm.call(fib, {&n, 1}).abandoned);
  EXPECT_TRUE(vm.call(spin, {}).abandoned);
  const uint64_t instructions = vm.counters().instructions;
  EXPECT_TRUE(vm.call(fib, {&n, 1}).abandoned);
  EXPECT_TRUE(vm.call(spin, {}).abandoned);
  EXPECT_EQ(vm.counters().budgetExceeded, 2u);
  EXPECT_EQ(vm.counters().instructions, instructions);
  EXPECT_EQ(host.reports.size(), 2u);
}

class HeapTest : public ::testing::Test {
 protected:
  types::TypeTable types;
  Heap heap{types};
  const Type* count = types.basic(Tag::count);
  const Type* string = types.basic(Tag::string);
  const Type* addr = types.basic(Tag::addr);

  std::string shown(const Type* type, Slot slot) { return describe(nullptr, {type, slot}); }
};

TEST_F(HeapTest, a_table_iterates_in_order_of_insertion_over_deletions_and_growth) {
  const auto* type = types.table({count}, count);
  auto table = Ref<TableObject>::adopt(heap.table(type));
  for (uint64_t i = 0; i < 1000; ++i) {
    Slot key = Slot::ofCount(i * 7919 % 1000);
    ASSERT_NE(table->insert(&key, Slot::ofCount(i)), TableObject::none);
  }
  for (uint64_t i = 0; i < 1000; ++i) {
    Slot key = Slot::ofCount(i);
    if (i % 3 != 0) {
      EXPECT_TRUE(table->erase(&key));
    }
  }
  for (uint64_t i = 2000; i < 2500; ++i) {
    Slot key = Slot::ofCount(i);
    ASSERT_NE(table->insert(&key, Slot::ofCount(i)), TableObject::none);
  }
  uint64_t last = 0;
  uint32_t seen = 0;
  for (TableWalk walk(*table); !walk.done(); walk.advance(), ++seen) {
    EXPECT_GE(walk.value().count, last);
    last = walk.value().count;
  }
  EXPECT_EQ(seen, table->size());
  EXPECT_EQ(seen, 334u + 500u);
}

TEST_F(HeapTest, ipv4_addresses_need_no_object_and_ipv6_ones_are_found_by_value) {
  const auto* type = types.set({addr});
  auto set = Ref<TableObject>::adopt(heap.table(type));
  size_t before = heap.bytesInUse();
  Slot v4 = heap.addr(*IpAddr::parse("10.1.2.3"));
  EXPECT_EQ(heap.bytesInUse(), before);
  Slot v6 = heap.addr(*IpAddr::parse("2001:db8::1"));
  ASSERT_NE(set->insert(&v4, Slot::unset()), TableObject::none);
  ASSERT_NE(set->insert(&v6, Slot::unset()), TableObject::none);
  Slot again = heap.addr(*IpAddr::parse("2001:db8::1"));
  EXPECT_NE(set->find(&again), TableObject::none);
  release(again);
  Slot other = heap.addr(*IpAddr::parse("10.1.2.4"));
  EXPECT_EQ(set->find(&other), TableObject::none);
}

TEST_F(HeapTest, the_longest_prefix_wins) {
  const auto* type = types.table({types.basic(Tag::subnet)}, count);
  auto table = Ref<TableObject>::adopt(heap.table(type));
  uint64_t n = 0;
  for (const char* text : {"10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "2001:db8::/32"}) {
    Slot key = heap.subnet(*Subnet::parse(text));
    ASSERT_NE(table->insert(&key, Slot::ofCount(n++)), TableObject::none);
  }
  auto find = [&](const char* text, uint8_t width) {
    uint32_t entry = table->findCovering({*IpAddr::parse(text), width});
    return entry == TableObject::none ? UINT64_MAX : table->valueOf(entry)->count;
  };
  EXPECT_EQ(find("10.1.2.3", 32), 1u);
  EXPECT_EQ(find("10.2.2.3", 32), 0u);
  EXPECT_EQ(find("11.2.2.3", 32), 2u);
  EXPECT_EQ(find("2001:db8::5", 128), 3u);
  EXPECT_EQ(find("2001:db9::5", 128), UINT64_MAX);
}

TEST_F(HeapTest, a_chain_of_a_million_records_is_freed_without_a_million_frames) {
  auto& type = types.makeRecord("Link");
  type.add({.name = "next", .type = &type, .optional = true});
  Slot head = Slot::unset();
  for (int i = 0; i < 1'000'000; ++i) {
    RecordObject* record = heap.blankRecord(heap.layout(&type));
    if (!head.isUnset()) record->set(0, head);
    head = Slot::ofObject(record);
  }
  size_t before = heap.bytesInUse();
  release(head);
  EXPECT_LT(heap.bytesInUse(), before / 100);
}

TEST_F(HeapTest, growth_past_the_hard_limit_is_refused_and_what_was_there_stays) {
  heap.setLimits({.hard = heap.bytesInUse() + 4096});
  auto vector = Ref<VectorObject>::adopt(heap.vector(types.vector(count)));
  uint32_t accepted = 0;
  while (vector->append(Slot::ofCount(accepted))) ++accepted;
  EXPECT_EQ(vector->size, accepted);
  EXPECT_GT(accepted, 100u);
  EXPECT_EQ(heap.string(std::string(10000, 'x')), nullptr);
}

TEST_F(HeapTest, memory_of_large_objects_is_used_again_and_names_its_heap) {
  for (size_t size : {2000u, 5000u, 60000u, 200000u}) {
    StringObject* first = heap.string(std::string(size, 'a'));
    const size_t inUse = heap.bytesInUse();
    release(Slot::ofObject(first));
    EXPECT_LE(heap.bytesInUse() + size, inUse);
    StringObject* second = heap.string(std::string(size, 'b'));
    EXPECT_EQ(heap.bytesInUse(), inUse) << size;
    EXPECT_EQ(&Heap::of(second), &heap);
    EXPECT_EQ(textOf(Slot::ofObject(second)), std::string(size, 'b'));
    release(Slot::ofObject(second));
  }
}

TEST_F(HeapTest, small_objects_of_every_size_stay_apart) {
  std::vector<std::pair<StringObject*, std::string>> all;
  for (size_t size = 1; size < 1100; size += 7) {
    for (int i = 0; i < 9; ++i) {
      std::string text(size, static_cast<char>('a' + i));
      all.emplace_back(heap.string(text), text);
    }
  }
  for (const auto& [object, text] : all) {
    EXPECT_EQ(&Heap::of(object), &heap);
    EXPECT_EQ(textOf(Slot::ofObject(object)), text);
    release(Slot::ofObject(object));
  }
}

TEST_F(HeapTest, values_print_as_the_language_shows_them) {
  EXPECT_EQ(shown(types.basic(Tag::real), Slot::ofReal(3)), "3.0");
  EXPECT_EQ(shown(types.basic(Tag::real), Slot::ofReal(3.14)), "3.14");
  EXPECT_EQ(shown(types.basic(Tag::real), Slot::ofReal(1e20)), "1e+20");
  EXPECT_EQ(shown(types.basic(Tag::interval), Slot::ofReal(0)), "0 secs");
  EXPECT_EQ(shown(types.basic(Tag::interval), Slot::ofReal(90061.5)),
            "1.0 day 1.0 hr 1.0 min 1.0 sec 500.0 msecs");
  EXPECT_EQ(shown(types.basic(Tag::interval), Slot::ofReal(-7200)), "-2.0 hrs");
  auto text = Ref<StringObject>::adopt(heap.string(std::string_view("a\\\x01\xff", 4)));
  EXPECT_EQ(shown(string, text.slot()), "a\\\\x01\\xff");
  auto set = Ref<TableObject>::adopt(heap.table(types.set({count})));
  EXPECT_EQ(shown(types.set({count}), set.slot()), "{\n\n}");
  Slot one = Slot::ofCount(1);
  ASSERT_NE(set->insert(&one, Slot::unset()), TableObject::none);
  EXPECT_EQ(shown(types.set({count}), set.slot()), "{\n1\n}");
  EXPECT_EQ(describe(nullptr, {types.set({count}), set.slot()}, describeRaw), "{\n\t1\n}");
}

TEST(Pattern, of_plain_characters_alone_is_found_like_any_other) {
  std::string error;
  struct Case {
    const char* pattern;
    std::string_view subject;
    int64_t begin;  // -1: not there
    int64_t size;
  };
  for (const Case& c :
       {Case{",", "a,b", 1, 1}, Case{",", "ab", -1, 0}, Case{"a\\.b", "xa.b", 1, 3},
        Case{"a\\.b", "xaxb", -1, 0}, Case{"\"a.b\"c", "aa.bc", 1, 4}, Case{"\\x41b", "xAb", 1, 2},
        Case{"a|", "b", 0, 0}, Case{"ab?", "xab", 1, 2}, Case{"ab{2}", "abb", 0, 3},
        Case{"(a)", "ba", 1, 1}, Case{"^a", "ba", -1, 0}, Case{"a$", "ab", -1, 0},
        Case{"[ab]", "xb", 1, 1}, Case{"a.", "xab", 1, 2}}) {
    auto pattern = CompiledPattern::compile(c.pattern, {}, error);
    ASSERT_NE(pattern, nullptr) << error;
    size_t begin = 0;
    size_t end = 0;
    EXPECT_EQ(pattern->find(c.subject, 0, begin, end), c.begin >= 0) << c.pattern;
    EXPECT_EQ(pattern->matchesAnywhere(c.subject), c.begin >= 0) << c.pattern;
    if (c.begin < 0) continue;
    EXPECT_EQ(begin, static_cast<size_t>(c.begin)) << c.pattern;
    EXPECT_EQ(end - begin, static_cast<size_t>(c.size)) << c.pattern;
    EXPECT_EQ(pattern->longestAt(c.subject, begin), c.size) << c.pattern;
    EXPECT_TRUE(pattern->matchesWhole(c.subject.substr(begin, end - begin))) << c.pattern;
    EXPECT_FALSE(pattern->matchesWhole(std::string(c.subject) + "~")) << c.pattern;
  }
  auto comma = CompiledPattern::compile(",", {}, error);
  size_t begin = 0;
  size_t end = 0;
  EXPECT_FALSE(comma->find("a,b", 2, begin, end));
  EXPECT_EQ(comma->longestAt("a,b", 0), -1);
  EXPECT_EQ(comma->longestAt("a,b", 3), -1);
  auto folded = CompiledPattern::compile("ab", {.ignoreCase = true}, error);
  EXPECT_TRUE(folded->matchesWhole("AB"));
}

TEST(Pattern, keeps_the_languages_meaning) {
  std::string error;
  auto match = [&](const char* text, std::string_view subject, CompiledPattern::Flags flags = {}) {
    auto pattern = CompiledPattern::compile(text, flags, error);
    EXPECT_NE(pattern, nullptr) << error;
    return pattern != nullptr && pattern->matchesWhole(subject);
  };
  EXPECT_TRUE(match("foo|bar", "bar"));
  EXPECT_FALSE(match("foo|bar", "xbar"));
  EXPECT_TRUE(match("\"a.b\"", "a.b"));
  EXPECT_FALSE(match("\"a.b\"", "axb"));
  EXPECT_FALSE(match(".", "\n"));
  EXPECT_TRUE(match(".", "\n", {.singleLine = true}));
  EXPECT_TRUE(match("abc", "aBC", {.ignoreCase = true}));
  EXPECT_FALSE(match("\"abc\"", "aBC", {.ignoreCase = true}));
  EXPECT_TRUE(match("(a+?){2,3}", "aaa"));
  EXPECT_TRUE(match("\\x41[[:digit:]]+", "A12"));
  EXPECT_TRUE(match("[^a-c]", "\n"));
  EXPECT_TRUE(match("\\d", "d"));
  EXPECT_EQ(CompiledPattern::compile("a{6,5}", {}, error), nullptr);
  EXPECT_EQ(CompiledPattern::compile("(a", {}, error), nullptr);
  auto a = CompiledPattern::compile("foo", {}, error);
  auto b = CompiledPattern::compile("bar", {.ignoreCase = true}, error);
  auto either = CompiledPattern::either(*a, *b, error);
  EXPECT_EQ(either->text(), "/(^?(foo)$?)|((?i:^?(bar)$?))/");
  EXPECT_TRUE(either->matchesWhole("BAR"));
  EXPECT_TRUE(CompiledPattern::inSequence(*a, *b, error)->matchesWhole("fooBaR"));
  EXPECT_TRUE(a->matchesAnywhere("xfoox"));
}

TEST(Pattern, is_as_long_as_its_limit_says) {
  std::string error;
  std::string longest(CompiledPattern::maxText - 6, 'a');  // and the frame that print shows
  EXPECT_NE(CompiledPattern::compile(longest, {}, error), nullptr) << error;
  EXPECT_EQ(CompiledPattern::compile(longest + "a", {}, error), nullptr);
  EXPECT_EQ(error, "pattern too long (more than 65536 bytes)");
}

TEST(Pattern, repeats_as_often_as_its_limit_says) {
  std::string error;
  EXPECT_NE(CompiledPattern::compile("a{1000}", {}, error), nullptr) << error;
  EXPECT_EQ(CompiledPattern::compile("a{1001}", {}, error), nullptr);
  EXPECT_EQ(error, "repeat count too large");
}

TEST(Pattern, that_would_be_huge_once_compiled_is_refused_at_once) {
  std::string error;
  for (const char* text : {"((a{1000}){1000}){1000}", "((((((a?){50}){50}){50}){50}){50})",
                           "(((x+x+)+y{300}){300}){300}"})
    EXPECT_EQ(CompiledPattern::compile(text, {}, error), nullptr) << text;
  EXPECT_NE(error, "");
}

TEST(Pattern, takes_linear_time_where_backtracking_would_take_for_ever) {
  std::string error;
  auto pattern = CompiledPattern::compile("(a*)*b", {}, error);
  ASSERT_NE(pattern, nullptr) << error;
  EXPECT_FALSE(pattern->matchesWhole(std::string(100'000, 'a')));
}

TEST(Pattern, groups_nest_as_deep_as_the_limit_says) {
  std::string error;
  auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '(') + "a" +
           std::string(static_cast<size_t>(depth), ')');
  };
  EXPECT_NE(CompiledPattern::compile(nested(200), {}, error), nullptr) << error;
  EXPECT_EQ(CompiledPattern::compile(nested(201), {}, error), nullptr);
  EXPECT_EQ(error, "groups nest too deep");
}

}  // namespace
}  // namespace bulkhead::vm
