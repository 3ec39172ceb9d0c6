#include "tests/fuzz/programs/compare.h"
#include "tests/fuzz/programs/evaluate.h"
#include "tests/fuzz/programs/generate.h"
#include "tests/fuzz/programs/write.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>

namespace bulkhead::programs {
namespace {

std::vector<uint8_t> bytesOf(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint8_t> bytes(1500);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

void collect(const Expr& e, std::set<Op>& ops) {
  ops.insert(e.op);
  for (const Expr& arg : e.args) collect(arg, ops);
}
void collect(const std::vector<Stmt>& all, std::set<Op>& ops, std::set<Step>& steps) {
  for (const Stmt& s : all) {
    steps.insert(s.step);
    for (const Expr& e : s.exprs) collect(e, ops);
    collect(s.body, ops, steps);
    collect(s.otherwise, ops, steps);
    for (const Case& one : s.cases) collect(one.body, ops, steps);
  }
}

TEST(Programs, OfNoBytesThereIsTheSimplestProgram) {
  const Outcome outcome = compare(generate({}));
  EXPECT_EQ(outcome.is, Outcome::Is::same) << outcome.text << outcome.expected << outcome.printed;
}

// As many as fit a test run; the fuzz target goes on from there.
TEST(Programs, TheEngineDoesWhatTheTreeSays) {
  size_t same = 0;
  size_t failing = 0;
  std::set<Op> ops;
  std::set<Step> steps;
  constexpr uint64_t programs = 400;
  for (uint64_t seed = 0; seed < programs; ++seed) {
    Program program = generate(bytesOf(seed));
    for (const Body& body : program.bodies) collect(body.steps, ops, steps);
    const Outcome outcome = compare(std::move(program));
    if (outcome.is == Outcome::Is::unknown) continue;
    ASSERT_EQ(outcome.printed, outcome.expected) << "seed " << seed << "\n" << outcome.text;
    ++same;
    if (outcome.expected.find("! ") != std::string::npos) ++failing;
  }
  EXPECT_GT(same, programs / 2) << "most say something";
  EXPECT_GT(failing, programs / 20) << "runtime errors are among them";
  EXPECT_EQ(ops.size(), static_cast<size_t>(Op::subset) + 1) << "every expression occurs";
  EXPECT_EQ(steps.size(), static_cast<size_t>(Step::raise) + 1) << "every statement occurs";
}

TEST(Programs, AnEngineThatErredWouldBeSeen) {
  size_t changed = 0;
  size_t seen = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Outcome outcome = compare(generate(bytesOf(seed)));
    if (outcome.is != Outcome::Is::same) continue;
    // As if the engine had subtracted where it was told to add, one place at a time.
    const std::string& text = outcome.text;
    for (size_t at = text.find(" + "); at != text.npos; at = text.find(" + ", at + 1)) {
      std::string wrong = text;
      wrong[at + 1] = '-';
      const std::string printed = runEngine(wrong);
      // A text that is refused, as a difference of strings is, says nothing about running.
      if (printed.starts_with("not taken: ")) continue;
      ++changed;
      if (printed != outcome.expected) ++seen;
    }
  }
  // Few: much of a program is never reached, or its result never printed.
  EXPECT_GT(changed, 100U);
  EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace bulkhead::programs
